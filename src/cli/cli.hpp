#pragma once

#include <string>
#include <vector>

#include "cli/deps.hpp"

namespace pintle::cli {

/// The command line: a client of the HTTP API alone. `argv` is without the program's name. Returns the exit code:
/// that of the error's code (base/error.hpp), 2 for a command line that makes no sense, that of the job where one
/// was followed (0 Complete, 1 Error, 130 Stopped), 0 otherwise.
///
/// Threading: one call at a time; a followed job is read by two threads that end before it returns.
/// Ownership: borrows everything. Failure: as the exit code, explained on standard error.
[[nodiscard]] int run_cli(const std::vector<std::string>& argv, const CliDeps& deps);

}  // namespace pintle::cli
