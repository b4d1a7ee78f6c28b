#pragma once

#include "base/error.hpp"
#include "net/http_message.hpp"

namespace pintle::api {

/// What a browser that comes back from an identity provider shows when that did not work: one document with its style
/// inside, and a Content-Security-Policy that lets nothing run. Pure; any thread.
[[nodiscard]] net::Response sign_in_failed_page(const Error& error);

}  // namespace pintle::api
