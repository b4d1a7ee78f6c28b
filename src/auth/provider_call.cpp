#include "auth/provider_call.hpp"

#include <utility>

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "net/url.hpp"

namespace pintle::auth {

bool is_safe_url(std::string_view url) {
    for (const char c : url) {
        if (c <= ' ' || c >= 0x7f || c == '\\' || c == '"') return false;
    }
    const std::string host = net::url_host(url);
    // A user in a URL serves only to make it look like another host's.
    const std::size_t end = url.find_first_of("/?#", url.find("://") + 3);
    if (host.empty() || url.substr(0, end).find('@') != std::string_view::npos) return false;
    return url.starts_with("https://") || (url.starts_with("http://") && net::is_loopback(host));
}

std::string form_of(const net::QueryParams& params) {
    std::string form;
    for (const auto& [name, value] : params) {
        if (!form.empty()) form += '&';
        form += net::percent_encode(name) + "=" + net::percent_encode(value);
    }
    return form;
}

std::string provider_words(std::string_view text) {
    std::string words = to_valid_utf8(text.substr(0, 300));
    for (char& c : words) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
    }
    return words;
}

Result<ProviderAnswer> call_provider(const std::string& provider, net::ClientRequest request) {
    if (!is_safe_url(request.url)) {
        return fail(ErrorCode::kInvalid, "{} cannot be asked at {}: only https is allowed, and http to this machine",
                    provider, net::url_origin(request.url));
    }
    request.headers.add("Accept", "application/json");
    request.headers.add("User-Agent", "pintle");
    request.timeout = std::chrono::seconds(10);
    request.response_limit_bytes = 1 << 20;
    const auto response = net::HttpClient().send(request);
    if (!response) {
        return fail(ErrorCode::kUnavailable, "{} could not be asked: {}; try again later", provider,
                    response.error().message);
    }
    json::JsonLimits limits;
    limits.max_nodes = 100'000;
    auto body = json::parse_json(response->body, limits);
    if (!body || !body->is_object()) {
        return fail(ErrorCode::kUnavailable, "{} answered with status {} and no JSON object at {}; try again later",
                    provider, response->status, net::url_origin(request.url));
    }
    return ProviderAnswer{response->status, std::move(*body)};
}

Result<json::Value> get_from_provider(const std::string& provider, const std::string& url,
                                      const std::string& access_token) {
    net::ClientRequest request;
    request.url = url;
    if (!access_token.empty()) request.headers.add("Authorization", "Bearer " + access_token);
    ProviderAnswer answer = TRY(call_provider(provider, std::move(request)));
    if (answer.status != 200) {
        return fail(ErrorCode::kUnavailable, "{} answered with status {} at {}; try again later", provider,
                    answer.status, net::url_origin(url));
    }
    return std::move(answer.body);
}

}  // namespace pintle::auth
