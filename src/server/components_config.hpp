#pragma once

#include <string>

#include "json/reader.hpp"

namespace pintle::server {

/// Where browsers find the components of projects.
///
///     components:
///       listen: 0.0.0.0:7172           # as it is: the first free port after the server's own
///       url: https://*.tools.example   # what browsers call it, where a proxy stands before it
struct ComponentsConfig {
    std::string listen;
    std::string url;  ///< Without a slash at its end. A star gives every component a host of its own.
};

/// Reads these fields of the configuration; faults go to the reader's.
void read_components(json::Reader& config, ComponentsConfig& into);

}  // namespace pintle::server
