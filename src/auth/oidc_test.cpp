#include "auth/oidc.hpp"

#include <doctest/doctest.h>

#include "auth/fake_provider.hpp"
#include "auth/provider_call.hpp"
#include "base/text.hpp"

using namespace pintle;
using namespace pintle::auth;
using json::Value;
using Behaviour = FakeProvider::Behaviour;

namespace {

const Time kSignInNow = time_from_ms(FakeProvider::kNow * 1000);
const std::string kRedirect = "https://pintle.example/sign-in/keycloak";
const std::string kKey(32, 'k');

OidcConfig config_of(const FakeProvider& fake) {
    OidcConfig config;
    config.name = "keycloak";
    config.issuer = fake.url();
    config.client_id = "pintle";
    config.client_secret = "hush: 100%";
    return config;
}

OidcConfig github_config(const FakeProvider& fake) {
    OidcConfig config = config_of(fake);
    config.name = "github";
    config.kind = OidcConfig::Kind::kGithub;
    config.issuer += '/';  // makes no difference there
    config.api = fake.url();
    return config;
}

/// A provider, this server's side of it, and one sign-in from beginning to end.
struct Bench {
    FakeProvider fake;
    std::unique_ptr<OidcProvider> oidc = OidcProvider::open(config_of(fake), kKey).value();

    explicit Bench(const std::function<void(Behaviour&)>& change = {}) {
        if (change) fake.behave(change);
    }
    [[nodiscard]] OidcProvider::Begun begin() const {
        return oidc->begin(kRedirect, "/jobs?page=2", kSignInNow).value();
    }
    OidcProvider::Callback at_provider(const OidcProvider::Begun& begun) {
        const net::QueryParams query = fake.sign_in(begun.redirect_url);
        return {*query.find("code"), *query.find("state"), "", "", ""};
    }
    Result<OidcUser> sign_in(Time now = kSignInNow) {
        const auto begun = begin();
        return oidc->finish(at_provider(begun), begun.state_cookie, kRedirect, now);
    }
    std::string refusal(ErrorCode code = ErrorCode::kUnauthorized, Time now = kSignInNow) {
        return told(sign_in(now), code);
    }
    static std::string told(const Result<OidcUser>& result, ErrorCode code = ErrorCode::kUnauthorized) {
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().code == code);
        return result.error().message;
    }
};

std::string distrust(const std::string& why) { return "what keycloak says of you cannot be trusted: " + why; }

}  // namespace

TEST_CASE("a sign-in at a provider says who it is and where they wanted to go") {
    Bench bench;
    const OidcUser user = bench.sign_in().value();
    CHECK(user.identity == domain::ExternalIdentity{bench.fake.url(), "subject-7"});
    CHECK(user.user_name == "ana");
    CHECK(user.email == "ana@example.org");
    CHECK(user.email_verified);
    CHECK(user.display_name == "Ana Lee");
    CHECK(user.return_to == "/jobs?page=2");
    CHECK(bench.fake.seen().user_infos == 0);
}

TEST_CASE("the browser is sent to the provider with all that the flow needs") {
    Bench bench;
    const auto begun = bench.begin();
    const std::string start = bench.fake.url() + "/authorize?tenant=a&response_type=code&client_id=pintle&redirect_uri="
                              "https%3A%2F%2Fpintle.example%2Fsign-in%2Fkeycloak&scope=openid%20profile%20email&state=";
    CHECK(begun.redirect_url.starts_with(start));
    CHECK(begun.redirect_url.find("&code_challenge_method=S256&nonce=") != std::string::npos);
    const SignInState state = open_sign_in(begun.state_cookie, kKey, kSignInNow).value();
    CHECK(begun.redirect_url.find(state.verifier) == std::string::npos);
    CHECK(begun.redirect_url.find("&code_challenge=" + code_challenge(state.verifier)) != std::string::npos);
}

TEST_CASE("the client's secret goes where the provider wants it") {
    SUBCASE("into the header unless it says otherwise") {
        Bench bench;
        REQUIRE(bench.sign_in().has_value());
        CHECK(bench.fake.seen().authorization.starts_with("Basic "));
        CHECK(bench.fake.seen().form.find("client_secret") == nullptr);
    }
    SUBCASE("into the body where it takes nothing else") {
        Bench bench([](Behaviour& behaviour) {
            behaviour.change_discovery = [](Value& document) {
                document.set("token_endpoint_auth_methods_supported",
                             Value::list_of(std::vector<std::string>{"private_key_jwt", "client_secret_post"}));
            };
        });
        REQUIRE(bench.sign_in().has_value());
        CHECK(bench.fake.seen().authorization == "");
    }
    SUBCASE("nowhere for a public client") {
        Bench bench([](Behaviour& behaviour) { behaviour.client_secret = ""; });
        OidcConfig config = config_of(bench.fake);
        config.client_secret = "";
        bench.oidc = OidcProvider::open(config, kKey).value();
        REQUIRE(bench.sign_in().has_value());
        CHECK(bench.fake.seen().authorization == "");
        CHECK(bench.fake.seen().form.find("client_secret") == nullptr);
    }
}

