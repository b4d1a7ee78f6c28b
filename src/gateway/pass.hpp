#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/identity.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::gateway {

/// What a browser is given for one component of one project: it says in whose name and by which sign-in, and lets
/// nobody do anything that these may not do at the moment it is used. A value.
struct Pass {
    auth::Identity::Via via = auth::Identity::Via::kSession;
    std::string credential;  ///< The hash of the session or of the token; empty for the local token.
    domain::UserId user;
    domain::ProjectId project;
    std::string component;
    Time expires_at{};
    bool operator==(const Pass&) const = default;
};

/// How long a pass is good. What it stands for is looked up for each request, so this bounds only what is forgotten.
inline constexpr Duration kPassTime = std::chrono::days(7);
/// The cookie that holds it, on the origin of the components.
inline constexpr std::string_view kPassCookie = "pintle_component";

/// The value of the cookie. `key` has 32 bytes: Tokens::key_for("components"). Pure but for random numbers; any thread.
[[nodiscard]] std::string seal_pass(const Pass& pass, std::string_view key);
/// The reverse; nothing when it is not ours or too old.
[[nodiscard]] std::optional<Pass> open_pass(std::string_view cookie, std::string_view key, Time now);

}  // namespace pintle::gateway
