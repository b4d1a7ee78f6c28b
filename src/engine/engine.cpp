#include "engine/engine.hpp"

#include "base/text.hpp"

namespace pintle::engine {

std::string AttemptId::str() const { return fmt::format("{}.{}.{}", job.str(), replica, attempt); }

std::optional<AttemptId> AttemptId::parse(std::string_view text) {
    const std::vector<std::string> parts = split(text, '.');
    if (parts.size() != 3 || !looks_like_ulid(parts[0]) || parts[1].empty()) return std::nullopt;
    const auto attempt = parse_int(parts[2]);
    if (!attempt || *attempt < 1 || *attempt > 1'000'000) return std::nullopt;
    return AttemptId{domain::JobId(parts[0]), parts[1], static_cast<int>(*attempt)};
}

Result<void> Engine::prepare_image(const domain::JobId&, const std::string& image,
                                   const std::function<void(std::string)>&) {
    return fail(ErrorCode::kInvalid, "the image {} cannot be used: this engine runs no images", image);
}

Result<std::string> Engine::own_address(const AttemptId&) { return std::string(); }

std::map<AttemptId, Usage> Engine::usage(const std::vector<AttemptId>&) { return {}; }
std::map<std::string, Usage> Engine::machine_usage() { return {}; }
Result<std::vector<DeviceUsage>> Engine::device_usage() { return std::vector<DeviceUsage>(); }

}  // namespace pintle::engine
