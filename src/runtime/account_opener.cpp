#include "runtime/account_opener.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::runtime {

using namespace domain;

namespace {

template <class Wanted>
Result<std::optional<Account>> find_account(store::ReaderPool& readers, const UserId& user, Wanted&& wanted) {
    const auto accounts = TRY(readers.with([&](store::StoreReader& reader) { return reader.accounts_for(user); }));
    const auto found = std::find_if(accounts.begin(), accounts.end(), wanted);
    return found == accounts.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Result<OpenAccount> AccountOpener::open(const UserId& user, const std::string& name) const {
    const auto account = TRY(find_account(readers_, user, [&](const Account& each) { return each.name == name; }));
    if (account) return vault_.open(*account);
    return fail(ErrorCode::kNotFound,
                "there is no account \"{}\" any more, neither of the job's owner nor of their group; make it with: "
                "pintle account create",
                to_valid_utf8(name.substr(0, 100)));
}

Result<std::optional<OpenAccount>> AccountOpener::open_for_server(const UserId& user, AccountKind kind,
                                                                  const std::string& server) const {
    const auto account = TRY(
        find_account(readers_, user, [&](const Account& each) { return each.kind == kind && each.server == server; }));
    if (!account) return std::optional<OpenAccount>();
    OpenAccount open = TRY(vault_.open(*account));
    return std::optional<OpenAccount>(std::move(open));
}

Result<OpenAccount> AccountOpener::open_of_operator(const std::string& name) const {
    const auto found = TRY(readers_.with([&](store::StoreReader& reader) -> Result<std::optional<Account>> {
        for (const Account& account : TRY(reader.list_accounts(store::kEverything))) {
            if (account.name != name) continue;
            const auto owner = TRY(reader.find_user(account.owner));
            if (owner && owner->role == Role::kOperator) return account;
        }
        return std::optional<Account>();
    }));
    if (found) return vault_.open(*found);
    return fail(ErrorCode::kNotFound,
                "no operator has an account \"{}\"; an operator makes it with: pintle account create",
                to_valid_utf8(name.substr(0, 100)));
}

}  // namespace pintle::runtime
