#include "domain/gpu_request.hpp"

#include <string>
#include <vector>

#include "base/text.hpp"

namespace pintle::domain {
namespace {

constexpr int kGpusMost = 100'000;

Result<Resource*> resource_to_change(Task& task) {
    std::vector<Resource*> with_gpus;
    std::vector<Resource*> working;
    for (Resource& resource : task.resources) {
        if (resource.gpus > 0) with_gpus.push_back(&resource);
        if (!resource.is_permanent) working.push_back(&resource);
    }
    const std::vector<Resource*>& candidates = with_gpus.empty() ? working : with_gpus;
    if (candidates.size() == 1) return candidates.front();
    std::vector<std::string> names;
    for (const Resource* resource : candidates) names.push_back(resource->name);
    return fail(ErrorCode::kInvalid,
                "the task {} has {} that could have the GPUs ({}); name one, such as --set {}.gpus=1", task.name,
                count_of(static_cast<std::int64_t>(candidates.size()), "resource"), join(names, ", "),
                names.empty() ? "worker" : names.front());
}

std::string numbers_that_divide(int gpus, int workers) {
    const int below = gpus / workers * workers;
    return fmt::format("{} or {}", below, below + workers);
}

}  // namespace

Result<void> request_gpus(Task& task, std::optional<int> gpus, std::optional<int> workers) {
    if (!gpus && !workers) return {};
    if (gpus && (*gpus < 0 || *gpus > kGpusMost))
        return fail(ErrorCode::kInvalid, "the number of GPUs must be from 0 to {}, not {}", kGpusMost, *gpus);
    if (workers && (*workers < 1 || *workers > kReplicasMax)) {
        return fail(ErrorCode::kInvalid, "the number of workers must be from 1 to {}, not {}", kReplicasMax, *workers);
    }
    Resource& resource = *TRY(resource_to_change(task));
    const int replicas = workers.value_or(resource.replicas);
    const int total = gpus.value_or(resource.gpus * resource.replicas);
    if (total > 0 && total < replicas) {
        return fail(ErrorCode::kInvalid,
                    "{} cannot be divided over {}: each needs at least one; ask for {} or fewer workers",
                    count_of(total, "GPU"), count_of(replicas, "worker"), count_of(replicas, "GPU"));
    }
    if (total % replicas != 0) {
        return fail(ErrorCode::kInvalid, "{} do not divide evenly over {}; ask for {} GPUs", count_of(total, "GPU"),
                    count_of(replicas, "worker"), numbers_that_divide(total, replicas));
    }
    resource.replicas = replicas;
    resource.gpus = total / replicas;
    return {};
}

}  // namespace pintle::domain
