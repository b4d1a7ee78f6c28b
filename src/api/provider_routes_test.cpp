#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "auth/fake_provider.hpp"
#include "net/url.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kPassword = "correct horse battery";

std::string message_of(const Answer& answer) { return answer.json["message"].as_string(); }

/// A server with one provider, "kc", and a browser.
struct Site {
    explicit Site(const std::function<void(SignInProvider&)>& change = {}) {
        provider.behave([this](auth::FakeProvider::Behaviour& behaviour) {
            behaviour.change_claims = [this](json::Value& claims) {
                const std::int64_t now = to_ms(SystemClock().now()) / 1000;
                claims.set("iat", now);
                claims.set("exp", now + 300);
                if (change_claims) change_claims(claims);
            };
        });
        auth::OidcConfig config;
        config.name = "kc";
        config.issuer = provider.url();
        config.client_id = "pintle";
        config.client_secret = "hush: 100%";
        SignInProvider known{auth::OidcProvider::open(config, std::string(32, 'k')).value(), false, "", {}};
        if (change) change(known);
        SignInOptions options;
        options.providers = {known};
        server.emplace(TestServerOptions{.sign_in = options});
        static_cast<void>(first_operator(*server));
    }

    struct Begun {
        std::string redirect_url;
        std::string cookie;
    };
    Begun begin(const std::string& query = "") {
        const Answer answer = TestClient(*server, "").get("/sign-in/kc" + query);
        INFO(answer.text);
        REQUIRE(answer.status == 302);
        return {std::string(answer.headers.get("Location")), cookie_of(answer, "pintle_sign_in")};
    }
    Answer call_back(const net::QueryParams& params, const std::string& cookies, net::Headers more = {}) {
        std::string query;
        for (const auto& [name, value] : params)
            query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, net::percent_encode(value));
        more.set("Cookie", cookies);
        return TestClient(*server, "").get("/sign-in/kc/callback" + query, more);
    }
    /// All of it, as a browser does it.
    Answer sign_in() {
        const Begun begun = begin();
        return call_back(provider.sign_in(begun.redirect_url), "pintle_sign_in=" + begun.cookie);
    }
    std::vector<domain::AuditEntry> failures() {
        store::AuditFilter filter;
        filter.action = "sign_in.failed";
        const auto reader = store::StoreReader::open(server->folder() + "/state.db").value();
        return reader->list_audit(filter, {"", 100}).value().items;
    }

    std::function<void(json::Value&)> change_claims;
    auth::FakeProvider provider;
    std::optional<TestServer> server;
};

void link_in_core(Site& site, const domain::UserId& user) {
    const domain::ExternalIdentity identity{site.provider.url(), "subject-7"};
    REQUIRE(site.server->runtime().call(core::input::LinkIdentity{user, identity}).has_value());
}

}  // namespace

TEST_CASE("who is known by their provider signs in and goes where they wanted to") {
    Site site;
    link_in_core(site, a_person(*site.server, "ana").id);
    const Answer ways = TestClient(*site.server, "").get("/sign-in");
    CHECK(ways.json["password"].as_bool());
    CHECK(ways.json["providers"].as_array().at(0)["name"].as_string() == "kc");

    const Site::Begun begun = site.begin("?return_to=%2Fjobs%3Fpage%3D2");
    CHECK(begun.redirect_url.starts_with(site.provider.url() + "/authorize?"));
    net::QueryParams params = site.provider.sign_in(begun.redirect_url);
    // Keycloak adds parameters of its own.
    params.add("session_state", "abc");
    const Answer back = site.call_back(params, "pintle_sign_in=" + begun.cookie);
    REQUIRE(back.status == 302);
    CHECK(back.headers.get("Location") == "/jobs?page=2");
    const std::string session = cookie_of(back);
    CHECK(session.starts_with("pse_"));
    CHECK(cookie_of(back, "pintle_sign_in").empty());
    const Answer who = TestClient(*site.server, "").get("/session", {{"Cookie", "pintle_session=" + session}});
    CHECK(who.json["user"].as_string() == "ana");
}

