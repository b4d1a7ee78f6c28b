#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/server_place.hpp"

namespace pintle::cli {

/// What `pintle login` keeps, for each server: $XDG_CONFIG_HOME/pintle/credentials or ~/.config/pintle/credentials,
/// which only its owner can read. Reads and writes files; any thread. Failure: kDenied, in words, when others can read
/// the file; kCorrupt when it does not read.

struct KeptSignIn {
    std::string user;
    std::string token;
};

[[nodiscard]] Result<std::string> credentials_file(const Environment& env);
/// `url` is as in ServerPlace. Nothing when nobody has signed in there.
[[nodiscard]] Result<std::optional<KeptSignIn>> find_sign_in(const std::string& url, const Environment& env);
[[nodiscard]] Result<void> keep_sign_in(const std::string& url, const KeptSignIn& kept, const Environment& env);
[[nodiscard]] Result<void> forget_sign_in(const std::string& url, const Environment& env);

}  // namespace pintle::cli
