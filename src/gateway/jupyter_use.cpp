#include "gateway/jupyter_use.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "gateway/door.hpp"
#include "json/json_text.hpp"

namespace pintle::gateway {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr std::size_t kAnswerBytes = 1 << 20;

/// "2026-03-01T12:00:00.123456Z": Python writes microseconds.
Time moment_of(const json::Value& value) {
    if (!value.is_string()) return {};
    std::string text = value.as_string();
    const std::size_t dot = text.find('.');
    if (dot != std::string::npos && text.size() > dot + 4)
        text.erase(dot + 4, text.find_last_of("0123456789") - dot - 3);
    return time_from_iso(text).value_or(Time{});
}

Result<json::Value> list_from(std::string_view text) {
    json::Value value = TRY(json::parse_json(text));
    if (!value.is_array()) return fail(ErrorCode::kUnavailable, "the answer is not Jupyter's");
    return value;
}

Result<std::string> get(net::HttpClient& client, const Endpoint& endpoint, std::string_view path) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    net::ClientRequest request;
    request.url = fmt::format("http://{}{}{}:{}{}{}", v6 ? "[" : "", endpoint.host, v6 ? "]" : "", endpoint.port,
                              prefix_of(endpoint.project, endpoint.name), path);
    request.headers.add("Authorization", "token " + endpoint.token);
    request.timeout = kPatience;
    request.response_limit_bytes = kAnswerBytes;
    net::Response answer = TRY(client.send(request));
    if (answer.status == 404) return std::string("[]");  // Terminals can be switched off.
    if (answer.status != 200) return fail(ErrorCode::kUnavailable, "Jupyter answered with status {}", answer.status);
    return std::move(answer.body);
}

}  // namespace

Result<Use> read_jupyter(const Endpoint& endpoint, std::string_view kernels, std::string_view terminals) {
    const json::Value kernel_list = TRY(list_from(kernels));
    const json::Value terminal_list = TRY(list_from(terminals));
    Use use;
    use.job = endpoint.job;
    for (const json::Value& kernel : kernel_list.as_array()) {
        const json::Value& state = kernel["execution_state"];
        use.busy = use.busy || (state.is_string() && state.as_string() == "busy");
        use.last_activity = std::max(use.last_activity, moment_of(kernel["last_activity"]));
    }
    for (const json::Value& terminal : terminal_list.as_array())
        use.last_activity = std::max(use.last_activity, moment_of(terminal["last_activity"]));
    return use;
}

Result<Use> ask_jupyter(net::HttpClient& client, const Endpoint& endpoint) {
    const std::string kernels = TRY(get(client, endpoint, "/api/kernels?no_track_activity=1"));
    const std::string terminals = TRY(get(client, endpoint, "/api/terminals?no_track_activity=1"));
    return read_jupyter(endpoint, kernels, terminals);
}

}  // namespace pintle::gateway
