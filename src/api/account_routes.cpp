#include <algorithm>

#include "api/bodies.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "vault/ssh_key.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using domain::AccountKind;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

constexpr std::size_t kSecretMost = 64 << 10;
constexpr std::string_view kAnyUser = "git";  // GitHub, GitLab and others look at the token alone.

/// A secret as it is to be sealed, and what may be told of it.
struct NewSecret {
    std::string text;
    std::string fingerprint;
};

// No error repeats any part of it.
Result<NewSecret> fit_secret(AccountKind kind, const std::string& given) {
    const std::string_view word = domain::secret_word(kind);
    if (given.size() > kSecretMost) return fail(ErrorCode::kInvalid, "a {} has at most {} bytes", word, kSecretMost);
    NewSecret secret{std::string(trim(given)), ""};
    if (secret.text.empty()) return fail(ErrorCode::kInvalid, "the {} is empty", word);
    if (kind == AccountKind::kGitKey) {
        secret.fingerprint = TRY(vault::fingerprint_of_private_key(secret.text));
        // Some copy line ends of another system along; ssh wants one at the end.
        std::erase(secret.text, '\r');
        secret.text += '\n';
        return secret;
    }
    const bool is_plain = std::all_of(secret.text.begin(), secret.text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
    if (!is_plain) return fail(ErrorCode::kInvalid, "a {} has no line breaks or other control characters", word);
    return secret;
}

/// What is told of accounts, beside what is in them.
struct Around {
    std::map<domain::UserId, std::string> users;
    GroupNames groups;
};

Around look_around(Call& call) {
    Around around;
    around.groups = known_group_names(call);
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (const auto& [id, user] : core.users()) around.users.emplace(id, user.name);
    });
    return around;
}

Value account_value(const Call& call, const domain::Account& account, const Around& around) {
    auth::Subject subject;
    subject.account = account.id;
    subject.account_owner = account.owner;
    subject.account_group = account.group;
    const auto owner = around.users.find(account.owner);
    const auto fault = call.services.deps.vault.fault_of(account);
    return Value::object(
        {{"id", account.id.str()},
         {"name", account.name},
         {"kind", domain::to_string(account.kind)},
         {"owner", named_value(account.owner.str(), owner == around.users.end() ? "" : owner->second)},
         {"group",
          account.group.empty() ? Value() : named_value(account.group.str(), name_in(around.groups, account.group))},
         {"server", text_or_null(account.server)},
         {"user", text_or_null(account.user)},
         {"fingerprint", text_or_null(account.fingerprint)},
         {"known_hosts", text_or_null(account.known_hosts)},
         {"fault", fault ? Value(*fault) : Value()},
         {"may_edit", auth::may(call.identity, Permission::kEditAccount, subject)},
         {"created_at", time_value(account.created_at)},
         {"updated_at", time_value(account.updated_at)}});
}

Result<net::Response> list_accounts(Call& call) {
    const store::Viewer viewer = TRY(call.viewer());
    const auto accounts = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.list_accounts(viewer); }));
    const Around around = look_around(call);
    json::Array items;
    for (const domain::Account& account : accounts) items.push_back(account_value(call, account, around));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> show_account(Call& call) {
    return json_answer(account_value(call, *call.account, look_around(call)));
}

Result<net::Response> account_answer(Call& call, const std::string& id, int status) {
    const auto account = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_account(domain::AccountId(id)); }));
    if (!account) return fail(ErrorCode::kNotFound, "the account has been deleted meanwhile");
    return json_answer(account_value(call, *account, look_around(call)), status);
}

