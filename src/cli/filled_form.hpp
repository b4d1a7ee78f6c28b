#pragma once

#include "cli/command.hpp"

namespace pintle::cli {

/// `--set NAME=VALUE` and `--file NAME=PATH`, as the commands that fill in a form have them.
[[nodiscard]] std::vector<Option> form_value_options();

/// What the API calls a FormBuild: the values as they were written, after the files were sent.
/// Failure: at the first file that cannot be read or sent.
[[nodiscard]] Result<json::Value> form_request_of(Context& context);

}  // namespace pintle::cli