TEST_CASE("an answer that belongs to another sign-in is refused") {
    Bench bench;
    const auto mine = bench.begin();
    const auto theirs = bench.begin();
    CHECK(Bench::told(bench.oidc->finish(bench.at_provider(theirs), mine.state_cookie, kRedirect, kSignInNow)) ==
          "the answer of keycloak belongs to another sign-in; sign in again, in one tab at a time");
    OidcProvider::Callback callback = bench.at_provider(mine);
    callback.state = "";
    CHECK(Bench::told(bench.oidc->finish(callback, mine.state_cookie, kRedirect, kSignInNow)) ==
          "the answer of keycloak belongs to another sign-in; sign in again, in one tab at a time");
    // Nobody asked for a token then.
    CHECK(bench.fake.seen().form.size() == 0);
}

TEST_CASE("a sign-in without its cookie, or after ten minutes, is refused") {
    Bench bench;
    const auto begun = bench.begin();
    const auto callback = bench.at_provider(begun);
    CHECK(Bench::told(bench.oidc->finish(callback, "", kRedirect, kSignInNow)) ==
          "this browser has not begun a sign-in here within 10 minutes, or keeps no cookies; sign in again");
    CHECK(Bench::told(bench.oidc->finish(callback, "AAAA", kRedirect, kSignInNow)) ==
          "the cookie of the sign-in is not this server's; sign in again");
    CHECK(Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow + kSignInTime)) ==
          "the sign-in took longer than 10 minutes; sign in again");
}

TEST_CASE("the cookie of one provider does not serve at another") {
    Bench bench;
    OidcConfig other = config_of(bench.fake);
    other.name = "dex";
    const auto dex = OidcProvider::open(other, kKey).value();
    const auto begun = bench.begin();
    CHECK(Bench::told(dex->finish(bench.at_provider(begun), begun.state_cookie, kRedirect, kSignInNow)) ==
          "the sign-in was begun at keycloak, not at dex; sign in again");
}

TEST_CASE("a code works once") {
    Bench bench;
    const auto begun = bench.begin();
    const auto callback = bench.at_provider(begun);
    REQUIRE(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow).has_value());
    CHECK(Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow)) ==
          "keycloak did not accept the code of this sign-in (invalid_grant: the code is not good); sign in again");
}

TEST_CASE("a code that somebody else was given is worth nothing without their verifier") {
    Bench bench;
    const auto mine = bench.begin();
    OidcProvider::Callback callback = bench.at_provider(mine);
    callback.code = bench.at_provider(bench.begin()).code;
    CHECK(Bench::told(bench.oidc->finish(callback, mine.state_cookie, kRedirect, kSignInNow)) ==
          "keycloak did not accept the code of this sign-in (invalid_grant: the code is not good); sign in again");
}

TEST_CASE("what the provider says instead of a code reaches the person") {
    Bench bench;
    const auto begun = bench.begin();
    OidcProvider::Callback callback = bench.at_provider(begun);
    const auto told = [&](const char* error, const char* description, ErrorCode code) {
        callback.code = "";
        callback.error = error;
        callback.error_description = description;
        return Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow), code);
    };
    CHECK(told("access_denied", "", ErrorCode::kDenied) == "keycloak did not let you in (access_denied)");
    CHECK(told("access_denied", "not\nyou", ErrorCode::kDenied) ==
          "keycloak did not let you in (access_denied: not you)");
    CHECK(told("temporarily_unavailable", "", ErrorCode::kUnavailable) ==
          "keycloak cannot sign anybody in (temporarily_unavailable); try again later");
    CHECK(told("invalid_scope", "no", ErrorCode::kUnauthorized) == "keycloak refused the sign-in (invalid_scope: no)");
    CHECK(told("", "", ErrorCode::kUnauthorized) == "the answer of keycloak has no code; sign in again");
}

