#pragma once

#include <map>
#include <string>

namespace pintle::catalog {

inline constexpr const char* kBuiltInCatalog = "built-in";

/// The files of the catalog that is part of the program: the folder templates of its sources. Written by
/// src/catalog/CMakeLists.txt.
[[nodiscard]] std::map<std::string, std::string> built_in_files();

}  // namespace pintle::catalog
