#include "domain/project_status.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace pintle::domain {

std::string_view to_string(PodStatus status) {
    switch (status) {
        case PodStatus::kPending: return "Pending";
        case PodStatus::kContainerCreating: return "ContainerCreating";
        case PodStatus::kRunning: return "Running";
        case PodStatus::kCompleted: return "Completed";
        case PodStatus::kError: return "Error";
        case PodStatus::kTerminating: return "Terminating";
        case PodStatus::kCrashLoopBackOff: return "CrashLoopBackOff";
    }
    unreachable();
}

PodStatus pod_status(const Job& job, const Replica& replica) {
    if (is_waiting(job.state)) return PodStatus::kPending;
    const bool is_ending = job.state == JobState::kStopping;
    switch (replica.state) {
        case ReplicaState::kPending:
        case ReplicaState::kStarting: return is_ending ? PodStatus::kTerminating : PodStatus::kContainerCreating;
        case ReplicaState::kRunning: return is_ending ? PodStatus::kTerminating : PodStatus::kRunning;
        case ReplicaState::kSucceeded:
        case ReplicaState::kStopped: return PodStatus::kCompleted;
        case ReplicaState::kFailed: return PodStatus::kError;
    }
    unreachable();
}

PodStatus combined_status(const std::vector<PodStatus>& pods) {
    if (pods.empty()) return PodStatus::kPending;
    const auto count = [&](PodStatus status) { return std::count(pods.begin(), pods.end(), status); };
    std::vector<PodStatus> different;
    for (const PodStatus status : pods) {
        if (std::find(different.begin(), different.end(), status) == different.end()) different.push_back(status);
    }
    if (different.size() == 2) {
        const auto has = [&](PodStatus status) { return count(status) > 0; };
        for (const PodStatus status : {PodStatus::kTerminating, PodStatus::kContainerCreating}) {
            if (has(status)) return status;
        }
        if (has(PodStatus::kCompleted) && has(PodStatus::kRunning)) return PodStatus::kRunning;
        if (has(PodStatus::kCrashLoopBackOff)) return PodStatus::kCrashLoopBackOff;
    }
    // The first of those that are equally frequent.
    return *std::max_element(different.begin(), different.end(),
                             [&](PodStatus a, PodStatus b) { return count(a) < count(b); });
}

bool is_healthy(PodStatus status) { return status == PodStatus::kRunning || status == PodStatus::kCompleted; }

}  // namespace pintle::domain