TEST_CASE("an answer in the name of another issuer is refused before its code is used") {
    Bench bench;
    const auto begun = bench.begin();
    OidcProvider::Callback callback = bench.at_provider(begun);
    callback.issuer = "https://evil.example";
    CHECK(Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow)) ==
          "the answer says that it comes from \"https://evil.example\", not from keycloak (\"" + bench.fake.url() +
              "\")");
    CHECK(bench.fake.seen().form.size() == 0);
    callback.issuer = bench.fake.url();
    CHECK(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow).has_value());
}

TEST_CASE("a provider that always says its issuer must say it") {
    Bench bench([](Behaviour& behaviour) {
        behaviour.change_discovery = [](Value& document) {
            document.set("authorization_response_iss_parameter_supported", true);
        };
    });
    CHECK(bench.refusal() ==
          "the answer does not say that it comes from keycloak (\"iss\"), which keycloak always does");
}

TEST_CASE("an ID token that was not made for this sign-in is refused") {
    const auto told = [](std::string_view claim, Value value, Time now = kSignInNow) {
        Bench bench([&](Behaviour& behaviour) {
            behaviour.change_claims = [claim, value](Value& claims) { claims.set(claim, value); };
        });
        return bench.refusal(ErrorCode::kUnauthorized, now);
    };
    CHECK(told("nonce", "other") == distrust("the token was made for another sign-in (\"nonce\")"));
    CHECK(told("aud", "other") == distrust("the token is for the audience \"other\", not for \"pintle\""));
    CHECK(told("exp", FakeProvider::kNow - 61) == distrust("the token has expired; sign in again"));
    CHECK(told("iss", "https://evil.example")
              .starts_with(distrust("the token is of the issuer \"https://evil.example\"")));
    CHECK(told("sub", Value()) == distrust("the token does not say who signed in (\"sub\")"));
}

TEST_CASE("an ID token that somebody else signed is refused") {
    Bench bench([](Behaviour& behaviour) { behaviour.key = TestKey(TestKey::Kind::kRsa); });
    CHECK(bench.refusal() == distrust("the token's signature is not the provider's"));
    bench.fake.behave([](Behaviour& behaviour) { behaviour.header = Value::object({{"alg", "none"}, {"kid", "k1"}}); });
    CHECK(bench.refusal() ==
          distrust("the token is signed by \"none\"; only RS256, PS256, ES256 and EdDSA are accepted"));
}

TEST_CASE("keys and discovery are asked for once an hour, keys also when a new one appears") {
    Bench bench;
    REQUIRE(bench.sign_in().has_value());
    REQUIRE(bench.sign_in().has_value());
    CHECK(bench.fake.seen().discoveries == 1);
    CHECK(bench.fake.seen().key_sets == 1);
    const TestKey next(TestKey::Kind::kP256);
    bench.fake.behave([&](Behaviour& behaviour) {
        behaviour.key = next;
        behaviour.header = Value::object({{"alg", "ES256"}, {"kid", "k2"}});
        behaviour.keys = {next.jwk("k2")};
    });
    REQUIRE(bench.sign_in().has_value());
    CHECK(bench.fake.seen().key_sets == 2);
    bench.fake.behave([&](Behaviour& behaviour) {
        behaviour.header = Value::object({{"alg", "ES256"}, {"kid", "k3"}});
    });
    CHECK(bench.refusal() == distrust("the provider has no key with the id \"k3\""));
    CHECK(bench.fake.seen().key_sets == 3);
    CHECK(bench.oidc->begin(kRedirect, "/", kSignInNow + std::chrono::hours(1)).has_value());
    CHECK(bench.fake.seen().discoveries == 2);
    CHECK(bench.oidc->begin(kRedirect, "/", kSignInNow).has_value());
    CHECK(bench.fake.seen().discoveries == 3);  // the clock was set back
}

TEST_CASE("what the ID token leaves out is asked for, and must be of the same user") {
    Bench bench([](Behaviour& behaviour) {
        behaviour.change_claims = [](Value& claims) {
            for (const char* name : {"preferred_username", "email", "email_verified", "name"}) claims.remove(name);
        };
        behaviour.user_info = Value::object({{"sub", "subject-7"},
                                             {"email", "ana@example.org"},
                                             {"email_verified", "true"},
                                             {"iss", "https://evil.example"}});
    });
    const OidcUser user = bench.sign_in().value();
    CHECK(user.identity == domain::ExternalIdentity{bench.fake.url(), "subject-7"});
    CHECK(user.user_name == "ana@example.org");
    CHECK(user.email_verified);
    bench.fake.behave([](Behaviour& behaviour) { behaviour.user_info.set("sub", "subject-8"); });
    CHECK(bench.refusal() == "keycloak tells of another user than the one who signed in");
}

