#pragma once

#include <span>
#include <string_view>

namespace pintle::webui {

/// A file of the interface, as it was built. It lies in the binary and lives as long as the program.
struct Asset {
    std::string_view path;     ///< "/assets/index-3fd1.js"
    std::string_view type;     ///< "text/javascript; charset=utf-8"
    std::string_view etag;     ///< In quotes; another one for every content.
    std::string_view content;  ///< As it is.
    std::string_view gzip;     ///< Compressed; empty where that gains nothing.
    bool immutable = false;    ///< Its name changes with its content.
};

/// Sorted by path. Empty in a binary without the interface. Written by cmake/embed_webui.mjs.
[[nodiscard]] std::span<const Asset> assets();

}  // namespace pintle::webui
