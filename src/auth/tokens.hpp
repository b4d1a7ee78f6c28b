#pragma once

#include <array>
#include <string>
#include <string_view>

#include "auth/identity.hpp"
#include "base/result.hpp"

namespace pintle::auth {

/// The access tokens of a server. The operator's is random and lies in a file that only its owner can read; a
/// job's is signed with the server's secret (HMAC-SHA-512-256), so none is stored and none outlives the secret.
///
/// Threading: constant after open(), any thread.
class Tokens {
public:
    /// Reads `token` and `secret` in the folder, or makes them. Fails when a file can be read by others.
    [[nodiscard]] static Result<Tokens> open(const std::string& folder);

    /// "pjt_PROJECT_JOB_SIGNATURE"
    [[nodiscard]] std::string job_token(const domain::ProjectId& project, const domain::JobId& job) const;
    /// What the server and a component know, and nobody else: by it the component trusts whom the server leads to it.
    [[nodiscard]] std::string component_secret(const domain::JobId& job) const;
    /// Whose token it is; kUnauthorized when it is neither the local one nor a job's. Which user that is, and whether a
    /// job is still live, is known elsewhere.
    [[nodiscard]] Result<Identity> identify(std::string_view token) const;
    [[nodiscard]] const std::string& operator_token() const { return operator_token_; }
    /// 32 bytes made from the server's secret, others for each purpose, so that no key serves two of them.
    [[nodiscard]] std::string key_for(std::string_view purpose) const;

private:
    Tokens() = default;
    [[nodiscard]] std::string signature(std::string_view text) const;

    std::string operator_token_;
    std::string secret_;  ///< 32 bytes.
};

/// Random bytes as text of letters and digits, for tokens. `bytes` of entropy.
[[nodiscard]] std::string random_text(std::size_t bytes);

}  // namespace pintle::auth
