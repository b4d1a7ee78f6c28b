#include "domain/job.hpp"

#include <array>

#include "base/check.hpp"

namespace pintle::domain {
namespace {

constexpr std::array<std::string_view, kJobStateCount> kJobStates{
    "Queued", "Waiting for GPUs", "Starting", "Running", "Training", "Stopping", "Complete", "Error", "Stopped"};
constexpr std::array<std::string_view, 6> kReplicaStates{"Pending",   "Starting", "Running",
                                                         "Succeeded", "Failed",   "Stopped"};

template <class Enum, std::size_t N>
std::optional<Enum> from_names(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(JobState state) { return kJobStates.at(static_cast<std::size_t>(state)); }
std::optional<JobState> job_state_from(std::string_view text) { return from_names<JobState>(kJobStates, text); }
bool is_final(JobState state) {
    return state == JobState::kComplete || state == JobState::kError || state == JobState::kStopped;
}
bool is_waiting(JobState state) { return state == JobState::kQueued || state == JobState::kWaitingForGpus; }

std::string_view to_string(ReplicaState state) { return kReplicaStates.at(static_cast<std::size_t>(state)); }
std::optional<ReplicaState> replica_state_from(std::string_view text) {
    return from_names<ReplicaState>(kReplicaStates, text);
}
bool is_final(ReplicaState state) {
    return state == ReplicaState::kSucceeded || state == ReplicaState::kFailed || state == ReplicaState::kStopped;
}

std::string Replica::name() const { return fmt::format("{}-{}", resource, index); }

std::string_view to_string(JobKind kind) { return kind == JobKind::kTask ? "task" : "component"; }

std::string job_name(std::string_view project, std::string_view task, int build) {
    if (build < 0) return fmt::format("{}/{}:{}", project, task, kComponentBuild);
    return fmt::format("{}/{}:{}", project, task, build);
}

std::string Job::display_name() const { return job_name(spec.project_name, spec.task.name, build); }

const Resource& Job::resource_of(const Replica& replica) const {
    const Resource* resource = spec.task.find(replica.resource);
    check(resource != nullptr, "every replica belongs to a resource of its task");
    return *resource;
}

const Replica* Job::find_replica(std::string_view wanted) const {
    for (const Replica& replica : replicas) {
        if (replica.name() == wanted) return &replica;
    }
    return nullptr;
}

Replica* Job::find_replica(std::string_view wanted) {
    return const_cast<Replica*>(std::as_const(*this).find_replica(wanted));
}

int Job::gpus() const {
    int total = 0;
    for (const Resource& resource : spec.task.resources) total += resource.gpus * resource.replicas;
    return total;
}

int Job::gpus_held() const {
    std::size_t total = 0;
    for (const Replica& replica : replicas) total += replica.placement.devices.size();
    return static_cast<int>(total);
}

}  // namespace pintle::domain
