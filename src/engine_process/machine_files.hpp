#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pintle::engine_process {

/// Reading what the kernel tells in /proc and /sys, where much may be absent. Any thread.

/// The file without blanks at its ends; empty when it cannot be read.
[[nodiscard]] std::string machine_text(const std::string& path);
/// Names in a folder, sorted; none when it cannot be read.
[[nodiscard]] std::vector<std::string> machine_names(const std::string& folder);
/// The value of the first line "name: value", "name=value" or "name value", without blanks around it.
[[nodiscard]] std::string line_value(std::string_view text, std::string_view name, char separator);

}  // namespace pintle::engine_process
