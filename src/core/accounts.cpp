#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

namespace {

constexpr std::ptrdiff_t kAccountsOfOneMost = 500;
constexpr std::size_t kSealedMost = 256 << 10;

// Names are unique among those of one user that are theirs alone, and among those of one group.
bool is_beside(const Account& a, const Account& b) {
    return a.group == b.group && (!a.group.empty() || a.owner == b.owner);
}

// Whose it is, for people.
std::string holder_of(const State& state, const Account& account) {
    if (account.group.empty()) return name_of(state, account.owner);
    const auto group = state.groups.find(account.group);
    return fmt::format("the group {}", group == state.groups.end() ? std::string("that is gone") : group->second.name);
}

Result<void> check_name_free(const State& state, const Account& account) {
    for (const auto& [id, other] : state.accounts) {
        if (id == account.id || other.name != account.name || !is_beside(other, account)) continue;
        return fail(ErrorCode::kConflict, "{} has an account named \"{}\" already; choose another name",
                    holder_of(state, account), account.name);
    }
    return {};
}

bool names_it(const ProjectSpec& spec, const std::string& name) {
    return std::any_of(spec.sources.begin(), spec.sources.end(),
                       [&](const Source& source) { return account_of(source) == name; });
}

/// Projects whose owner would have this account for a source of theirs.
struct Uses {
    std::int64_t own = 0;  ///< Of who asks.
    std::int64_t of_others = 0;
};

Uses uses_of(const State& state, const Account& account, const UserId& asking) {
    Uses uses;
    for (const auto& [id, project] : state.projects) {
        if (!names_it(project.spec, account.name)) continue;
        const Account* meant = account_named(state, project.owner, account.name);
        if (meant == nullptr || meant->id != account.id) continue;
        (project.owner == asking ? uses.own : uses.of_others) += 1;
    }
    return uses;
}

Result<void> check_unused(const State& state, const Account& account, const UserId& asking, std::string_view doing) {
    const Uses uses = uses_of(state, account, asking);
    if (uses.own + uses.of_others == 0) return {};
    std::vector<std::string> words;
    if (uses.own > 0) words.push_back(fmt::format("{} of yours", count_of(uses.own, "project")));
    if (uses.of_others > 0) words.push_back(fmt::format("{} of others", count_of(uses.of_others, "project")));
    return fail(
        ErrorCode::kConflict,
        "{} {} the account {} and could not reach their sources without it; change them first, or {} it with force",
        join(words, " and "), uses.own + uses.of_others == 1 ? "uses" : "use", account.name, doing);
}

Result<void> check_sealed(const SealedSecret& secret) {
    if (secret.ciphertext.empty() || secret.nonce.empty() || secret.key.empty())
        return fail(ErrorCode::kInvalid, "an account needs its secret");
    if (secret.ciphertext.size() <= kSealedMost) return {};
    return fail(ErrorCode::kInvalid, "the secret is too long");
}

std::string kind_in_words(const State& state, const Account& account) {
    std::string words(to_string(account.kind));
    if (!account.server.empty()) words += fmt::format(" for {}", account.server);
    return account.group.empty() ? words : fmt::format("{}, of {}", words, holder_of(state, account));
}

Result<std::string> create(Step& step, const input::CreateAccount& command) {
    State& state = step.state;
    Account account = command.account;
    TRY(find_user(state, account.owner));
    if (!account.group.empty() && state.groups.count(account.group) == 0)
        return fail(ErrorCode::kNotFound, "there is no such group");
    TRY(check_account(account));
    TRY(check_sealed(account.secret));
    TRY(check_name_free(state, account));
    const auto beside = std::count_if(state.accounts.begin(), state.accounts.end(),
                                      [&](const auto& entry) { return is_beside(entry.second, account); });
    if (beside >= kAccountsOfOneMost)
        return fail(ErrorCode::kExhausted, "{} has {} accounts already; delete some", holder_of(state, account),
                    kAccountsOfOneMost);
    if (state.accounts.size() >= state.options.accounts_max)
        return fail(ErrorCode::kExhausted, "this server keeps at most {}, and they are there already",
                    count_of(static_cast<std::int64_t>(state.options.accounts_max), "account"));
    account.created_at = account.updated_at = step.now;
    step.result.changes.push_back(change::AccountSaved{account});
    step.audit("account.create", account.name, kind_in_words(state, account));
    return state.accounts.emplace(account.id, std::move(account)).first->first.str();
}

// What was changed, for the audit log; of the secret only that it was.
std::string changes_in_words(const Account& before, const Account& after) {
    std::vector<std::string> said;
    if (before.name != after.name) said.push_back(fmt::format("renamed from {}", before.name));
    if (before.server != after.server)
        said.push_back(fmt::format("server {}", after.server.empty() ? "any" : after.server));
    if (before.user != after.user) said.push_back(fmt::format("user {}", after.user));
    if (before.known_hosts != after.known_hosts) said.emplace_back("known hosts");
    if (before.secret != after.secret) said.push_back(fmt::format("a new {}", secret_word(after.kind)));
    return said.empty() ? "nothing changed" : join(said, "; ");
}

Result<std::string> edit(Step& step, const input::EditAccount& command) {
    State& state = step.state;
    const auto found = state.accounts.find(command.id);
    if (found == state.accounts.end()) return fail(ErrorCode::kNotFound, "the account does not exist any more");
    const Account before = found->second;
    Account account = before;
    account.name = command.name.value_or(account.name);
    account.server = command.server.value_or(account.server);
    account.user = command.user.value_or(account.user);
    account.known_hosts = command.known_hosts.value_or(account.known_hosts);
    if (command.secret) {
        TRY(check_sealed(*command.secret));
        account.secret = *command.secret;
        account.fingerprint = command.fingerprint;
    }
    TRY(check_account(account));
    if (account.name != before.name) {
        TRY(check_name_free(state, account));
        if (!command.force) TRY(check_unused(state, before, step.actor.user, "rename"));
    }
    if (account == before) return account.id.str();
    account.updated_at = step.now;
    found->second = account;
    step.audit("account.edit", account.name, changes_in_words(before, account));
    step.result.changes.push_back(change::AccountSaved{std::move(account)});
    return command.id.str();
}

Result<std::string> remove(Step& step, const input::DeleteAccount& command) {
    State& state = step.state;
    const auto found = state.accounts.find(command.id);
    if (found == state.accounts.end()) return fail(ErrorCode::kNotFound, "the account does not exist any more");
    if (!command.force) TRY(check_unused(state, found->second, step.actor.user, "delete"));
    step.audit("account.delete", found->second.name, fmt::format("of {}", holder_of(state, found->second)));
    step.result.changes.push_back(change::AccountDeleted{command.id});
    state.accounts.erase(found);
    return command.id.str();
}

}  // namespace

