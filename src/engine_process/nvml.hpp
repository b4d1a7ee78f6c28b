#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/node.hpp"
#include "engine/usage.hpp"

namespace pintle::engine_process {

/// A GPU as NVIDIA's driver lists it.
struct NvmlGpu {
    domain::Device device;  ///< The index is NVML's own. No uuid, model and memory when the driver has lost it.
    int minor = -1;         ///< N of /dev/nvidiaN; -1: not told.
};

struct NvmlReport {
    std::string driver;  ///< "535.104.05"; empty when it does not tell.
    std::vector<NvmlGpu> gpus;
};

/// NVIDIA's GPUs and their health, asked of the driver's own library NVML. It is loaded at run time, since most
/// machines have none; what an old one lacks is left out of the answer.
///
/// The library stays open between calls, so that the driver keeps the GPUs and their error counts; it is opened afresh
/// while a GPU is missing, because it would never see it return.
///
/// Threading: one thread at a time. A driver in trouble can take seconds to answer.
class Nvml {
public:
    static constexpr const char* kLibrary = "libnvidia-ml.so.1";

    explicit Nvml(std::string library = kLibrary);
    ~Nvml();

    /// Every GPU that we may use. kNotFound when this machine has no such library, kUnavailable when it has no driver
    /// or the driver does not answer.
    [[nodiscard]] Result<NvmlReport> list();
    /// What they do at the moment, of those that tell who they are. Fails as list() does.
    [[nodiscard]] Result<std::vector<engine::DeviceUsage>> usage();

private:
    struct Library;
    std::unique_ptr<Library> library_;
};

}  // namespace pintle::engine_process
