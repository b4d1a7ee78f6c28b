#pragma once

#include <string_view>

namespace pintle::server {

/// The file of the process engine's launcher, a program without shared libraries that is built into this one. Empty
/// where it was built without. Any thread; lives as long as the program.
[[nodiscard]] std::string_view launcher_image();

}  // namespace pintle::server
