#include "domain/task.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace pintle::domain {

const Resource* Task::find(std::string_view resource) const {
    for (const Resource& candidate : resources) {
        if (candidate.name == resource) return &candidate;
    }
    return nullptr;
}

namespace {
std::int64_t or_default(std::int64_t request, std::int64_t limit, std::int64_t fallback) {
    if (request > 0) return request;
    return limit > 0 ? std::min(limit, fallback) : fallback;
}
}  // namespace

Quantities effective_requests(const Resource& resource) {
    return {or_default(resource.requests.cpu_millis, resource.limits.cpu_millis, kDefaultRequestCpuMillis),
            or_default(resource.requests.memory_bytes, resource.limits.memory_bytes, kDefaultRequestMemoryBytes)};
}

int restarts_allowed(const Resource& resource) {
    if (resource.max_restart_count > 0) return resource.max_restart_count;
    return resource.restart_policy == RestartPolicy::kOnFailure ? kDefaultRestarts : 0;
}

std::string_view to_string(EngineKind kind) {
    switch (kind) {
        case EngineKind::kProcess: return "process";
        case EngineKind::kContainer: return "container";
    }
    unreachable();
}

std::string_view to_string(TaskKind kind) {
    switch (kind) {
        case TaskKind::kGeneral: return "general";
        case TaskKind::kTraining: return "training";
        case TaskKind::kInit: return "init";
        case TaskKind::kExport: return "export";
    }
    unreachable();
}

std::string_view to_string(RestartPolicy policy) {
    switch (policy) {
        case RestartPolicy::kNever: return "never";
        case RestartPolicy::kOnFailure: return "on-failure";
    }
    unreachable();
}

}  // namespace pintle::domain
