#pragma once

#include <string>
#include <string_view>

namespace pintle::engine {

/// The script for `bash -c`: change to `work_dir`, whose variables and leading `~` that shell expands, then the
/// command, whose line numbers stay as they were written. A folder that is not there ends it with status 1. Pure.
[[nodiscard]] std::string shell_script(std::string_view work_dir, std::string_view command);

/// Whether the work folder does not depend on where the shell begins. Pure.
[[nodiscard]] bool names_its_place(std::string_view work_dir);

}  // namespace pintle::engine
