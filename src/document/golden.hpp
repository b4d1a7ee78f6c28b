#pragma once

#include <string>
#include <string_view>

namespace pintle::document {

/// The text of a file below the project's folder; fails the test when it cannot be read.
[[nodiscard]] std::string read_project_file(const std::string& path);
/// Holds `text` against a file below the project's folder. UPDATE_GOLDEN=1 in the environment rewrites it.
void check_golden(const std::string& path, std::string_view text);

}  // namespace pintle::document
