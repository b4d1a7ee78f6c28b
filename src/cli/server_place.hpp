#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace pintle::cli {

/// Which server to talk to, and with which token.
struct ServerPlace {
    std::string url;     ///< "http://127.0.0.1:7171", without a slash at the end.
    std::string token;   ///< Empty: none is known.
    bool local = false;  ///< Found by its data folder.
};

/// What the user said about it; empty: nothing.
struct ServerWish {
    std::string url;
    std::string token;
};

using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// $PINTLE_DATA, $XDG_DATA_HOME/pintle or ~/.local/share/pintle; kInvalid when none of these can be told.
[[nodiscard]] Result<std::string> data_folder(const Environment& env);

/// The wish, then PINTLE_URL and PINTLE_TOKEN, then the server of the data folder. For a URL, the token that `pintle
/// login` has kept for it comes before that of the data folder, which goes to that server alone, never to another URL.
/// kUnavailable "no server runs here; …" when there is none. Reads files; any thread.
[[nodiscard]] Result<ServerPlace> find_server(const ServerWish& wish, const Environment& env);

/// What to say when no server is there.
[[nodiscard]] Error no_server_error();

}  // namespace pintle::cli
