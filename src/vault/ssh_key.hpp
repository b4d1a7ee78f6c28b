#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::vault {

/// What can be told of a private key without using it. Pure; any thread.

/// "SHA256:…", as `ssh-keygen -lf` and git hosts show it. Fails for what is no private key of OpenSSH's own format,
/// and for one with a passphrase, which nobody could type for a job. The error never repeats the text.
[[nodiscard]] Result<std::string> fingerprint_of_private_key(std::string_view text);

}  // namespace pintle::vault
