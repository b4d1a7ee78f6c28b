#include "auth/jwt.hpp"

#include <doctest/doctest.h>

#include "auth/base64url.hpp"
#include "auth/test_keys.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::auth;
using json::Value;

namespace {

const Time kTokenNow = time_from_ms(1'700'000'000'000);
constexpr std::int64_t kTokenSeconds = 1'700'000'000;

Value header(const char* algorithm, const char* id = "k1") {
    return Value::object({{"alg", algorithm}, {"kid", id}, {"typ", "JWT"}});
}

Value claims() {
    return Value::object({{"iss", "https://id.example"}, {"sub", "248289761001"}, {"aud", "pintle"},
                          {"exp", kTokenSeconds + 300}, {"iat", kTokenSeconds - 5}, {"nonce", "n-0S6"}});
}

Value with(Value value, std::string_view name, Value member) {
    value.set(name, std::move(member));
    return value;
}

Value without(Value value, std::string_view name) {
    value.remove(name);
    return value;
}

Value rsa_keys() { return key_set_of({rsa_test_key().jwk("k1")}); }

std::string refusal(std::string_view token, const Value& keys, ErrorCode code = ErrorCode::kUnauthorized) {
    const Result<Value> result = verify_jwt(token, keys);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == code);
    return result.error().message;
}

std::string refusal_of_header(const Value& value) { return refusal(rsa_test_key().token(value, claims()), rsa_keys()); }

/// A token of those texts, signed well.
std::string signed_token(std::string_view header_text, std::string_view claims_text) {
    const std::string text = base64url(header_text) + "." + base64url(claims_text);
    return text + "." + base64url(rsa_test_key().sign("RS256", text));
}

std::string claim_fault(const Value& value) {
    const Result<void> result = check_claims(value, {"https://id.example", "pintle", "n-0S6", kTokenNow});
    if (result) return "";
    CHECK(result.error().code == ErrorCode::kUnauthorized);
    return result.error().message;
}

}  // namespace

TEST_CASE("base64url is read only as it is written") {
    CHECK(base64url("\xfb\xff\xfe") == "-__-");
    CHECK(from_base64url("-__-") == "\xfb\xff\xfe");
    CHECK(from_base64url("") == "");
    CHECK(base64url("a") == "YQ");
    CHECK(from_base64url("YQ") == "a");
    for (const char* wrong : {"YQ==", "YR", "Y", "+//+", "Y Q", "YQ\n", " YQ", "YQ.", "YWJ", "ä"}) {
        CAPTURE(wrong);
        CHECK(from_base64url(wrong) == std::nullopt);
    }
    CHECK(from_base64url(std::string_view("YQ\0", 3)) == std::nullopt);
}

TEST_CASE("a token of each accepted algorithm gives its claims") {
    const TestKey p256(TestKey::Kind::kP256);
    const TestKey ed25519(TestKey::Kind::kEd25519);
    const Value keys = key_set_of({rsa_test_key().jwk("rsa"), p256.jwk("ec"), ed25519.jwk("ed")});
    CHECK(verify_jwt(rsa_test_key().token(header("RS256", "rsa"), claims()), keys).value() == claims());
    CHECK(verify_jwt(rsa_test_key().token(header("PS256", "rsa"), claims()), keys).value() == claims());
    CHECK(verify_jwt(p256.token(header("ES256", "ec"), claims()), keys).value() == claims());
    CHECK(verify_jwt(ed25519.token(header("EdDSA", "ed"), claims()), keys).value() == claims());
    // The header names another algorithm than the signature is of.
    const std::string text =
        base64url(json::to_json(header("PS256", "rsa"))) + "." + base64url(json::to_json(claims()));
    CHECK(refusal(text + "." + base64url(rsa_test_key().sign("RS256", text)), keys) ==
          "the token's signature is not the provider's");
}

TEST_CASE("a token without a key id is taken when only one key fits") {
    const TestKey p256(TestKey::Kind::kP256);
    const Value bare = Value::object({{"alg", "RS256"}});
    const std::string token = rsa_test_key().token(bare, claims());
    CHECK(verify_jwt(token, key_set_of({rsa_test_key().jwk("a"), p256.jwk("b")})).has_value());
    CHECK(refusal(token, key_set_of({rsa_test_key().jwk("a"), rsa_test_key().jwk("b")})) ==
          "the token does not say which of the provider's 2 keys for RS256 signed it");
    CHECK(refusal(token, key_set_of({}), ErrorCode::kNotFound) == "the provider has no key for RS256");
}

