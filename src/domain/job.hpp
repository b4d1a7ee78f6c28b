#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/group.hpp"
#include "domain/ids.hpp"
#include "domain/pool.hpp"
#include "domain/project.hpp"

namespace pintle::domain {

/// The states of a job. docs/job-states.md has the diagram, generated from job_transition.cpp.
enum class JobState {
    kQueued,          ///< Accepted; its turn or its resources have not come.
    kWaitingForGpus,  ///< It is its turn, GPUs are what is missing.
    kStarting,        ///< Resources are its own; sources are prepared, replicas are started.
    kRunning,         ///< Every replica runs.
    kTraining,        ///< As Running, for a training task that has reported progress.
    kStopping,        ///< Its replicas are being ended; `ending` says what it will be then.
    kComplete,        ///< Ended well. Final.
    kError,           ///< Ended badly; the reason says why. Final.
    kStopped,         ///< Ended because somebody asked. Final.
};
inline constexpr int kJobStateCount = 9;

[[nodiscard]] std::string_view to_string(JobState state);  ///< "Waiting for GPUs", as people see it.
[[nodiscard]] std::optional<JobState> job_state_from(std::string_view text);
[[nodiscard]] bool is_final(JobState state);
/// Queued or Waiting for GPUs: holds no resources.
[[nodiscard]] bool is_waiting(JobState state);

enum class ReplicaState {
    kPending,    ///< Not yet asked to start.
    kStarting,   ///< Asked to start.
    kRunning,
    kSucceeded,  ///< Ended with exit code 0. Final.
    kFailed,     ///< Ended otherwise. Final unless started again.
    kStopped,    ///< Ended by us, or never started. Final.
};
[[nodiscard]] std::string_view to_string(ReplicaState state);
[[nodiscard]] std::optional<ReplicaState> replica_state_from(std::string_view text);
[[nodiscard]] bool is_final(ReplicaState state);

/// What a job carries out.
enum class JobKind {
    kTask,
    kComponent,  ///< A project's component. Its build number is negative, so that people's numbers have no gaps.
};
[[nodiscard]] std::string_view to_string(JobKind kind);
inline constexpr std::string_view kComponentBuild = "component";
/// "digits/train:3", and "digits/jupyter:component" of a component, whose build is negative.
[[nodiscard]] std::string job_name(std::string_view project, std::string_view task, int build);

/// How an attempt ended, as its engine observed it.
struct ReplicaExit {
    int exit_code = 0;           ///< 128 + signal when a signal ended it.
    bool out_of_memory = false;  ///< The kernel ended it at its memory limit.
    std::string message;         ///< In words; empty for a plain exit.
    Time at{};
    bool operator==(const ReplicaExit&) const = default;
};

/// Where a replica was placed.
struct Placement {
    std::string replica;  ///< "worker-0"
    std::string node;
    std::vector<int> devices;
    std::string address;  ///< An IP address that the job's other replicas reach.
    bool operator==(const Placement&) const = default;
};

/// One of a resource's copies within a job, with its present attempt.
struct Replica {
    std::string resource;
    int index = 0;
    ReplicaState state = ReplicaState::kPending;
    int attempt = 1;   ///< Counts starts, from 1.
    int restarts = 0;  ///< How many of them were because the one before had failed.
    Placement placement;
    std::optional<ReplicaExit> exit;
    Time started_at{};  ///< 0 while it has not run.
    Time ended_at{};
    bool operator==(const Replica&) const = default;

