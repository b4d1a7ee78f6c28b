#include "auth/host.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::auth {

std::string host_name(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const std::size_t bracket = host.rfind(']');
    const bool no_port = colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket);
    return to_lower(no_port ? host : host.substr(0, colon));
}

bool is_ip_literal(std::string_view name) {
    if (name.size() > 2 && name.front() == '[')
        return name.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string_view::npos;
    const auto parts = split(name, '.');
    return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
               return !part.empty() && part.size() <= 3 && part.find_first_not_of("0123456789") == std::string::npos;
           });
}

Result<void> check_host(std::string_view host, const std::vector<std::string>& names) {
    const std::string name = host_name(host);
    if (is_ip_literal(name) || name == "localhost") return {};
    for (const std::string& own : names) {
        if (to_lower(own) == name) return {};
    }
    return fail(ErrorCode::kDenied,
                "this server does not answer to the name \"{}\"; call it by its address, or name it in the server's "
                "configuration",
                to_valid_utf8(name.substr(0, 100)));
}

}  // namespace pintle::auth