TEST_CASE("a token that is not signed, or signed with a shared secret, is refused") {
    for (const char* algorithm : {"none", "None", "NONE", "HS256", "HS512", "RS384", "ES512", "rs256", ""}) {
        CHECK(refusal_of_header(header(algorithm)) == std::string("the token is signed by \"") + algorithm +
                                                          "\"; only RS256, PS256, ES256 and EdDSA are accepted");
    }
    CHECK(refusal_of_header(without(header("RS256"), "alg")) == "the token does not say how it is signed");
    CHECK(refusal_of_header(with(header("RS256"), "alg", 5)) == "the token does not say how it is signed");
    const std::string text = base64url(json::to_json(header("RS256"))) + "." + base64url(json::to_json(claims()));
    CHECK(refusal(text + ".", rsa_keys()) == "the token's signature is not the provider's");
}

TEST_CASE("a token whose content or signature was changed is refused") {
    const std::string token = rsa_test_key().token(header("RS256"), claims());
    const std::size_t second = token.rfind('.');
    const std::string other = base64url(json::to_json(with(claims(), "sub", "admin")));
    CHECK(refusal(token.substr(0, token.find('.') + 1) + other + token.substr(second), rsa_keys()) ==
          "the token's signature is not the provider's");
    std::string changed = token;
    changed[second + 10] = changed[second + 10] == 'A' ? 'B' : 'A';
    CHECK(refusal(changed, rsa_keys()) == "the token's signature is not the provider's");
    const TestKey stranger(TestKey::Kind::kRsa);
    CHECK(refusal(stranger.token(header("RS256"), claims()), rsa_keys()) ==
          "the token's signature is not the provider's");
    const TestKey p256(TestKey::Kind::kP256);
    const std::string ec_text = base64url(json::to_json(header("ES256"))) + "." + base64url(json::to_json(claims()));
    for (const std::size_t size : {0, 1, 63, 64, 65, 72}) {
        CHECK(refusal(ec_text + "." + base64url(std::string(size, '\0')), key_set_of({p256.jwk("k1")})) ==
              "the token's signature is not the provider's");
    }
}

TEST_CASE("a key that the provider does not have is told apart, because it may have new ones") {
    const std::string token = rsa_test_key().token(header("RS256", "k2"), claims());
    CHECK(refusal(token, rsa_keys(), ErrorCode::kNotFound) == "the provider has no key with the id \"k2\"");
    CHECK(refusal(rsa_test_key().token(Value::object({{"alg", "ES256"}}), claims()), rsa_keys(),
                  ErrorCode::kNotFound) == "the provider has no key for ES256");
}

TEST_CASE("a key that is not for the token's algorithm is refused") {
    const TestKey p256(TestKey::Kind::kP256);
    const TestKey p384(TestKey::Kind::kP384);
    const auto told = [](const char* algorithm, const Value& key) {
        return refusal(rsa_test_key().token(header(algorithm), claims()), key_set_of({key}));
    };
    const Value rsa = rsa_test_key().jwk("k1");
    CHECK(told("RS256", p256.jwk("k1")) ==
          "the token is signed by RS256, but the provider's key \"k1\" is of type \"EC\"");
    CHECK(told("ES256", rsa) == "the token is signed by ES256, but the provider's key \"k1\" is of type \"RSA\"");
    CHECK(told("EdDSA", rsa) == "the token is signed by EdDSA, but the provider's key \"k1\" is of type \"RSA\"");
    CHECK(told("ES256", p384.jwk("k1")) ==
          "the token is signed by ES256, but the provider's key \"k1\" is of the curve \"P-384\"");
    CHECK(told("RS256", with(rsa, "use", "enc")) ==
          "the token is signed by RS256, but the provider's key \"k1\" is not for signatures");
    CHECK(told("RS256", with(rsa, "key_ops", Value::list_of(std::vector<std::string>{"encrypt"}))) ==
          "the token is signed by RS256, but the provider's key \"k1\" is not for signatures");
    CHECK(told("RS256", with(rsa, "alg", "PS256")) ==
          "the token is signed by RS256, but the provider's key \"k1\" is for PS256 only");
    CHECK(told("RS256", with(rsa, "kty", "oct")) ==
          "the token is signed by RS256, but the provider's key \"k1\" is of type \"oct\"");
}

