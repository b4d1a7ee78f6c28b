#pragma once

#include <span>
#include <string_view>

namespace pintle::chart {

/// How one curve is made of those of several replicas or GPUs.
enum class JoinedBy {
    kSum,   ///< What they use together.
    kMean,  ///< What does not add up: percent of a GPU, degrees.
};
[[nodiscard]] std::string_view to_string(JoinedBy joined_by);  ///< "sum"

/// Something that is measured from outside, of every replica and node.
struct Metric {
    std::string_view name;   ///< In series, the API and the command line: "cpu_percent".
    std::string_view title;  ///< For people: "CPU usage".
    std::string_view unit;   ///< "%"; of a core, of a GPU.
    JoinedBy joined_by = JoinedBy::kSum;
};

/// In the order in which they are shown.
[[nodiscard]] std::span<const Metric> known_metrics();
/// Null for another name.
[[nodiscard]] const Metric* find_metric(std::string_view name);

}  // namespace pintle::chart
