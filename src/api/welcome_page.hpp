#pragma once

#include "base/error.hpp"
#include "net/http_message.hpp"

namespace pintle::api {

/// The pages of the server itself, outside /api/v1, that people see before they have signed in. Each is one document
/// with its style and program inside, and a Content-Security-Policy that lets nothing else run. Pure; any thread.

/// GET /welcome: set a password by the code in the fragment (which no log ever sees), sign in, see who has, make an
/// access token, sign out.
[[nodiscard]] net::Response welcome_page();

/// What a browser that comes back from an identity provider shows when that did not work.
[[nodiscard]] net::Response sign_in_failed_page(const Error& error);

}  // namespace pintle::api