TEST_CASE("a key that is weak, damaged or there twice is refused") {
    const std::string token = rsa_test_key().token(header("RS256"), claims());
    const Value rsa = rsa_test_key().jwk("k1");
    const TestKey weak(TestKey::Kind::kWeakRsa);
    CHECK(refusal(token, key_set_of({weak.jwk("k1")})) ==
          "the provider's RSA key \"k1\" has 1024 bits; 2048 to 8192 are needed");
    CHECK(refusal(token, key_set_of({with(rsa, "n", "AQAB=")})) ==
          "the provider's key \"k1\" has no proper member \"n\"");
    CHECK(refusal(token, key_set_of({without(rsa, "e")})) == "the provider's key \"k1\" has no proper member \"e\"");
    CHECK(refusal(token, key_set_of({with(rsa, "e", "AQ")})) == "the provider's key \"k1\" is damaged");
    CHECK(refusal(token, key_set_of({rsa, rsa})) == "the provider has 2 keys with the id \"k1\"");
    CHECK(refusal(token, Value::object({{"keys", "none"}})) == "the provider's key set has no list \"keys\"");
    CHECK(refusal(token, Value()) == "the provider's key set has no list \"keys\"");
    CHECK(refusal(token, key_set_of({Value("k1"), Value(5), Value()}), ErrorCode::kNotFound) ==
          "the provider has no key with the id \"k1\"");
    const TestKey p256(TestKey::Kind::kP256);
    const std::string ec_token = p256.token(header("ES256"), claims());
    const Value off_curve = with(p256.jwk("k1"), "y", base64url(std::string(32, '\x01')));
    CHECK(refusal(ec_token, key_set_of({off_curve})) == "the provider's key \"k1\" is damaged");
    const TestKey ed(TestKey::Kind::kEd25519);
    CHECK(refusal(ed.token(header("EdDSA"), claims()), key_set_of({with(ed.jwk("k1"), "x", "AAAA")})) ==
          "the provider's key \"k1\" is damaged");
}

TEST_CASE("a token that is too large or not of three parts is refused") {
    CHECK(refusal(std::string(65537, 'a'), rsa_keys()) == "the token has 65537 bytes; at most 65536 are accepted");
    for (const char* token : {"", "a", "a.b", "a.b.c.d", "a.b.c.d.e"}) {
        CAPTURE(token);
        CHECK(refusal(token, rsa_keys()) == "the token does not have three parts");
    }
}

TEST_CASE("a token in another base64 than its own is refused") {
    const std::string good = rsa_test_key().token(header("RS256"), claims());
    CHECK(refusal("e30=" + good.substr(good.find('.')), rsa_keys()) == "the token's header is not proper base64url");
    CHECK(refusal(good + "=", rsa_keys()) == "the token's signature is not proper base64url");
    CHECK(refusal(good + "\n", rsa_keys()) == "the token's signature is not proper base64url");
    const std::string text = base64url(json::to_json(header("RS256"))) + ".YR";
    CHECK(refusal(text + "." + base64url(rsa_test_key().sign("RS256", text)), rsa_keys()) ==
          "the token's content is not proper base64url");
}

TEST_CASE("a token whose JSON is wrong or says something twice is refused") {
    CHECK(refusal(signed_token("[]", "{}"), rsa_keys()) == "the token's header is not a JSON object");
    const std::string head = json::to_json(header("RS256"));
    CHECK(refusal(signed_token(head, "5"), rsa_keys()) == "the token's content is not a JSON object");
    CHECK(refusal(signed_token("{", "{}"), rsa_keys()).starts_with("the token's header does not read: "));
    CHECK(refusal(signed_token(head, R"({"sub":"a","sub":"b"})"), rsa_keys()) ==
          "the token's content does not read: this is not valid JSON: the key \"sub\" is there twice; first on line 1 "
          "(line 1, column 12)");
    CHECK(refusal(signed_token(R"({"alg":"RS256","alg":"none"})", "{}"), rsa_keys()) ==
          "the token's header does not read: this is not valid JSON: the key \"alg\" is there twice; first on line 1 "
          "(line 1, column 16)");
}