Result<core::InputBody> read_new_account(Call& call) {
    domain::Account account;
    std::string secret;
    TRY(read_body(call.request, [&](json::Reader& body) {
        account.name = body.text("name", json::kRequired);
        std::vector<std::string> kinds;
        for (const AccountKind kind : domain::kAccountKinds) kinds.emplace_back(domain::to_string(kind));
        const std::string kind = body.choice("kind", kinds, json::kRequired);
        account.kind = domain::account_kind_from(kind).value_or(AccountKind::kGitToken);
        account.server = domain::server_name_of(body.text("server", std::string()));
        account.user = body.text("user", std::string());
        account.known_hosts = body.text("known_hosts", std::string());
        secret = body.text("secret", json::kRequired);
        if (body.boolean("shared", false)) account.group = call.identity.group;
    }));
    if (account.kind == AccountKind::kGitToken && account.user.empty()) account.user = kAnyUser;
    const NewSecret fit = TRY(fit_secret(account.kind, secret));
    account.id = domain::AccountId(call.services.deps.runtime.make_id());
    account.owner = call.identity.user;
    account.fingerprint = fit.fingerprint;
    account.secret = TRY(call.services.deps.vault.seal(account.id, fit.text));
    return core::InputBody(core::input::CreateAccount{std::move(account)});
}

void create_account(const CallPtr& call) {
    auto made = read_new_account(*call);
    if (!made) return call->answer(fail(made.error()));
    command(call, std::move(*made), [](Call& later, const std::string& id) { return account_answer(later, id, 201); });
}

Result<core::InputBody> read_edit(Call& call) {
    core::input::EditAccount edit;
    std::optional<std::string> secret;
    TRY(read_body(call.request, [&](json::Reader& body) {
        edit.name = body.text("name");
        if (const auto server = body.text("server")) edit.server = domain::server_name_of(*server);
        edit.user = body.text("user");
        edit.known_hosts = body.text("known_hosts");
        secret = body.text("secret");
        edit.force = body.boolean("force", false);
    }));
    edit.id = call.account->id;
    if (edit.user && edit.user->empty() && call.account->kind == AccountKind::kGitToken) edit.user = kAnyUser;
    if (secret) {
        NewSecret fit = TRY(fit_secret(call.account->kind, *secret));
        edit.secret = TRY(call.services.deps.vault.seal(edit.id, fit.text));
        edit.fingerprint = std::move(fit.fingerprint);
    }
    return core::InputBody(std::move(edit));
}

void edit_account(const CallPtr& call) {
    auto edit = read_edit(*call);
    if (!edit) return call->answer(fail(edit.error()));
    command(call, std::move(*edit), [](Call& later, const std::string& id) { return account_answer(later, id, 200); });
}

void delete_account(const CallPtr& call) {
    command(call, core::input::DeleteAccount{call->account->id, call->query_flag("force")},
            [](Call& later, const std::string&) -> Result<net::Response> {
                return json_answer(Value::object({{"deleted", later.account->name}}));
            });
}

}  // namespace

std::vector<Route> account_routes() {
    return {
        {.method = "GET",
         .path = "/accounts",
         .operation = "listAccounts",
         .permission = Permission::kSeeAccounts,
         .handler = list_accounts,
         .summary = "accounts for git, S3 and registries that one may use, without their secrets",
         .query = {show_param()},
         .answer = {200, "[Account]"}},
        {.method = "POST",
         .path = "/accounts",
         .operation = "createAccount",
         .permission = Permission::kMakeAccount,
         .handler = create_account,
         .summary = "keep a key, token or password; it is sealed and never shown again",
         .body = {BodyShape::Kind::kJson, "NewAccount"},
         .answer = {201, "Account"}},
        {.method = "GET",
         .path = "/accounts/{account}",
         .operation = "showAccount",
         .permission = Permission::kSeeAccounts,
         .handler = show_account,
         .summary = "an account without its secret",
         .answer = {200, "Account"}},
        {.method = "PATCH",
         .path = "/accounts/{account}",
         .operation = "editAccount",
         .permission = Permission::kEditAccount,
         .handler = edit_account,
         .summary = "change an account, or give it a new secret",
         .body = {BodyShape::Kind::kJson, "AccountEdit"},
         .answer = {200, "Account"}},
        {.method = "DELETE",
         .path = "/accounts/{account}",
         .operation = "deleteAccount",
         .permission = Permission::kEditAccount,
         .handler = delete_account,
         .summary = "delete an account; one that projects use only with force",
         .query = {{"force", "Also when projects use it.", QueryParam::Type::kFlag}},
         .answer = {200, "Deleted"}},
    };
}

}  // namespace pintle::api
