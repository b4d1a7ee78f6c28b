#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "net/proxy_server.hpp"

namespace pintle::net {
namespace {

/// Whether any header of that name has the word in its list.
bool lists(const Headers& headers, std::string_view name, std::string_view word) {
    for (const auto& [header, value] : headers) {
        if (!is_same_header(header, name)) continue;
        for (const std::string& part : split(value, ',')) {
            if (is_same_header(trim(part), word)) return true;
        }
    }
    return false;
}

bool is_of_one_hop(std::string_view name) {
    constexpr std::array<std::string_view, 12> kOneHop{
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Content-Length", "Upgrade", "HTTP2-Settings", "Expect"};
    return std::any_of(kOneHop.begin(), kOneHop.end(), [&](std::string_view one) { return is_same_header(name, one); });
}

}  // namespace

Headers end_to_end(const Headers& headers) {
    Headers kept;
    for (const auto& [name, value] : headers) {
        if (is_of_one_hop(name) || lists(headers, "Connection", name) || !is_valid_header(name, value)) continue;
        kept.add(name, value);
    }
    return kept;
}

bool asks_for_websocket(const Request& head) {
    return head.method == "GET" && is_same_header(trim(head.headers.get("Upgrade")), "websocket") &&
           lists(head.headers, "Connection", "upgrade");
}

}  // namespace pintle::net
