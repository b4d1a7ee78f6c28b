#include "auth/jwt.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "auth/base64url.hpp"
#include "auth/jwk.hpp"
#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::auth {
namespace {

constexpr double kLeewaySeconds = 60;
constexpr std::size_t kMaxSubjectBytes = 255;

tl::unexpected<Error> refuse(std::string_view sentence) { return fail(ErrorCode::kUnauthorized, "{}", sentence); }

/// The JSON object in one part of the token. A member that is there twice is a fault of the text.
Result<json::Value> read_part(std::string_view part, std::string_view name) {
    const auto text = from_base64url(part);
    if (!text) return fail(ErrorCode::kUnauthorized, "the token's {} is not proper base64url", name);
    json::JsonLimits limits;
    limits.max_bytes = kMaxJwtBytes;
    limits.max_depth = 16;
    auto value = json::parse_json(*text, limits);
    if (!value) return fail(ErrorCode::kUnauthorized, "the token's {} does not read: {}", name, value.error().message);
    if (!value->is_object()) return fail(ErrorCode::kUnauthorized, "the token's {} is not a JSON object", name);
    return std::move(*value);
}

struct Header {
    JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
    std::string key_id;
};

Result<Header> read_header(std::string_view part) {
    const json::Value value = TRY(read_part(part, "header"));
    const json::Value& algorithm = value["alg"];
    if (!algorithm.is_string()) return refuse("the token does not say how it is signed");
    Header header;
    header.algorithm = TRY(jwt_algorithm_from(algorithm.as_string()));
    if (value.has("crit")) return refuse("the token needs an extension that is not understood here (\"crit\")");
    const json::Value& type = value["typ"];
    if (!type.is_null() && (!type.is_string() || to_lower(type.as_string()) != "jwt")) {
        return refuse("the token is of another type than \"JWT\"");
    }
    const json::Value& id = value["kid"];
    if (!id.is_null() && (!id.is_string() || id.as_string().empty())) return refuse("the token's key id is not a text");
    if (id.is_string()) header.key_id = id.as_string();
    return header;
}

bool is_text(const json::Value& value, std::string_view text) { return value.is_string() && value.as_string() == text; }

/// What a claim says, cut for a sentence.
std::string shown(const json::Value& value) { return to_valid_utf8(json::to_json(value).substr(0, 200)); }

Result<void> check_audience(const json::Value& claims, const std::string& audience) {
    const json::Value& aud = claims["aud"];
    const auto names_us = [&](const json::Value& one) { return is_text(one, audience); };
    const bool listed = aud.is_array() && std::any_of(aud.as_array().begin(), aud.as_array().end(), names_us);
    if (!listed && !names_us(aud)) {
        return fail(ErrorCode::kUnauthorized, "the token is for the audience {}, not for \"{}\"", shown(aud), audience);
    }
    const json::Value& azp = claims["azp"];
    if (azp.is_null() && aud.is_array() && aud.size() > 1) {
        return refuse("the token is for several audiences and does not say which asked for it (\"azp\")");
    }
    if (!azp.is_null() && !names_us(azp)) {
        return fail(ErrorCode::kUnauthorized, "the token was made for {}, not for \"{}\"", shown(azp), audience);
    }
    return {};
}

/// Seconds since 1970; nothing when the claim is absent.
Result<std::optional<double>> time_claim(const json::Value& claims, std::string_view name) {
    const json::Value& value = claims[name];
    if (value.is_null()) return std::nullopt;
    if (!value.is_number() || !std::isfinite(value.as_double())) {
        return fail(ErrorCode::kUnauthorized, "the token's \"{}\" is not a time but {}", name, shown(value));
    }
    return value.as_double();
}

Result<double> required_time_claim(const json::Value& claims, std::string_view name) {
    const auto time = TRY(time_claim(claims, name));
    if (!time) return fail(ErrorCode::kUnauthorized, "the token has no time \"{}\"", name);
    return *time;
}

Result<void> check_times(const json::Value& claims, Time now) {
    const double seconds = static_cast<double>(to_ms(now)) / 1000;
    const double expires = TRY(required_time_claim(claims, "exp"));
    const double issued = TRY(required_time_claim(claims, "iat"));
    const double not_before = TRY(time_claim(claims, "nbf")).value_or(seconds);
    if (expires + kLeewaySeconds <= seconds) return refuse("the token has expired; sign in again");
    if (not_before > seconds + kLeewaySeconds) {
        return refuse("the token is not valid yet; the clock here or at the provider is wrong");
    }
    if (issued > seconds + kLeewaySeconds) {
        return refuse("the token was issued in the future; the clock here or at the provider is wrong");
    }
    return {};
}

}  // namespace

Result<json::Value> verify_jwt(std::string_view token, const json::Value& key_set) {
    if (token.size() > kMaxJwtBytes) {
        return fail(ErrorCode::kUnauthorized, "the token has {} bytes; at most {} are accepted", token.size(),
                    kMaxJwtBytes);
    }
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return refuse("the token does not have three parts");
    }
    const Header header = TRY(read_header(token.substr(0, first)));
    const auto signature = from_base64url(token.substr(second + 1));
    if (!signature) return refuse("the token's signature is not proper base64url");
    const json::Value key = TRY(find_key(key_set, header.algorithm, header.key_id));
    if (!TRY(is_signed(key, header.algorithm, token.substr(0, second), *signature))) {
        return refuse("the token's signature is not the provider's");
    }
    return read_part(token.substr(first + 1, second - first - 1), "content");
}

Result<void> check_claims(const json::Value& claims, const ClaimRules& rules) {
    if (!is_text(claims["iss"], rules.issuer)) {
        return fail(ErrorCode::kUnauthorized, "the token is of the issuer {}, not of \"{}\"", shown(claims["iss"]),
                    rules.issuer);
    }
    TRY(check_audience(claims, rules.audience));
    TRY(check_times(claims, rules.now));
    if (!is_text(claims["nonce"], rules.nonce)) return refuse("the token was made for another sign-in (\"nonce\")");
    const json::Value& subject = claims["sub"];
    if (!subject.is_string() || subject.as_string().empty() || subject.as_string().size() > kMaxSubjectBytes) {
        return refuse("the token does not say who signed in (\"sub\")");
    }
    return {};
}

}  // namespace pintle::auth
