#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/account.hpp"

namespace pintle::vault {

/// Seals the secrets of accounts before they come near the database, and opens them for whoever connects. The key
/// lies in a file of its own, so that a copy of the database alone opens nothing. XChaCha20-Poly1305, with the
/// account's id as associated data: a sealed secret that is moved to another account does not open.
///
/// Threading: constant after at(), any thread.
/// Failure: without a good key the server runs all the same; every use then says what is wrong and what to do.
class Vault {
public:
    /// The key in the file `path`, which is made when it is missing and `may_make`: that is, when nothing was sealed
    /// yet.
    [[nodiscard]] static Vault at(const std::string& path, bool may_make);

    [[nodiscard]] Result<domain::SealedSecret> seal(const domain::AccountId& id, std::string_view secret) const;
    [[nodiscard]] Result<domain::OpenAccount> open(const domain::Account& account) const;
    /// Why the account cannot be opened, as far as that can be seen without opening it; nothing when it looks well.
    [[nodiscard]] std::optional<std::string> fault_of(const domain::Account& account) const;

    /// What is wrong with the key, in a sentence; nothing when it is there.
    [[nodiscard]] const std::optional<std::string>& fault() const { return fault_; }
    /// By which the key is told from others; no secret. Empty without a key.
    [[nodiscard]] const std::string& mark() const { return mark_; }

private:
    Vault() = default;
    void take(std::string key);

    std::string path_;
    std::string key_;  ///< 32 bytes, or empty.
    std::string mark_;
    std::optional<std::string> fault_;
};

}  // namespace pintle::vault
