#include "server/components_config.hpp"

#include <algorithm>

namespace pintle::server {
namespace {

/// "https://*.tools.example:8443": a star only as the whole first part of the name.
bool is_origin(std::string_view url) {
    const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
    std::string_view authority = url.substr(scheme);
    if (authority.starts_with("*.")) authority.remove_prefix(2);
    const bool plain = std::all_of(authority.begin(), authority.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == ':' || c == '[' || c == ']';
    });
    return scheme > 0 && !authority.empty() && plain;
}

}  // namespace

void read_components(json::Reader& config, ComponentsConfig& into) {
    auto components = config.object("components");
    if (!components) return;
    into.listen = components->text("listen", into.listen);
    into.url = components->text("url", into.url);
    while (into.url.ends_with('/')) into.url.pop_back();
    if (!into.url.empty() && !is_origin(into.url)) {
        components->error_at("url", "expected what browsers call the components, without a path, such as "
                                    "https://tools.example or https://*.tools.example");
    }
    components->finish();
}

}  // namespace pintle::server
