#pragma once

#include <string>
#include <vector>

namespace pintle::server {

/// `pintle serve`: runs the server in the foreground until SIGTERM or SIGINT, or, with --background, starts one and
/// returns when it answers; --stop ends the one that runs on the data folder. Returns the exit status.
[[nodiscard]] int serve_command(const std::vector<std::string>& arguments);

/// The text of `pintle serve --help`.
[[nodiscard]] std::string serve_help();

}  // namespace pintle::server