TEST_CASE("a token of another type, or one that needs an extension, is refused") {
    CHECK(refusal_of_header(with(header("RS256"), "typ", "at+jwt")) == "the token is of another type than \"JWT\"");
    CHECK(refusal_of_header(with(header("RS256"), "typ", 1)) == "the token is of another type than \"JWT\"");
    CHECK(refusal_of_header(with(header("RS256"), "crit", Value::list_of(std::vector<std::string>{"b64"}))) ==
          "the token needs an extension that is not understood here (\"crit\")");
    CHECK(refusal_of_header(with(header("RS256"), "kid", 7)) == "the token's key id is not a text");
    CHECK(refusal_of_header(with(header("RS256"), "kid", "")) == "the token's key id is not a text");
    CHECK(verify_jwt(rsa_test_key().token(without(header("RS256"), "typ"), claims()), rsa_keys()).has_value());
}

TEST_CASE("claims made for this sign-in are accepted, with a minute of leeway") {
    CHECK(claim_fault(claims()) == "");
    CHECK(claim_fault(with(claims(), "exp", kTokenSeconds - 59)) == "");
    CHECK(claim_fault(with(claims(), "iat", kTokenSeconds + 60)) == "");
    CHECK(claim_fault(with(claims(), "nbf", kTokenSeconds + 60)) == "");
    CHECK(claim_fault(with(claims(), "exp", 1'700'000'000.5)) == "");
    CHECK(claim_fault(with(claims(), "aud", Value::list_of(std::vector<std::string>{"pintle"}))) == "");
    CHECK(claim_fault(with(claims(), "azp", "pintle")) == "");
    const Value several = with(claims(), "aud", Value::list_of(std::vector<std::string>{"other", "pintle"}));
    CHECK(claim_fault(with(several, "azp", "pintle")) == "");
}

TEST_CASE("each claim that was not made for this sign-in has its own refusal") {
    CHECK(claim_fault(with(claims(), "iss", "https://id.example/")) ==
          "the token is of the issuer \"https://id.example/\", not of \"https://id.example\"");
    CHECK(claim_fault(without(claims(), "iss")) == "the token is of the issuer null, not of \"https://id.example\"");
    CHECK(claim_fault(with(claims(), "aud", "other")) == "the token is for the audience \"other\", not for \"pintle\"");
    CHECK(claim_fault(without(claims(), "aud")) == "the token is for the audience null, not for \"pintle\"");
    CHECK(claim_fault(with(claims(), "aud", Value::array())) == "the token is for the audience [], not for \"pintle\"");
    const Value several = with(claims(), "aud", Value::list_of(std::vector<std::string>{"other", "pintle"}));
    CHECK(claim_fault(several) == "the token is for several audiences and does not say which asked for it (\"azp\")");
    CHECK(claim_fault(with(several, "azp", "other")) == "the token was made for \"other\", not for \"pintle\"");
    CHECK(claim_fault(with(claims(), "azp", "other")) == "the token was made for \"other\", not for \"pintle\"");
    CHECK(claim_fault(with(claims(), "exp", kTokenSeconds - 60)) == "the token has expired; sign in again");
    CHECK(claim_fault(without(claims(), "exp")) == "the token has no time \"exp\"");
    CHECK(claim_fault(without(claims(), "iat")) == "the token has no time \"iat\"");
    CHECK(claim_fault(with(claims(), "exp", "later")) == "the token's \"exp\" is not a time but \"later\"");
    CHECK(claim_fault(with(claims(), "nbf", true)) == "the token's \"nbf\" is not a time but true");
    CHECK(claim_fault(with(claims(), "nbf", kTokenSeconds + 61)) ==
          "the token is not valid yet; the clock here or at the provider is wrong");
    CHECK(claim_fault(with(claims(), "iat", kTokenSeconds + 61)) ==
          "the token was issued in the future; the clock here or at the provider is wrong");
    CHECK(claim_fault(with(claims(), "nonce", "other")) == "the token was made for another sign-in (\"nonce\")");
    CHECK(claim_fault(without(claims(), "nonce")) == "the token was made for another sign-in (\"nonce\")");
    CHECK(claim_fault(without(claims(), "sub")) == "the token does not say who signed in (\"sub\")");
    CHECK(claim_fault(with(claims(), "sub", "")) == "the token does not say who signed in (\"sub\")");
    CHECK(claim_fault(with(claims(), "sub", std::string(256, 'a'))) ==
          "the token does not say who signed in (\"sub\")");
}
