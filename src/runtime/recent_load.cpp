#include "runtime/recent_load.hpp"

namespace pintle::runtime {
namespace {

struct Mean {
    double sum = 0;
    int count = 0;

    void take(const std::optional<double>& value) {
        if (!value) return;
        sum += *value;
        ++count;
    }
    [[nodiscard]] std::optional<double> value() const { return count == 0 ? std::nullopt : std::optional(sum / count); }
};

}  // namespace

void RecentLoad::add(Duration since, const domain::ComponentLoad& load) {
    measured_ = measured_ || load.cpu_percent || load.gpu_percent;
    looks_.push_back({since, load});
    while (since - looks_.front().since > kKept) looks_.pop_front();
}

std::optional<domain::ComponentLoad> RecentLoad::mean(Duration now, Duration window) const {
    if (looks_.empty() || now - looks_.back().since > kKept) return std::nullopt;
    Mean cpu, gpu;
    for (auto look = looks_.rbegin(); look != looks_.rend(); ++look) {
        if (look != looks_.rbegin() && now - look->since > window) break;
        cpu.take(look->load.cpu_percent);
        gpu.take(look->load.gpu_percent);
    }
    return domain::ComponentLoad{cpu.value(), gpu.value()};
}

}  // namespace pintle::runtime
