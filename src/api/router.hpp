#pragma once

#include <map>
#include <string>
#include <utility>

#include "api/route.hpp"

namespace pintle::api {

inline constexpr std::string_view kBasePath = "/api/v1";

/// What a request's path and method lead to.
struct Match {
    const Route* route = nullptr;                                  ///< Null: no such path, or not with this method.
    std::vector<std::pair<std::string_view, std::string>> params;  ///< ("job", "digits/train:3")
    std::string allowed;                                           ///< "GET, PUT" when the path exists; else empty.
};

/// Finds routes by method and path. Constant after construction; any thread. Borrows the routes.
class Router {
public:
    explicit Router(const std::vector<Route>& routes);
    [[nodiscard]] Match find(const net::Request& request) const;

private:
    struct Entry {
        std::vector<std::string_view> parts;
        const Route* route;
    };
    std::multimap<std::size_t, Entry> entries_;  ///< By their number of parts.
};

/// "{job}" gives "job", anything else nothing.
[[nodiscard]] std::string_view param_name(std::string_view part);
/// "/jobs/{job}" gives {"jobs", "{job}"}.
[[nodiscard]] std::vector<std::string_view> path_parts(std::string_view path);

}  // namespace pintle::api
