#pragma once

#include <string>
#include <vector>

#include "domain/node.hpp"

namespace pintle::engine_process {

/// A GPU of this machine and where its driver lists it.
struct Gpu {
    domain::Device device;  ///< The index is ours, and stays.
    int driver_index = 0;   ///< Among those of its vendor, when it was last listed.
    bool is_listed = true;
    bool is_named = true;   ///< A driver has told its uuid.
};

/// The GPUs of this machine since the server began: each keeps the index that it got first, so that what a replica was
/// given stays that replica's when drivers count anew. One that is no longer listed stays, as unhealthy.
///
/// A value without a clock or files; one thread.
class GpuRoster {
public:
    GpuRoster() = default;
    /// `node` names the GPUs whose driver does not: "NODE-INDEX".
    explicit GpuRoster(std::string node) : node_(std::move(node)) {}

    /// Takes in all that the drivers list now: with their own indexes, and without a uuid where a driver does not tell.
    void update(std::vector<domain::Device> listed);
    [[nodiscard]] const std::vector<Gpu>& gpus() const { return gpus_; }

private:
    [[nodiscard]] Gpu* find_named(const domain::Device& listed);
    [[nodiscard]] Gpu* find_placed(const domain::Device& listed);
    void add(domain::Device listed);

    std::string node_;
    std::vector<Gpu> gpus_;  ///< By index. During update(), `is_listed` means: found again.
};

}  // namespace pintle::engine_process
