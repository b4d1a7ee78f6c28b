#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/oidc.hpp"
#include "auth/password.hpp"
#include "base/time.hpp"

namespace pintle::api {

/// A provider by which people sign in, and what becomes of those whom nobody has on-boarded yet.
struct SignInProvider {
    std::shared_ptr<auth::OidcProvider> provider;
    bool onboard = false;              ///< Strangers become users when they first sign in.
    std::string group;                 ///< Into this one; empty: the Default Group.
    std::vector<std::string> domains;  ///< Only with a verified e-mail address of one of these; empty: everybody.
};

/// How people sign in. Constant while the server runs.
struct SignInOptions {
    bool passwords = true;
    /// "https://pintle.example", without a slash at its end, which is what browsers and providers know the server
    /// by; empty: as each request addresses it.
    std::string public_url;
    std::vector<SignInProvider> providers;
    Duration session_time = std::chrono::days(7);
    auth::HashStrength strength = auth::HashStrength::kInteractive;
};

}  // namespace pintle::api