TEST_CASE("an address is not verified because another one is") {
    Bench bench([](Behaviour& behaviour) {
        behaviour.change_claims = [](Value& claims) {
            claims.remove("preferred_username");
            claims.remove("email_verified");
        };
        behaviour.user_info = Value::object({{"sub", "subject-7"}, {"email", "other@example.org"},
                                             {"email_verified", true}, {"preferred_username", "ana"}});
    });
    const OidcUser user = bench.sign_in().value();
    CHECK(user.user_name == "ana");
    CHECK(user.email == "ana@example.org");
    CHECK_FALSE(user.email_verified);
}

TEST_CASE("the claim with the user's name can be chosen") {
    Bench bench([](Behaviour& behaviour) {
        behaviour.change_claims = [](Value& claims) { claims.set("nickname", "annie"); };
    });
    OidcConfig config = config_of(bench.fake);
    config.username_claim = "nickname";
    bench.oidc = OidcProvider::open(config, kKey).value();
    CHECK(bench.sign_in().value().user_name == "annie");
}

TEST_CASE("a provider that does not answer, or not as it should, is named") {
    SUBCASE("at the beginning") {
        Bench bench;
        const std::string url = bench.fake.url();
        bench.fake.stop();
        const Error error = bench.oidc->begin(kRedirect, "/", kSignInNow).error();
        CHECK(error.code == ErrorCode::kUnavailable);
        CHECK(error.message ==
              "keycloak could not be asked: could not reach " + url + ": nothing listens there; try again later");
    }
    SUBCASE("at the end") {
        Bench bench;
        const auto begun = bench.begin();
        const auto callback = bench.at_provider(begun);
        bench.fake.stop();
        CHECK(Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow),
                          ErrorCode::kUnavailable) == "keycloak could not be asked: could not reach " +
                                                          bench.fake.url() +
                                                          ": nothing listens there; try again later");
    }
    SUBCASE("with a page instead of JSON") {
        Bench bench([](Behaviour& behaviour) {
            behaviour.token_status = 502;
            behaviour.token_body = "<html>Bad gateway</html>";
        });
        CHECK(bench.refusal(ErrorCode::kUnavailable) ==
              "keycloak answered with status 502 and no JSON object at " + bench.fake.url() + "; try again later");
    }
    SUBCASE("with a fault of its own") {
        Bench bench([](Behaviour& behaviour) {
            behaviour.token_status = 500;
            behaviour.token_body = "{}";
        });
        CHECK(bench.refusal(ErrorCode::kUnavailable) ==
              "keycloak answered with status 500 and no token; try again later");
    }
    SUBCASE("without an ID token") {
        Bench bench([](Behaviour& behaviour) {
            behaviour.token_status = 200;
            behaviour.token_body = R"({"access_token":"a"})";
        });
        CHECK(bench.refusal(ErrorCode::kUnavailable) ==
              "keycloak gave no ID token; an operator must allow this client the scope openid");
    }
    SUBCASE("because the secret is wrong") {
        Bench bench([](Behaviour& behaviour) { behaviour.client_secret = ""; });
        CHECK(bench.refusal(ErrorCode::kUnavailable) ==
              "keycloak does not accept this server as its client (invalid_client: unknown client); an operator must "
              "look "
              "at the client id, the client secret and the redirect URI");
    }
}

TEST_CASE("a discovery document of another issuer, or with unsafe places, is refused") {
    const auto told = [](std::string_view member, Value value) {
        Bench bench([&](Behaviour& behaviour) {
            behaviour.change_discovery = [member, value](Value& document) { document.set(member, value); };
        });
        const Error error = bench.oidc->begin(kRedirect, "/", kSignInNow).error();
        CHECK(error.code == ErrorCode::kUnavailable);
        return replace_all(error.message, bench.fake.url(), "URL");
    };
    CHECK(told("issuer", "https://evil.example") ==
          "the discovery document of keycloak is of the issuer \"https://evil.example\", but \"URL\" is configured; an "
          "operator must make them the same");
    CHECK(told("issuer", Value()).starts_with("the discovery document of keycloak is of the issuer \"\""));
    for (const char* member : {"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"}) {
        for (const char* url : {"http://evil.example/x", "ftp://a", "javascript:alert(1)", ""}) {
            CHECK(told(member, url) == std::string("the discovery document of keycloak has no proper \"") + member +
                                           "\": it must be an https URL, or http to this machine");
        }
    }
}