const Account* account_named(const State& state, const UserId& user, const std::string& name) {
    const GroupId group = group_of(state, user);
    const Account* of_group = nullptr;
    for (const auto& [id, account] : state.accounts) {
        if (account.name != name) continue;
        if (account.group.empty() && account.owner == user) return &account;
        if (!account.group.empty() && account.group == group) of_group = &account;
    }
    return of_group;
}

Result<void> check_accounts(const State& state, const UserId& user, const JobSpec& job) {
    const std::vector<Resource>& resources = job.task.resources;
    for (const Source& source : job.sources) {
        const std::string name(account_of(source));
        const bool is_mounted = std::any_of(resources.begin(), resources.end(), [&](const Resource& resource) {
            return resource.default_volume_mapping ||
                   std::any_of(resource.volumes.begin(), resource.volumes.end(),
                               [&](const Volume& volume) { return volume.source == source.name; });
        });
        if (name.empty() || !is_mounted || account_named(state, user, name) != nullptr) continue;
        return fail(ErrorCode::kInvalid,
                    "the source {} is reached with the account \"{}\", and neither {} nor their group has one of that "
                    "name; make it with: pintle account create",
                    source.name, to_valid_utf8(name.substr(0, 100)), name_of(state, user));
    }
    return {};
}

void delete_accounts_of(Step& step, const UserId& user) {
    for (auto it = step.state.accounts.begin(); it != step.state.accounts.end();) {
        const Account& account = it->second;
        if (account.owner != user || !account.group.empty()) {
            ++it;
            continue;
        }
        step.audit("account.delete", account.name, fmt::format("{} was off-boarded", name_of(step.state, user)));
        step.result.changes.push_back(change::AccountDeleted{account.id});
        it = step.state.accounts.erase(it);
    }
}

Result<void> check_no_accounts(const State& state, const Group& group) {
    for (const auto& [id, account] : state.accounts) {
        if (account.group != group.id) continue;
        return fail(ErrorCode::kConflict,
                    "the group {} has accounts ({} is one), whose secrets are nobody else's; delete them first",
                    group.name, account.name);
    }
    return {};
}

void on(Step& step, const input::CreateAccount& command, std::uint64_t ticket) {
    step.reply(ticket, create(step, command));
}
void on(Step& step, const input::EditAccount& command, std::uint64_t ticket) {
    step.reply(ticket, edit(step, command));
}
void on(Step& step, const input::DeleteAccount& command, std::uint64_t ticket) {
    step.reply(ticket, remove(step, command));
}

}  // namespace pintle::core
