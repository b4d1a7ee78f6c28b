#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::auth {

/// Passwords of people: which are good enough, and how they are kept (argon2id by libsodium).
///
/// Threading: any thread. Every call that hashes takes one core and its memory for as long as it runs, so a server
/// bounds how many run at once by its worker threads. Failure: kExhausted when the memory is not there.

/// How much work one guess costs.
enum class HashStrength {
    kInteractive,  ///< 2 passes over 64 MiB, 1 lane: about a tenth of a second.
    kTestsOnly,    ///< 1 pass over 8 KiB. Protects nothing; keeps tests quick.
};

/// "$argon2id$v=19$m=65536,t=2,p=1$…", with a salt of its own.
[[nodiscard]] Result<std::string> hash_password(std::string_view password,
                                                HashStrength strength = HashStrength::kInteractive);

/// Whether it is the password of that hash. Takes as long for a hash that is empty or damaged as for a sound one, so
/// that nobody can tell by the time who has no password. `strength` is only for that.
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password,
                                   HashStrength strength = HashStrength::kInteractive);

/// The work of verify_password() without its answer, for a user name that does not exist.
void verify_nobody(std::string_view password, HashStrength strength = HashStrength::kInteractive);

/// Why this cannot become the password of that user, in a sentence for them; empty when it can.
[[nodiscard]] std::string password_fault(std::string_view password, std::string_view user_name);

}  // namespace pintle::auth
