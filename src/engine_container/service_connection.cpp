#include "engine_container/service_connection.hpp"

#include "base/log.hpp"
#include "os/file.hpp"

namespace pintle::engine_container {

bool is_away(const Error& error) { return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout; }

Result<Connected> ServiceConnection::connect() {
    if (!given_up_.empty()) return fail(ErrorCode::kUnavailable, "{}", given_up_);
    if (const auto known = found_.with([](const auto& value) { return value; })) return *known;
    std::string why = sockets_fault_;
    for (const std::string& socket : sockets_) {
        if (!os::exists(socket)) continue;
        const Service candidate(socket);
        auto info = candidate.info();
        if (info) {
            const Connected found{candidate, std::move(*info)};
            found_.with([&](auto& value) { value = found; });
            trouble_.with([](std::string& text) { text.clear(); });
            log::info("containers.service",
                      {{"socket", socket}, {"name", found.info.name}, {"version", found.info.version}});
            return found;
        }
        why = fmt::format("the container service at {} does not answer: {}", socket, info.error().message);
    }
    if (why.empty())
        why =
            "no container service is there; install podman and start its service (systemctl enable --now "
            "podman.socket), or Docker";
    trouble_.with([&](std::string& text) { text = why; });
    return fail(ErrorCode::kUnavailable, "{}", why);
}

void ServiceConnection::lost(const Error& error) {
    found_.with([](auto& value) { value.reset(); });
    trouble_.with([&](std::string& text) { text = "the container service does not answer: " + error.message; });
}

std::string ServiceConnection::fault() const {
    if (!given_up_.empty()) return given_up_;
    return trouble_.with([](const std::string& text) { return text; });
}

}  // namespace pintle::engine_container
