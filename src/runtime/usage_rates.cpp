#include "runtime/usage_rates.hpp"

namespace pintle::runtime {
namespace {

constexpr Duration kNearest{200};
constexpr double kMegabyte = 1e6;
// Of intervals, beyond which a look was missed.
constexpr double kFarthest = 2.5;

using Counter = std::optional<std::int64_t> engine::Usage::*;

struct Rate {
    const char* name;
    Counter counter;
    double per_unit;  ///< What one of the counter is worth in a second.
};

constexpr Rate kRates[] = {
    {"cpu_percent", &engine::Usage::cpu_us, 100 / 1e6},
    {"network_receive_bytes_per_s", &engine::Usage::network_received_bytes, 1},
    {"network_send_bytes_per_s", &engine::Usage::network_sent_bytes, 1},
    {"disk_read_bytes_per_s", &engine::Usage::disk_read_bytes, 1},
    {"disk_write_bytes_per_s", &engine::Usage::disk_written_bytes, 1},
};

}  // namespace

Measured rates_between(const Reading& before, const Reading& now, Duration interval) {
    Measured measured;
    const Duration passed = now.since - before.since;
    if (passed < kNearest || static_cast<double>(passed.count()) > kFarthest * static_cast<double>(interval.count()))
        return measured;
    for (const Rate& rate : kRates) {
        const auto& was = before.usage.*rate.counter;
        const auto& is = now.usage.*rate.counter;
        if (!was || !is || *is < *was) continue;
        const double seconds = static_cast<double>(passed.count()) / 1000;
        measured.emplace_back(rate.name, static_cast<double>(*is - *was) * rate.per_unit / seconds);
    }
    return measured;
}

Measured levels_of(const engine::Usage& usage) {
    if (!usage.memory_bytes) return {};
    return {{"memory_mb", static_cast<double>(*usage.memory_bytes) / kMegabyte}};
}

Measured levels_of(const engine::DeviceUsage& usage) {
    Measured measured;
    if (usage.busy_percent) measured.emplace_back("gpu_percent", *usage.busy_percent);
    if (usage.memory_bytes)
        measured.emplace_back("gpu_memory_mb", static_cast<double>(*usage.memory_bytes) / kMegabyte);
    if (usage.power_watts) measured.emplace_back("gpu_power_w", *usage.power_watts);
    if (usage.temperature_celsius) measured.emplace_back("gpu_temperature_c", *usage.temperature_celsius);
    return measured;
}

Duration next_look(Duration now, Duration interval) { return (now / interval + 1) * interval; }

}  // namespace pintle::runtime
