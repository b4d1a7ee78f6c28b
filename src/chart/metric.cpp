#include "chart/metric.hpp"

#include <array>

namespace pintle::chart {

namespace {

constexpr std::array kMetrics{
    Metric{"cpu_percent", "CPU usage", "%", JoinedBy::kSum},
    Metric{"memory_mb", "Memory", "MB", JoinedBy::kSum},
    Metric{"gpu_percent", "GPU usage", "%", JoinedBy::kMean},
    Metric{"gpu_memory_mb", "GPU memory", "MB", JoinedBy::kSum},
    Metric{"gpu_power_w", "GPU power draw", "W", JoinedBy::kSum},
    Metric{"gpu_temperature_c", "GPU temperature", "°C", JoinedBy::kMean},
    Metric{"network_receive_bytes_per_s", "Network received", "B/s", JoinedBy::kSum},
    Metric{"network_send_bytes_per_s", "Network sent", "B/s", JoinedBy::kSum},
    Metric{"disk_read_bytes_per_s", "Disk read", "B/s", JoinedBy::kSum},
    Metric{"disk_write_bytes_per_s", "Disk written", "B/s", JoinedBy::kSum},
};

}  // namespace

std::string_view to_string(JoinedBy joined_by) {
    switch (joined_by) {
        case JoinedBy::kSum: return "sum";
        case JoinedBy::kMean: return "mean";
    }
    return "";
}

std::span<const Metric> known_metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
    for (const Metric& metric : kMetrics) {
        if (metric.name == name) return &metric;
    }
    return nullptr;
}

}  // namespace pintle::chart
