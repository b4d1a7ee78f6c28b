#include "auth/base64url.hpp"
#include "auth/cookie.hpp"
#include "auth/jwt.hpp"
#include "auth/provider_call.hpp"
#include "auth/secret.hpp"
#include "auth/sign_in_guard.hpp"
#include "auth/sign_in_state.hpp"
#include "base/text.hpp"
#include "fuzzing.hpp"

using namespace pintle;
using namespace pintle::fuzzing;
using json::Value;

namespace {

/// The public keys of RFC 8037 A.2 and RFC 7515 A.3, for which nobody finds a signature by chance.
Value key_set() {
    const Value ed25519 = Value::object(
        {{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", "a"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}});
    const Value p256 = Value::object({{"kty", "EC"},
                                      {"crv", "P-256"},
                                      {"kid", "b"},
                                      {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                                      {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}});
    return Value::object({{"keys", Value(json::Array{ed25519, p256})}});
}

void check_cookies(std::string_view text) {
    std::string again;
    const auto cookies = auth::parse_cookies(text);
    for (const auto& [name, value] : cookies) again += name + "=" + value + "; ";
    require(auth::parse_cookies(again) == cookies, "cookies that were read are read again as they were", again);
}

void check_origin(std::string_view text) {
    const std::string origin = "https://" + std::string(text);
    const bool same = auth::same_origin({{"Origin", origin}}, "pintle.example:8443").has_value();
    require(same == (to_lower(text) == "pintle.example:8443"), "no other origin is the same", origin);
    if (auth::same_origin({{"Referer", origin}}, "pintle.example:8443")) {
        require(to_lower(text).starts_with("pintle.example:8443"), "no other page is of the same origin", origin);
    }
}

void check_paths(std::string_view text) {
    if (auth::is_local_path(text)) {
        require(text.size() == 1 || (text[1] != '/' && text[1] != '\\'), "a local path has no host", text);
    }
    if (auth::is_safe_url(text)) require(text.starts_with("https://") || text.starts_with("http://"), "safe", text);
}

}  // namespace

// One text as everything that a stranger's browser or provider sends; its lines as the parts of a token.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Value keys = key_set();
    const std::string_view text = as_text(data, size);
    check_cookies(text);
    check_origin(text);
    check_paths(text);
    if (const auto bytes = auth::from_base64url(text)) {
        require(auth::base64url(*bytes) == text, "base64url has one spelling", text);
    }
    require(auth::from_base64url(auth::base64url(text)) == text, "base64url gives back the bytes", text);
    require(!auth::verify_jwt(text, keys), "no text is a signed token by chance", text);
    std::vector<std::string> parts = split(text, '\n');
    for (std::string& part : parts) part = auth::base64url(part);
    require(!auth::verify_jwt(join(parts, "."), keys), "no text is a signed token by chance", text);
    require(!auth::looks_like_secret(auth::kSessionPrefix, text), "no text is a secret by chance", text);
    require(!auth::open_sign_in(text, std::string(32, 'k'), Time{}), "no text is a sealed cookie by chance", text);
    const std::string network = auth::network_of(text);
    require(network.size() <= 104, "a network has a bounded name", network);
    return 0;
}