    [[nodiscard]] std::string name() const;  ///< "worker-0"
};

using PropertyValue = std::variant<double, bool, std::string>;

/// Everything a job was made of, frozen at submit: later edits of the project do not reach it.
struct JobSpec {
    std::string project_name;
    Task task;
    std::vector<Source> sources;
    std::string default_mount_path;
    GroupId home = kDefaultGroup;  ///< Whose folder of the storages its sources lie in.
    EngineKind engine = EngineKind::kProcess;
    bool image_ignored = false;  ///< `engine: process` was asked for although a resource names an image.
    std::string form_values;  ///< JSON text: what the form it was started by was filled with; empty: by none.
    std::vector<std::string> form_files;  ///< Ids of the files that were sent with these values.
    bool operator==(const JobSpec&) const = default;
};

/// A prepared source as one resource sees it.
struct PreparedVolume {
    std::string resource;
    std::string source;
    std::string host_path;
    std::string mount_path;
    bool read_only = false;
    bool library_dir = false;
    bool operator==(const PreparedVolume&) const = default;
};

/// What must be there before a job's replicas can start.
struct Preparation {
    std::vector<PreparedVolume> volumes;
    std::map<std::string, std::string> revisions;     ///< git source → commit
    std::map<std::string, std::string> environments;  ///< resource → folder of its Python environment
    /// Sources that get what the job wrote only after its last replica has ended; the job ends when they have it.
    std::vector<std::string> written_back;
    bool operator==(const Preparation&) const = default;
};

/// What a stopping job will be when its last replica has ended.
struct Ending {
    JobState state = JobState::kStopped;  ///< A final state, or Queued: its resources are given to another for now.
    std::string reason;
    bool operator==(const Ending&) const = default;
};

/// Why a waiting job must not start.
struct Hold {
    std::string reason;  ///< May be empty.
    std::string by;      ///< Whose hold it is: a user's name.
    bool by_operator = false;  ///< Then only operators release it.
    Time at{};
    bool operator==(const Hold&) const = default;
};

/// How a job is to be scheduled; what its owner may ask for beside the task.
struct SchedulingWish {
    int priority = 0;
    bool immediate = false;  ///< Takes the GPUs that are free now, at most those it asks for, and never waits for GPUs.
    bool operator==(const SchedulingWish&) const = default;
};
inline constexpr int kPriorityMost = 1000;   ///< And the least is its negative.
inline constexpr int kPriorityOfUsers = 100; ///< What those who are no operators may ask for.

/// One execution of a task, or of a component. A value: it changes only through apply() in job_transition.hpp.
struct Job {
    JobId id;
    ProjectId project_id;
    JobKind kind = JobKind::kTask;
    int build = 0;
    JobSpec spec;  ///< Of a component: a task of its name with one resource of its name.
    UserId owner;
    GroupId group = kDefaultGroup;  ///< Of the owner; while it waits this follows the owner.
    PoolId pool = kDefaultPool;     ///< Where it queues and whose GPUs it has.
    std::string submitted_by;       ///< The owner's name then, or that of a job's program.
    SchedulingWish wish;
    std::int64_t rank = 0;  ///< Its place in the queue among jobs of equal priority; the lower goes first.
    std::optional<Hold> hold;
    int requeues = 0;       ///< How often it had to give its resources back.
    std::string cloned_from;  ///< A job id, or empty.
    JobState state = JobState::kQueued;
    std::string reason;       ///< In words, for the present state; may be empty.
    std::optional<Ending> ending;
    std::vector<Replica> replicas;  ///< In the task's order of resources, then by index.
    std::optional<Preparation> preparation;
    int network_slot = -1;    ///< Which block of loopback addresses it holds; -1: none.
    std::map<std::string, PropertyValue> properties;  ///< What the program reported: accuracy, model_path, …
    std::int64_t event_count = 0;
    Time submitted_at{};
    Time started_at{};        ///< When it got its resources.
    int source_tries = 0;     ///< Failed ones in a row, of making its sources ready or of writing them back.
    Time source_trouble_since{};
    Time running_at{};        ///< When every replica ran.
    Time ended_at{};
    bool operator==(const Job&) const = default;

    [[nodiscard]] std::string display_name() const;  ///< See job_name()
    [[nodiscard]] const Resource& resource_of(const Replica& replica) const;
    [[nodiscard]] Replica* find_replica(std::string_view name);
    [[nodiscard]] const Replica* find_replica(std::string_view name) const;
    [[nodiscard]] int gpus() const;       ///< That all replicas together ask for.
    [[nodiscard]] int gpus_held() const;  ///< That they were given; fewer when it started immediately.
};

}  // namespace pintle::domain
