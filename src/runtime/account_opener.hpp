#pragma once

#include <optional>
#include <string>

#include "domain/account.hpp"
#include "store/reader_pool.hpp"
#include "vault/vault.hpp"

namespace pintle::runtime {

/// Finds what a name means to a user and opens it, at the moment when something is to be reached: so an account that
/// was given another secret is good from then on, and one that was taken away is gone.
///
/// Threading: any thread. Ownership: borrows both.
/// Failure: kNotFound for a name that means nothing to the user, else as Vault::open().
class AccountOpener {
public:
    AccountOpener(store::ReaderPool& readers, const vault::Vault& vault) : readers_(readers), vault_(vault) {}

    /// Their own account of that name, or else their group's.
    [[nodiscard]] Result<domain::OpenAccount> open(const domain::UserId& user, const std::string& name) const;
    /// Of the accounts of that kind for that server, the first that the user may use; nothing when there is none.
    [[nodiscard]] Result<std::optional<domain::OpenAccount>> open_for_server(const domain::UserId& user,
                                                                             domain::AccountKind kind,
                                                                             const std::string& server) const;

    /// For what the server itself reaches: the account of that name that an operator owns. Of several, the first made.
    [[nodiscard]] Result<domain::OpenAccount> open_of_operator(const std::string& name) const;

private:
    store::ReaderPool& readers_;
    const vault::Vault& vault_;
};

}  // namespace pintle::runtime
