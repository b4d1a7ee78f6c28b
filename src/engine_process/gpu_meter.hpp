#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/usage.hpp"

namespace pintle::engine_process {

/// What the machine's GPUs do, as their drivers tell: NVIDIA's library and AMD's files. A driver in trouble can keep
/// who asks it for minutes or for ever, so that a thread of its own asks, and is left behind when it does not come
/// back.
///
/// Threading: one thread at a time. Failure: kTimeout when the drivers did not answer in time, kUnavailable while an
/// earlier question is not answered yet. A machine without such GPUs has none, and no thread.
class GpuMeter {
public:
    /// `root` stands before /sys; `patience` is how long the drivers may take.
    GpuMeter(std::string root, std::string nvml_library, Duration patience = Duration(1'000));
    ~GpuMeter();
    GpuMeter(const GpuMeter&) = delete;
    GpuMeter& operator=(const GpuMeter&) = delete;

    [[nodiscard]] Result<std::vector<engine::DeviceUsage>> usage();

private:
    struct Shared;
    [[nodiscard]] bool has_drivers() const;

    const Duration patience_;
    std::shared_ptr<Shared> shared_;
    bool started_ = false;
};

}  // namespace pintle::engine_process