TEST_CASE("a stranger is told to ask an operator, as a page or as an error") {
    Site site;
    const Answer refused = site.sign_in();
    CHECK(refused.status == 403);
    CHECK(message_of(refused) ==
          "kc knows you as \"ana\", but nobody here is that yet; ask an operator to on-board you");
    CHECK(cookie_of(refused).empty());
    REQUIRE(site.failures().size() == 1);
    CHECK(site.failures()[0].subject == "kc");
    CHECK(site.failures()[0].detail == message_of(refused));

    site.change_claims = [](json::Value& claims) { claims.set("preferred_username", "<b>ana</b>"); };
    const Site::Begun begun = site.begin();
    net::HttpClient http;
    net::ClientRequest request;
    const net::QueryParams params = site.provider.sign_in(begun.redirect_url);
    request.url = site.server->url(
        fmt::format("/sign-in/kc/callback?code={}&state={}", *params.find("code"), *params.find("state")));
    request.headers = {{"Cookie", "pintle_sign_in=" + begun.cookie}, {"Accept", "text/html"}};
    const auto page = http.send(request).value();
    CHECK(page.status == 403);
    CHECK(page.headers.get("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.body.find("&lt;b&gt;ana&lt;/b&gt;") != std::string::npos);
    CHECK(page.body.find("<b>") == std::string::npos);
}

TEST_CASE("the configuration lets strangers in, under a name that nobody here has or had") {
    Site site([](SignInProvider& known) {
        known.onboard = true;
        known.group = "research";
        known.domains = {"Example.org"};
    });
    const Answer no_group = site.sign_in();
    CHECK(no_group.status == 503);
    CHECK(message_of(no_group) ==
          "new users would come into the group \"research\", which is not there; an operator must make it or change "
          "the configuration");
    const domain::GroupId research = a_group(*site.server, "research");
    // Somebody of that name is off-boarded: what was theirs must not go to whoever takes the name at the provider.
    const Person before = a_person(*site.server, "ana");
    REQUIRE(site.server->runtime().call(core::input::OffboardUser{before.id, true}).has_value());
    const Answer back = site.sign_in();
    REQUIRE(back.status == 302);
    CHECK(back.headers.get("Location") == "/");
    const auto session =
        TestClient(*site.server, "").get("/session", {{"Cookie", "pintle_session=" + cookie_of(back)}});
    CHECK(session.json["user"].as_string() == "ana-2");
    CHECK(session.json["group"].as_string() == "research");
    CHECK(session.json["role"].as_string() == "data scientist");
    // The second time they are known.
    const Answer again = site.sign_in();
    CHECK(TestClient(*site.server, "").get("/session", {{"Cookie", "pintle_session=" + cookie_of(again)}})
              .json["user_id"] == session.json["user_id"]);
}

TEST_CASE("only a verified address of the right domain lets a stranger in") {
    Site site([](SignInProvider& known) {
        known.onboard = true;
        known.domains = {"example.org"};
    });
    site.change_claims = [](json::Value& claims) { claims.set("email_verified", false); };
    CHECK(message_of(site.sign_in()) ==
          "kc does not say that your e-mail address is verified, which this server asks for; ask an operator to "
          "on-board you");
    for (const char* email :
         {"ana@evil.example", "ana@notexample.org", "ana@example.org@evil.example", "example.org"}) {
        INFO(email);
        site.change_claims = [email](json::Value& claims) { claims.set("email", email); };
        const Answer refused = site.sign_in();
        CHECK(refused.status == 403);
        CHECK(message_of(refused) ==
              "kc knows you as \"ana\", but nobody here is that yet; ask an operator to on-board you");
    }
}

TEST_CASE("who was off-boarded does not come back by their provider") {
    Site site([](SignInProvider& known) { known.onboard = true; });
    const Person ana = a_person(*site.server, "ana");
    link_in_core(site, ana.id);
    REQUIRE(site.server->runtime().call(core::input::OffboardUser{ana.id, true}).has_value());
    const Answer refused = site.sign_in();
    CHECK(refused.status == 403);
    CHECK(message_of(refused) == "ana was off-boarded; ask an operator");
}

TEST_CASE("an answer with a wrong state, nonce or signature, without cookie, too late or refused signs nobody in") {
    Site site;
    link_in_core(site, a_person(*site.server, "ana").id);
    const auto refused = [&](const Answer& answer, const std::string& words) {
        CHECK(answer.status >= 400);
        CHECK(cookie_of(answer).empty());
        CHECK(message_of(answer).find(words) != std::string::npos);
        CHECK(site.failures().front().detail == message_of(answer));
    };
    Site::Begun begun = site.begin();
    net::QueryParams params = site.provider.sign_in(begun.redirect_url);
    refused(site.call_back({{"code", *params.find("code")}, {"state", "guess"}}, "pintle_sign_in=" + begun.cookie),
            "the answer of kc belongs to another sign-in");
    refused(site.call_back(params, "other=1"), "sign");
    refused(site.call_back({{"error", "access_denied"}, {"state", *params.find("state")}},
                           "pintle_sign_in=" + begun.cookie),
            "kc");
    site.change_claims = [](json::Value& claims) { claims.set("nonce", "another"); };
    refused(site.sign_in(), "what kc says of you cannot be trusted");
    site.change_claims = nullptr;
    const auth::TestKey other(auth::TestKey::Kind::kRsa);
    site.provider.behave([&](auth::FakeProvider::Behaviour& behaviour) { behaviour.key = other; });
    refused(site.sign_in(), "what kc says of you cannot be trusted");
    begun = site.begin();
    params = site.provider.sign_in(begun.redirect_url);
    site.server->advance(std::chrono::minutes(11));
    refused(site.call_back(params, "pintle_sign_in=" + begun.cookie), "sign in again");
    CHECK(site.failures().size() == 6);
    CHECK(TestClient(*site.server, "").get("/sign-in/nobody").status == 404);
    CHECK(TestClient(*site.server, "").get("/sign-in/kc?return_to=%2F%2Fevil.example").status == 400);
}

TEST_CASE("who is signed in links an account, and only in the browser that began it") {
    Site site;
    TestServer& server = *site.server;
    const Person ana = a_person(server, "ana");
    give_password(server, ana.id, kPassword);
    const TestSession session = sign_in(server, "ana", kPassword);
    TestClient nobody(server, "");
    net::Headers forged = session.headers(server);
    forged.set("X-CSRF-Token", "guess");
    CHECK(nobody.post("/sign-in/kc/link", "", forged).status == 403);
    CHECK(TestClient(server, ana.token).post("/sign-in/kc/link").status == 403);
    CHECK(message_of(TestClient(server).post("/sign-in/kc/link")) ==
          "an account can only be linked in a browser that has signed in");
    CHECK(nobody.get("/sign-in/kc?return_to=%2Flink%2Fx").status == 400);

    const auto begin = [&] {
        const Answer begun = nobody.post("/sign-in/kc/link", "", session.headers(server));
        REQUIRE(begun.status == 200);
        return Site::Begun{begun.json["redirect_url"].as_string(), cookie_of(begun, "pintle_sign_in")};
    };
    // Another browser, where somebody else is signed in, gets nothing out of it.
    const Person ben = a_person(server, "ben");
    give_password(server, ben.id, kPassword);
    const TestSession other = sign_in(server, "ben", kPassword);
    Site::Begun begun = begin();
    const Answer stolen = site.call_back(site.provider.sign_in(begun.redirect_url),
                                         "pintle_sign_in=" + begun.cookie + "; pintle_session=" + other.cookie);
    CHECK(stolen.status == 403);
    CHECK(message_of(stolen) == "the account was to be linked to somebody who is not signed in here any more");

    begun = begin();
    const Answer linked = site.call_back(site.provider.sign_in(begun.redirect_url),
                                         "pintle_sign_in=" + begun.cookie + "; pintle_session=" + session.cookie);
    REQUIRE(linked.status == 302);
    CHECK(linked.headers.get("Location") == "/account");
    const Answer by_provider = site.sign_in();
    REQUIRE(by_provider.status == 302);
    CHECK(nobody.get("/session", {{"Cookie", "pintle_session=" + cookie_of(by_provider)}}).json["user"].as_string() ==
          "ana");
}

TEST_CASE("the account of somebody who was off-boarded may be given to another user, not that of one who is here") {
    Site site;
    const Person ana = a_person(*site.server, "ana");
    const Person ben = a_person(*site.server, "ben");
    link_in_core(site, ana.id);
    const core::input::LinkIdentity command{ben.id, {site.provider.url(), "subject-7"}};
    const auto taken = site.server->runtime().call(command);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().message ==
          "this account of " + site.provider.url() + " is linked to another user already");
    REQUIRE(site.server->runtime().call(core::input::OffboardUser{ana.id, true}).has_value());
    CHECK(site.server->runtime().call(command).has_value());
    CHECK(site.sign_in().status == 302);
}
