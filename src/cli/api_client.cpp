#include "cli/api_client.hpp"

#include <algorithm>
#include <random>

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "net/url.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kPage = 1000;

ErrorCode code_of_status(int status) {
    switch (status) {
        case 400:
        case 405:
        case 415: return ErrorCode::kInvalid;
        case 401: return ErrorCode::kUnauthorized;
        case 403: return ErrorCode::kDenied;
        case 404: return ErrorCode::kNotFound;
        case 409:
        case 412: return ErrorCode::kConflict;
        case 413:
        case 429: return ErrorCode::kExhausted;
        case 502:
        case 503: return ErrorCode::kUnavailable;
        case 504: return ErrorCode::kTimeout;
        default: return ErrorCode::kInternal;
    }
}

std::string text_in(const json::Value& object, std::string_view key) {
    return object[key].is_string() ? object[key].as_string() : "";
}

int number_in(const json::Value& object, std::string_view key) {
    return object[key].is_int() ? static_cast<int>(std::clamp<std::int64_t>(object[key].as_int(), 0, 1 << 30)) : 0;
}

Error error_of(const net::Response& response, const std::string& origin) {
    Error error;
    error.code = code_of_status(response.status);
    const auto body = json::parse_json(response.body);
    if (!body || !(*body)["message"].is_string()) {
        error.message = fmt::format("{} answered {} {}; is it a Pintle server?", origin, response.status,
                                    net::reason_phrase(response.status));
        return error;
    }
    if ((*body)["code"].is_string()) error.code = error_code_from((*body)["code"].as_string());
    error.message = (*body)["message"].as_string();
    if ((*body)["details"].is_array()) {
        for (const json::Value& fault : (*body)["details"].as_array()) {
            error.details.push_back({text_in(fault, "path"), text_in(fault, "message"), number_in(fault, "line"),
                                     number_in(fault, "column")});
        }
    }
    if (error.code == ErrorCode::kInternal) error.message += fmt::format(" (request {})", text_in(*body, "request_id"));
    return error;
}

std::string random_key() {
    std::random_device device;
    return fmt::format("cli-{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

Result<void> append_page(json::Value answer, ApiClient::Page& page) {
    json::Value* items = answer.find("items");
    if (items == nullptr || !items->is_array()) {
        return fail(ErrorCode::kInternal, "the server's answer has no list; is it a Pintle server?");
    }
    for (json::Value& item : items->as_array()) page.items.push(std::move(item));
    page.next_cursor = answer["next_cursor"];
    page.commit = answer["commit"];
    return {};
}

/// What a command says to whom the server does not know.
Error with_way_in(Error error) {
    if (error.code == ErrorCode::kUnauthorized)
        error.message += "\nsign in with: pintle login, or pass a token with --token or PINTLE_TOKEN";
    return error;
}

bool is_good(const net::Response& response) { return response.status >= 200 && response.status < 300; }

}  // namespace

std::string segment(std::string_view text) { return net::percent_encode(text); }

std::string query(const std::vector<std::pair<std::string, std::string>>& params) {
    std::string out;
    for (const auto& [name, value] : params) {
        if (value.empty()) continue;
        out += fmt::format("{}{}={}", out.empty() ? "?" : "&", name, net::percent_encode(value));
    }
    return out;
}

Result<ServerPlace> ApiClient::place() {
    if (!place_) place_ = TRY(find_server(wish_, env_));
    return *place_;
}

Result<net::ClientRequest> ApiClient::request(const Call& call) {
    const ServerPlace place = TRY(this->place());
    net::ClientRequest request;
    request.method = call.method;
    request.url = place.url + "/api/v1" + call.path;
    request.headers = call.headers;
    request.body = call.body;
    request.timeout = call.timeout;
    if (!call.content_type.empty()) request.headers.add("Content-Type", call.content_type);
    if (!place.token.empty() && !call.as_nobody) request.headers.add("Authorization", "Bearer " + place.token);
    if (call.once) request.headers.add("Idempotency-Key", random_key());
    return request;
}

/// A server of this machine that does not answer is one that does not run.
Error ApiClient::unreachable(Error error) const {
    const bool silent = error.code == ErrorCode::kUnavailable && error.message.starts_with("could not reach");
    return place_ && place_->local && silent ? no_server_error() : error;
}

Result<net::Response> ApiClient::exchange(const Call& call) {
    const net::ClientRequest request = TRY(this->request(call));
    auto response = http_.send(request);
    // The same key again: the server answers with what the first one made, if it arrived.
    if (!response && call.once && response.error().code == ErrorCode::kUnavailable) response = http_.send(request);
    if (!response) return fail(unreachable(response.error()));
    if (!is_good(*response)) {
        Error error = error_of(*response, net::url_origin(request.url));
        return fail(call.as_nobody ? std::move(error) : with_way_in(std::move(error)));
    }
    return response;
}

Result<std::string> ApiClient::text(const Call& call) {
    net::Response response = TRY(exchange(call));
    return std::move(response.body);
}

Result<json::Value> ApiClient::call(const Call& call) {
    const net::Response response = TRY(exchange(call));
    if (response.body.empty()) return json::Value();
    auto body = json::parse_json(response.body);
    if (!body) return fail(ErrorCode::kInternal, "the answer of {} is not JSON; is it a Pintle server?", place_->url);
    return body;
}

Result<json::Value> ApiClient::get(const std::string& path) { return call({.path = path}); }

Result<json::Value> ApiClient::send_json(const std::string& method, const std::string& path, const json::Value& body,
                                         bool once) {
    return call({.method = method,
                 .path = path,
                 .body = body.is_null() ? "" : json::to_json(body),
                 .content_type = body.is_null() ? "" : "application/json",
                 .once = once});
}

Result<ApiClient::Page> ApiClient::list(const std::string& path,
                                        std::vector<std::pair<std::string, std::string>> params, std::size_t most) {
    Page page;
    params.emplace_back("limit", "");
    params.emplace_back("cursor", "");
    while (page.items.size() < most) {
        params[params.size() - 2].second = std::to_string(std::min(most - page.items.size(), kPage));
        json::Value answer = TRY(get(path + query(params)));
        const std::size_t before = page.items.size();
        TRY(append_page(std::move(answer), page));
        const bool none = page.items.size() == before;
        if (!page.next_cursor.is_string() || none) break;
        params.back().second = page.next_cursor.as_string();
    }
    return page;
}

Result<ApiClient::Page> ApiClient::whole_list(const std::string& path) {
    Page page;
    json::Value answer = TRY(get(path));
    TRY(append_page(std::move(answer), page));
    return page;
}

Result<void> ApiClient::stream(const Call& call, Duration idle_timeout, const OnChunk& on_chunk) {
    net::ClientRequest request = TRY(this->request(call));
    request.idle_timeout = idle_timeout;
    const auto response = http_.stream(request, on_chunk);
    if (!response) return fail(unreachable(response.error()));
    if (!is_good(*response)) return fail(with_way_in(error_of(*response, net::url_origin(request.url))));
    return {};
}

bool Patience::wait() {
    if (spent_ >= kWhole) return false;
    sleep_(next_);
    spent_ += next_;
    next_ = std::min(next_ * 2, kMost);
    return true;
}

bool is_passing(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
}

}  // namespace pintle::cli
