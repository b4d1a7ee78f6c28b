#pragma once

#include <string_view>

#include "net/http_message.hpp"

namespace pintle::webui {

/// The web interface as the server sends it: the files of webui/, which are part of the binary. Everything on the
/// screen comes from the API; nothing here knows who asks. Pure; any thread. A binary that was built without the
/// interface answers with a page that says so.

/// Whether a path is the interface's: all but those below /api.
[[nodiscard]] bool answers(std::string_view path);

/// A file; or, for every other path, the interface itself, which knows its own addresses. 404 for a file that there
/// is not, 405 for methods that change things. Compressed for those who take that.
[[nodiscard]] net::Response answer(const net::Request& request);

}  // namespace pintle::webui
