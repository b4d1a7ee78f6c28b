#pragma once

#include <string>
#include <string_view>

#include "gateway/directory.hpp"
#include "net/http_message.hpp"

namespace pintle::gateway {

/// What a visitor is told where there is no component to be led to. Pure; any thread. Who asks for a page gets one that
/// is complete in itself; programs get the same in JSON.

/// Whether the request is a browser that shows what it gets, rather than a program of a page.
[[nodiscard]] bool wants_page(const net::Request& head);

/// It is not running: why, and what can be done. While that may pass by itself, the page asks again.
[[nodiscard]] net::Response state_answer(const net::Request& head, const Endpoint& endpoint,
                                         std::string_view server_url);
/// It is running and does not answer; `why` is half a sentence.
[[nodiscard]] net::Response silent_answer(const net::Request& head, const Endpoint& endpoint, std::string_view why);
/// It may not be opened with what the browser has. `open_url` is where it gets what it needs; may be empty.
[[nodiscard]] net::Response refused_answer(const net::Request& head, const Error& error, std::string_view open_url);

/// A fault as programs read it: `{"code":…,"message":…,"details":[],"request_id":…}`.
[[nodiscard]] net::Response fault_answer(int status, std::string_view code, std::string message,
                                         const net::Request& head);

/// Where the button of a paused component posts to, below the component's path.
inline constexpr std::string_view kResumePath = "/.pintle/resume";

}  // namespace pintle::gateway
