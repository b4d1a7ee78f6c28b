#include "api/test_people.hpp"

#include <doctest/doctest.h>

#include "auth/password.hpp"
#include "auth/secret.hpp"
#include "json/json_text.hpp"

namespace pintle::api {
namespace {

std::string must(TestServer& server, core::InputBody command) {
    const auto done = server.runtime().call(std::move(command));
    INFO((done ? "" : done.error().message));
    REQUIRE(done.has_value());
    return *done;
}

std::string token_for(TestServer& server, const domain::UserId& user, domain::Role role) {
    using domain::Scope;
    const std::string text = auth::make_secret(auth::kPersonalTokenPrefix);
    std::vector<Scope> scopes{Scope::kRead, Scope::kRun, Scope::kWrite};
    if (role == domain::Role::kOperator) scopes.push_back(Scope::kOperate);
    const domain::TokenId id(server.runtime().make_id());
    // A name of its own, so that somebody may be asked for twice.
    must(server, core::input::CreateToken{
                     {id, user, "test " + id.str(), auth::secret_hash(text), scopes, server.now(), Time{}}});
    return text;
}

}  // namespace

Person first_operator(TestServer& server) {
    domain::UserId id;
    server.runtime().ask([&](const core::Core& core) {
        for (const auto& [known, user] : core.users()) {
            if (id.empty() && user.role == domain::Role::kOperator) id = known;
        }
    });
    REQUIRE_FALSE(id.empty());
    return {id, token_for(server, id, domain::Role::kOperator)};
}

Person a_person(TestServer& server, const std::string& name, const domain::GroupId& group, domain::Role role) {
    const domain::UserId id(
        must(server, core::input::OnboardUser{domain::UserId(server.runtime().make_id()), name, role, group, {}, {}}));
    return {id, token_for(server, id, role)};
}

net::Headers TestSession::headers(const TestServer& server) const {
    return {{"Cookie", "pintle_session=" + cookie}, {"X-CSRF-Token", csrf}, {"Origin", "http://" + server.address()}};
}

void give_password(TestServer& server, const domain::UserId& user, const std::string& password) {
    const std::string hash = auth::hash_password(password, auth::HashStrength::kTestsOnly).value();
    must(server, core::input::SetPassword{user, "", hash});
}

std::string cookie_of(const Answer& answer, std::string_view name) {
    for (const auto& [header, value] : answer.headers) {
        if (net::is_same_header(header, "Set-Cookie") && value.starts_with(std::string(name) + "="))
            return value.substr(name.size() + 1, value.find(';') - name.size() - 1);
    }
    return "";
}

TestSession sign_in(TestServer& server, const std::string& name, const std::string& password) {
    TestClient nobody(server, "");
    const json::Value body = json::Value::object({{"user", name}, {"password", password}});
    const Answer answer = nobody.post("/session", json::to_json(body));
    INFO(answer.text);
    REQUIRE(answer.status == 201);
    return {cookie_of(answer), answer.json["csrf"].as_string()};
}

domain::GroupId a_group(TestServer& server, const std::string& name, int gpus) {
    core::input::SavePool pool{domain::PoolId(server.runtime().make_id()), true, name, {}, {}, {}};
    if (gpus > 0) pool.gpus = gpus;
    must(server, pool);
    core::input::SaveGroup group{domain::GroupId(server.runtime().make_id()), true, name, pool.id, {}, {}};
    return domain::GroupId(must(server, group));
}

}  // namespace pintle::api
