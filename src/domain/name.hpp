#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::domain {

/// Names of projects, tasks, resources, sources and storages: 1 to 63 characters, lower-case letters, digits
/// and dashes, a letter or digit at both ends.
[[nodiscard]] bool is_valid_name(std::string_view name);
/// The rule in words, for error texts: `"My Task" is not a name: use 1 to 63 …`.
[[nodiscard]] std::string name_fault(std::string_view name);
/// The name as part of an environment variable: `my-data` becomes `MY_DATA`.
[[nodiscard]] std::string variable_stem(std::string_view name);

}  // namespace pintle::domain
