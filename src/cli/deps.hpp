#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "cli/arguments.hpp"

namespace pintle::cli {

/// A command that another module brings, such as `serve`. It appears in help and completion like the others; its
/// options are parsed by its spec, or not at all with takes_rest.
struct ExtraCommand {
    CommandSpec spec;
    std::function<int(const Arguments&)> run;  ///< Returns the exit code.
};

/// Everything through which the command line touches the world, so that tests can stand in for it.
///
/// Threading: `sleep` and `env` are called from any thread, the others from that of run_cli() alone.
/// Ownership: the caller's; must outlive run_cli(). Failure: as each says.
struct CliDeps {
    /// Write all of it; return 0 or an errno.
    std::function<int(std::string_view)> out;
    std::function<int(std::string_view)> err;
    std::function<std::optional<std::string>()> read_line;  ///< From standard input, without the line end.
    std::function<std::optional<std::string>()> read_secret;  ///< The same, without showing what is typed.
    bool in_is_terminal = false;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    int width = 80;  ///< Of the terminal, in cells.
    int height = 24;
    std::function<std::optional<std::string>(const std::string&)> env;
    std::function<Time()> now;
    std::function<void(Duration)> sleep;
    /// Runs a program in the foreground with our terminal; its exit code.
    std::function<Result<int>(const std::vector<std::string>&)> run_program;
    std::string version = "0.0.0";
    std::string host_name = "here";  ///< Of this machine, for the names of tokens.
    bool handle_signals = false;  ///< Ctrl-C while following detaches with a hint.
    std::vector<ExtraCommand> extra;
};

/// The real world.
[[nodiscard]] CliDeps system_deps();

}  // namespace pintle::cli
