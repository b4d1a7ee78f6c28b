#include "api/answer.hpp"

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "net/url.hpp"

namespace pintle::api {
namespace {

constexpr std::string_view kTooLarge = "body";
constexpr std::string_view kNoSpace = "space";

int status_of(const Error& error, ErrorCode code) {
    if (error.code != ErrorCode::kExhausted || error.details.size() != 1) return http_status(code);
    const std::string& mark = error.details[0].path;
    return mark == kTooLarge ? 413 : mark == kNoSpace ? 507 : http_status(code);
}

json::Value place_value(int number) { return number > 0 ? json::Value(number) : json::Value(); }

}  // namespace

void add_common_headers(net::Headers& headers) {
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
}

net::Response text_answer(std::string text, std::string_view content_type, int status) {
    net::Response response{status, {{"Content-Type", std::string(content_type)}}, std::move(text)};
    return response;
}

net::Response json_answer(const json::Value& value, int status) {
    return text_answer(json::to_json(value) + "\n", "application/json", status);
}

Error too_large(std::string_view what, std::size_t limit_bytes) {
    const std::string limit = bytes_in_words(static_cast<std::int64_t>(limit_bytes));
    Fault fault{std::string(kTooLarge), fmt::format("at most {}", limit), 0, 0};
    return Error{ErrorCode::kExhausted, fmt::format("{} may be {} at most", what, limit), {std::move(fault)}, {}};
}

Error no_space(std::string message) {
    Fault fault{std::string(kNoSpace), "there is no room for it", 0, 0};
    return Error{ErrorCode::kExhausted, std::move(message), {std::move(fault)}, {}};
}

json::Value fault_value(const Fault& fault) {
    return json::Value::object({{"path", fault.path},
                                {"message", fault.message},
                                {"line", place_value(fault.line)},
                                {"column", place_value(fault.column)}});
}

net::Response error_answer(const Error& error, const std::string& request_id) {
    const bool ours = error.code == ErrorCode::kCorrupt;
    const ErrorCode code = ours                                  ? ErrorCode::kInternal
                           : error.code == ErrorCode::kCancelled ? ErrorCode::kConflict
                                                                 : error.code;
    json::Array details;
    for (const Fault& fault : error.details) details.push_back(fault_value(fault));
    const json::Value body = json::Value::object({{"code", to_string(code)},
                                                  {"message", error.message},
                                                  {"details", json::Value(std::move(details))},
                                                  {"request_id", request_id}});
    net::Response response = json_answer(body, status_of(error, code));
    if (code == ErrorCode::kUnauthorized) response.headers.set("WWW-Authenticate", "Bearer");
    return response;
}

std::string attachment(std::string_view file_name) {
    std::string plain;
    for (const char c : file_name) {
        const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                          c == '-' || c == '_';
        plain += safe ? c : '_';
    }
    if (plain == file_name) return fmt::format("attachment; filename=\"{}\"", plain);
    return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain,
                       net::percent_encode(to_valid_utf8(file_name)));
}

json::Value page_value(json::Array items, const std::string& next_cursor) {
    return json::Value::object({{"items", json::Value(std::move(items))}, {"next_cursor", text_or_null(next_cursor)}});
}

json::Value time_value(Time time) { return time == Time{} ? json::Value() : json::Value(to_iso(time)); }

json::Value text_or_null(const std::string& text) { return text.empty() ? json::Value() : json::Value(text); }

}  // namespace pintle::api
