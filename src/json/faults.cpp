#include "json/faults.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"

namespace pintle::json {

void Faults::add(std::vector<Fault>& to, Fault fault) {
    if (to.size() < limit_) {
        to.push_back(std::move(fault));
    } else {
        ++dropped_;
    }
}

Result<void> Faults::result(std::string_view what) const {
    if (ok()) return {};
    const std::string count = errors_.size() < limit_ ? count_of(static_cast<std::int64_t>(errors_.size()), "fault")
                                                      : fmt::format("{} faults or more", limit_);
    Error error;
    error.code = ErrorCode::kInvalid;
    error.message = fmt::format("{} has {}", what, count);
    error.details = errors_;
    std::stable_sort(error.details.begin(), error.details.end(), [](const Fault& a, const Fault& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    return fail(std::move(error));
}

}  // namespace pintle::json
