#pragma once

#include <string>
#include <string_view>

namespace pintle::engine_process {

/// A driver's name of a GPU's model made a label (domain/label.hpp), so that pools and people can name it: "Radeon
/// RX 6800/6900" is "Radeon RX 6800-6900". `otherwise` when nothing of it is left. Pure.
[[nodiscard]] std::string gpu_model(std::string_view driver_name, std::string_view otherwise);

}  // namespace pintle::engine_process
