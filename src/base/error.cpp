#include "base/error.hpp"

#include <array>

#include <fmt/core.h>

namespace pintle {
namespace {

struct CodeRow {
    ErrorCode code;
    std::string_view name;
    int http;
    int exit;
};

// The one table: wire name, HTTP status, exit code.
constexpr std::array kCodes{
    CodeRow{ErrorCode::kInvalid, "invalid", 400, 2},
    CodeRow{ErrorCode::kNotFound, "not_found", 404, 3},
    CodeRow{ErrorCode::kConflict, "conflict", 409, 4},
    CodeRow{ErrorCode::kDenied, "denied", 403, 5},
    CodeRow{ErrorCode::kUnauthorized, "unauthorized", 401, 5},
    CodeRow{ErrorCode::kExhausted, "exhausted", 429, 6},
    CodeRow{ErrorCode::kUnavailable, "unavailable", 503, 7},
    CodeRow{ErrorCode::kTimeout, "timeout", 504, 8},
    CodeRow{ErrorCode::kCancelled, "cancelled", 409, 9},
    CodeRow{ErrorCode::kCorrupt, "corrupt", 500, 1},
    CodeRow{ErrorCode::kInternal, "internal", 500, 1},
};

const CodeRow& row(ErrorCode code) {
    for (const CodeRow& candidate : kCodes) {
        if (candidate.code == code) return candidate;
    }
    return kCodes.back();
}

}  // namespace

Error Error::context(std::string_view doing) const {
    Error wrapped = *this;
    wrapped.message = fmt::format("{}: {}", doing, message);
    return wrapped;
}

std::string_view to_string(ErrorCode code) { return row(code).name; }

ErrorCode error_code_from(std::string_view name) {
    for (const CodeRow& candidate : kCodes) {
        if (candidate.name == name) return candidate.code;
    }
    return ErrorCode::kInternal;
}

int http_status(ErrorCode code) { return row(code).http; }
int exit_code(ErrorCode code) { return row(code).exit; }

std::string to_string(const Fault& fault) {
    std::string text = fault.path.empty() ? fault.message : fmt::format("{}: {}", fault.path, fault.message);
    if (fault.line > 0) text += fmt::format(" (line {})", fault.line);
    return text;
}

std::string describe(const Error& error) {
    std::string text = error.message;
    for (const Fault& fault : error.details) text += "\n  " + to_string(fault);
    return text;
}

}  // namespace pintle
