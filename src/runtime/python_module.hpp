#pragma once

#include <string_view>

namespace pintle::runtime {

/// The text of pintle.py, with which a Python program reports values.
[[nodiscard]] std::string_view python_module();

}  // namespace pintle::runtime
