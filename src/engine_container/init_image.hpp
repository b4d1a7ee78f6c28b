#pragma once

#include <string_view>

namespace pintle::engine_container {

/// The file of container_init.cpp, a program without shared libraries that is built into this one. Empty where such a
/// program could not be built. Any thread; lives as long as the program.
[[nodiscard]] std::string_view init_image();

}  // namespace pintle::engine_container
