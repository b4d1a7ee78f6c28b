#include "api/test_people.hpp"

#include <doctest/doctest.h>

#include "auth/secret.hpp"

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
    if (id.empty()) {
        id = domain::UserId(server.runtime().make_id());
        must(server, core::input::BeginUsers{id, "root", {"no secret has this hash", id, server.now()}});
    }
    return {id, token_for(server, id, domain::Role::kOperator)};
}

Person a_person(TestServer& server, const std::string& name, const domain::GroupId& group, domain::Role role) {
    bool begun = false;
    server.runtime().ask([&](const core::Core& core) { begun = !core.users().empty(); });
    if (!begun) static_cast<void>(first_operator(server));
    const domain::UserId id(
        must(server, core::input::OnboardUser{domain::UserId(server.runtime().make_id()), name, role, group, {}, {}}));
    return {id, token_for(server, id, role)};
}

domain::GroupId a_group(TestServer& server, const std::string& name, int gpus) {
    core::input::SavePool pool{domain::PoolId(server.runtime().make_id()), true, name, {}, {}, {}};
    if (gpus > 0) pool.gpus = gpus;
    must(server, pool);
    core::input::SaveGroup group{domain::GroupId(server.runtime().make_id()), true, name, pool.id, {}, {}};
    return domain::GroupId(must(server, group));
}

}  // namespace pintle::api
