#include "engine_process/gpu_meter.hpp"

#include <dlfcn.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "engine_process/amd_gpus.hpp"
#include "engine_process/nvml.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {

/// What the meter and its thread share; lives as long as either.
struct GpuMeter::Shared {
    std::string root, library;
    std::mutex mu;
    std::condition_variable changed;
    // Guarded by mu.
    bool asked = false;
    bool ended = false;
    std::optional<std::vector<engine::DeviceUsage>> answer;

    void run();
};

void GpuMeter::Shared::run() {
    // A library of its own: who lists the GPUs does not wait for us.
    Nvml nvml(library);
    std::unique_lock lock(mu);
    while (true) {
        changed.wait(lock, [this] { return asked || ended; });
        if (ended) return;
        lock.unlock();
        auto all = nvml.usage().value_or(std::vector<engine::DeviceUsage>());
        for (engine::DeviceUsage& used : amd_gpu_usage(root)) all.push_back(std::move(used));
        lock.lock();
        asked = false;
        answer = std::move(all);
        changed.notify_all();
    }
}

GpuMeter::GpuMeter(std::string root, std::string nvml_library, Duration patience)
    : patience_(patience), shared_(std::make_shared<Shared>()) {
    shared_->root = std::move(root);
    shared_->library = std::move(nvml_library);
}

GpuMeter::~GpuMeter() {
    const std::lock_guard lock(shared_->mu);
    shared_->ended = true;
    shared_->changed.notify_all();
}

bool GpuMeter::has_drivers() const {
    if (os::exists(shared_->root + "/sys/class/kfd/kfd/topology/nodes")) return true;
    void* library = ::dlopen(shared_->library.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library != nullptr) ::dlclose(library);
    return library != nullptr;
}

Result<std::vector<engine::DeviceUsage>> GpuMeter::usage() {
    if (!started_ && !has_drivers()) return std::vector<engine::DeviceUsage>();
    if (!started_) std::thread([shared = shared_] { shared->run(); }).detach();
    started_ = true;
    std::unique_lock lock(shared_->mu);
    if (shared_->asked) return fail(ErrorCode::kUnavailable, "the GPUs' driver still owes an earlier answer");
    shared_->asked = true;
    shared_->answer.reset();
    shared_->changed.notify_all();
    shared_->changed.wait_for(lock, patience_, [this] { return shared_->answer.has_value(); });
    if (!shared_->answer)
        return fail(ErrorCode::kTimeout, "the GPUs' driver did not answer within {}", to_words(patience_));
    return std::move(*shared_->answer);
}

}  // namespace pintle::engine_process
