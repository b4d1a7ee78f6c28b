#pragma once

#include <string>
#include <string_view>

#include "gateway/directory.hpp"
#include "net/http_message.hpp"

namespace pintle::gateway {

/// What a component hears of a visitor's request, and what a browser hears of the component's answer. Pure; any thread.

/// Who the visitor is to the component.
struct Visit {
    std::string prefix;  ///< "/projects/ID/components/NAME"
    std::string host;    ///< As the browser called the gateway: "localhost:7172".
    bool https = false;
    std::string remote;  ///< "127.0.0.1:50412"
    bool behind_proxy =
        false;  ///< A proxy on this machine stands before the gateway: what it says of the client is believed.
};

/// The headers for the component: no cookie, credential or CSRF token of the server's own, its token instead; Host,
/// Origin and Referer as if it were called at its own address, X-Forwarded-* for what the browser really called.
[[nodiscard]] net::Headers request_headers(const net::Headers& from_browser, const Endpoint& endpoint,
                                           const Visit& visit);

/// Changes the component's headers in place: its cookies and redirects stay below its path, and it speaks for nothing
/// beyond that: not for the host, not for other origins.
void confine_answer(net::Headers& from_component, const Endpoint& endpoint, const Visit& visit);

/// "a=b; Path=/; Domain=x" becomes "a=b; Path=/projects/…/". Empty when it may not be set at all.
[[nodiscard]] std::string confined_cookie(std::string_view set_cookie, std::string_view prefix);

}  // namespace pintle::gateway
