#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace pintle::cli {

/// What --help prints, read off the command table. Pure.

/// All commands, one line each.
[[nodiscard]] std::string help_overview(const std::vector<Command>& commands);
/// The commands that begin with `words`.
[[nodiscard]] std::string help_group(const std::vector<Command>& commands, const std::vector<std::string>& words);
[[nodiscard]] std::string help_command(const CommandSpec& spec);
/// "pintle project create --file FILE [--name NAME]"
[[nodiscard]] std::string usage_of(const CommandSpec& spec);

}  // namespace pintle::cli