TEST_CASE("a sign-in returns to this server only, whatever the link to it said") {
    Bench bench;
    const Error error = bench.oidc->begin(kRedirect, "https://evil.example/", kSignInNow).error();
    CHECK(error.code == ErrorCode::kInvalid);
    CHECK(error.message == "\"https://evil.example/\" is not a path of this server to return to after the sign-in");
}

TEST_CASE("GitHub signs people in by their number") {
    Bench bench([](Behaviour& behaviour) {
        behaviour.github_user =
            Value::object({{"login", "octoana"}, {"id", 583231}, {"name", "Ana"}, {"email", nullptr}});
    });
    bench.oidc = OidcProvider::open(github_config(bench.fake), kKey).value();
    const auto begun = bench.begin();
    CHECK(begun.redirect_url.starts_with(bench.fake.url() +
                                         "/login/oauth/authorize?response_type=code&client_id=pintle&"));
    CHECK(begun.redirect_url.find("&scope=&") != std::string::npos);
    CHECK(begun.redirect_url.find("nonce") == std::string::npos);
    OidcProvider::Callback callback = bench.at_provider(begun);
    callback.issuer = bench.fake.url() + "/login/oauth";
    const OidcUser user = bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow).value();
    CHECK(user.identity == domain::ExternalIdentity{bench.fake.url(), "583231"});
    CHECK(user.user_name == "octoana");
    CHECK(user.display_name == "Ana");
    CHECK(user.email == "");
    CHECK_FALSE(user.email_verified);
    CHECK(Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow)) ==
          "github did not accept the code of this sign-in (invalid_grant: the code is not good); sign in again");
    callback.issuer = "https://evil.example";
    CHECK(Bench::told(bench.oidc->finish(callback, begun.state_cookie, kRedirect, kSignInNow))
              .starts_with("the answer says that it comes from \"https://evil.example\", not from github"));
    bench.fake.behave([](Behaviour& behaviour) { behaviour.github_user.set("id", "583231"); });
    CHECK(bench.refusal(ErrorCode::kUnavailable) == "github does not say who signed in (\"id\")");
}

TEST_CASE("a configuration that cannot work is refused in words") {
    const auto told = [](const std::function<void(OidcConfig&)>& change) {
        OidcConfig config;
        config.name = "keycloak";
        config.issuer = "https://id.example/realms/a";
        config.client_id = "pintle";
        change(config);
        const auto opened = OidcProvider::open(config, kKey);
        if (opened) return std::string();
        CHECK(opened.error().code == ErrorCode::kInvalid);
        return opened.error().message;
    };
    CHECK(told([](OidcConfig&) {}) == "");
    CHECK(told([](OidcConfig& c) { c.name = ""; }) == "the identity provider \"\" needs a name");
    CHECK(told([](OidcConfig& c) { c.client_id = ""; }) == "the identity provider \"keycloak\" needs a client_id");
    CHECK(told([](OidcConfig& c) { c.scopes = {"profile"}; }) ==
          "the identity provider \"keycloak\" needs the scope openid among its scopes");
    CHECK(told([](OidcConfig& c) { c.issuer += "?a"; }) ==
          "the identity provider \"keycloak\" has an issuer with a query in it");
    const std::string unsafe =
        "the identity provider \"keycloak\" needs an issuer that is an https URL, or http to this machine";
    for (const char* url : {"", "id.example", "http://id.example", "https://", "https://a@b.example", "https://a b"}) {
        CHECK(told([&](OidcConfig& c) { c.issuer = url; }) == unsafe);
    }
    const auto github = [](OidcConfig& c) {
        c.kind = OidcConfig::Kind::kGithub;
        c.issuer = "";
    };
    CHECK(told(github) == "");
    CHECK(told([&](OidcConfig& c) {
              github(c);
              c.api = "http://api.example";
          }) == "the identity provider \"keycloak\" needs an api that is an https URL, or http to this machine");
}

TEST_CASE("only https, and http to this machine, is safe") {
    for (const char* url : {"https://a.example", "https://a.example:8443/x?y", "http://127.0.0.1:1/",
                            "http://localhost", "http://[::1]:80/"}) {
        CHECK(is_safe_url(url));
    }
    for (const char* url : {"http://a.example", "http://127.0.0.1.evil.example", "http://localhost@evil.example",
                            "https://a.example\\@b", "https://a\nb", "HTTPS://a", "file:///etc/passwd", "https:///x"}) {
        CAPTURE(url);
        CHECK_FALSE(is_safe_url(url));
    }
}
