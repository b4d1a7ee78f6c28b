#include <algorithm>

#include "core/state.hpp"
#include "domain/label.hpp"

namespace pintle::core {

using namespace domain;

namespace {

constexpr std::ptrdiff_t kTokensOfUserMost = 100;

Result<std::string> begin_session(Step& step, const input::BeginSession& command) {
    User& user = *TRY(find_user(step.state, command.session.user));
    if (user.status == UserStatus::kOnboarding) {
        user.status = UserStatus::kOnboarded;
        user.updated_at = step.now;
        step.result.changes.push_back(change::UserSaved{user});
    }
    step.result.changes.push_back(change::SessionSaved{command.session});
    step.audit("sign_in", user.name, command.session.agent);
    return user.id.str();
}

Result<std::string> end_session(Step& step, const input::EndSession& command) {
    if (command.hash.empty()) {
        step.result.changes.push_back(change::SessionsEnded{command.user});
        step.audit("sign_out.everywhere", name_of(step.state, command.user));
    } else {
        step.result.changes.push_back(change::SessionEnded{command.hash});
        step.audit("sign_out", name_of(step.state, command.user));
    }
    return command.user.str();
}

Result<std::string> create_token(Step& step, const input::CreateToken& command) {
    State& state = step.state;
    const AccessToken& token = command.token;
    const User& user = *TRY(find_user(state, token.user));
    if (std::string fault = label_fault("token", token.name); !fault.empty())
        return fail(ErrorCode::kInvalid, "{}", fault);
    if (token.scopes.empty())
        return fail(ErrorCode::kInvalid, "a token needs at least one scope: read, run, write or operate");
    const bool operates = std::find(token.scopes.begin(), token.scopes.end(), Scope::kOperate) != token.scopes.end();
    if (operates && user.role != Role::kOperator)
        return fail(ErrorCode::kDenied, "only operators can have tokens with the scope operate");
    if (token.expires_at != Time{} && token.expires_at <= step.now)
        return fail(ErrorCode::kInvalid, "the token would have expired already");
    const auto of_user = [&](const auto& entry) { return entry.second.user == token.user; };
    for (const auto& [id, other] : state.tokens) {
        if (other.user == token.user && other.name == token.name)
            return fail(ErrorCode::kConflict,
                        "{} has a token named \"{}\" already; revoke it first or choose another name", user.name,
                        token.name);
    }
    if (std::count_if(state.tokens.begin(), state.tokens.end(), of_user) >= kTokensOfUserMost)
        return fail(ErrorCode::kExhausted, "{} has {} tokens already; revoke some", user.name, kTokensOfUserMost);
    state.tokens.emplace(token.id, token);
    step.result.changes.push_back(change::TokenSaved{token});
    step.audit("token.create", token.name,
               token.expires_at == Time{} ? "never expires" : fmt::format("expires {}", to_iso(token.expires_at)));
    return token.id.str();
}

Result<std::string> revoke_token(Step& step, const input::RevokeToken& command) {
    const auto found = step.state.tokens.find(command.id);
    if (found == step.state.tokens.end()) return fail(ErrorCode::kNotFound, "there is no such token");
    step.audit("token.revoke", found->second.name, fmt::format("of {}", name_of(step.state, found->second.user)));
    step.result.changes.push_back(change::TokenDeleted{command.id});
    step.state.tokens.erase(found);
    return command.id.str();
}

}  // namespace

void on(Step& step, const input::BeginSession& command, std::uint64_t ticket) {
    step.reply(ticket, begin_session(step, command));
}
void on(Step& step, const input::EndSession& command, std::uint64_t ticket) {
    step.reply(ticket, end_session(step, command));
}
void on(Step& step, const input::CreateToken& command, std::uint64_t ticket) {
    step.reply(ticket, create_token(step, command));
}
void on(Step& step, const input::RevokeToken& command, std::uint64_t ticket) {
    step.reply(ticket, revoke_token(step, command));
}

void on(Step& step, const input::NoteAudit& command, std::uint64_t ticket) {
    step.audit(command.action, command.subject, command.detail);
    step.reply(ticket, command.subject);
}

}  // namespace pintle::core
