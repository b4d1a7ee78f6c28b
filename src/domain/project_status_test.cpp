#include "domain/project_status.hpp"

#include <doctest/doctest.h>

using namespace pintle::domain;
using enum PodStatus;

TEST_CASE("the status of several processes is the most frequent one, and of two different ones the graver one") {
    struct Case {
        std::vector<PodStatus> pods;
        PodStatus together;
    };
    for (const Case& given : std::vector<Case>{
             {{}, kPending},
             {{kRunning}, kRunning},
             {{kError, kError}, kError},
             {{kRunning, kRunning, kTerminating}, kTerminating},
             {{kContainerCreating, kTerminating, kContainerCreating}, kTerminating},
             {{kRunning, kContainerCreating, kRunning}, kContainerCreating},
             {{kCompleted, kCompleted, kRunning}, kRunning},
             {{kCrashLoopBackOff, kRunning, kRunning}, kCrashLoopBackOff},
             {{kCrashLoopBackOff, kCompleted}, kCrashLoopBackOff},
             {{kCrashLoopBackOff, kContainerCreating}, kContainerCreating},
             {{kError, kRunning, kRunning}, kRunning},
             {{kError, kError, kRunning}, kError},
             {{kPending, kRunning}, kPending},
             {{kPending, kRunning, kCompleted, kRunning}, kRunning},
             {{kTerminating, kRunning, kCompleted, kRunning}, kRunning},
         }) {
        CAPTURE(to_string(given.together));
        CHECK(combined_status(given.pods) == given.together);
    }
}

TEST_CASE("a process is what it and its job are") {
    struct Case {
        JobState job;
        ReplicaState replica;
        PodStatus pod;
    };
    for (const Case& given : std::vector<Case>{
             {JobState::kQueued, ReplicaState::kPending, kPending},
             {JobState::kWaitingForGpus, ReplicaState::kPending, kPending},
             {JobState::kStarting, ReplicaState::kPending, kContainerCreating},
             {JobState::kStarting, ReplicaState::kStarting, kContainerCreating},
             {JobState::kStarting, ReplicaState::kRunning, kRunning},
             {JobState::kRunning, ReplicaState::kRunning, kRunning},
             {JobState::kRunning, ReplicaState::kStarting, kContainerCreating},
             {JobState::kRunning, ReplicaState::kSucceeded, kCompleted},
             {JobState::kTraining, ReplicaState::kRunning, kRunning},
             {JobState::kStopping, ReplicaState::kRunning, kTerminating},
             {JobState::kStopping, ReplicaState::kStarting, kTerminating},
             {JobState::kStopping, ReplicaState::kFailed, kError},
             {JobState::kStopping, ReplicaState::kStopped, kCompleted},
         }) {
        Job job;
        job.state = given.job;
        Replica replica;
        replica.state = given.replica;
        CAPTURE(to_string(given.pod));
        CHECK(pod_status(job, replica) == given.pod);
    }
}
