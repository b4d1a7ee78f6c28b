#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace pintle::domain {

/// Where a job's replicas run.
enum class EngineKind {
    kProcess,    ///< Supervised processes on the server's own machine.
    kContainer,  ///< Containers of an image.
};

/// One mounted source: (source, sub folder, path in the replica).
struct Volume {
    std::string source;
    std::string sub_path;    ///< Below the source's own sub path.
    std::string mount_path;  ///< Empty: the source's own.
    bool read_only = false;
    bool operator==(const Volume&) const = default;
};

/// What one replica needs (requests, used for placement) and may use at most (limits, enforced).
/// CPU in millicores, memory in bytes; a limit of 0 means none.
struct Quantities {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    bool operator==(const Quantities&) const = default;
};

enum class RestartPolicy {
    kNever,      ///< A failed replica is started again only as often as max_restart_count says.
    kOnFailure,  ///< As above; without a count, up to kDefaultRestarts times.
};

/// Container images; the GPU one is used when GPUs are asked for, and falls back to the other.
struct Images {
    std::string cpu;
    std::string gpu;
    bool operator==(const Images&) const = default;
};

/// A role in a task: what to run, how often, with what.
struct Resource {
    std::string name;
    int replicas = 1;
    std::string work_dir;  ///< Expanded by the replica's shell, so `$SRC_DIR` works.
    std::string command;
    std::string args;      ///< Appended to the command.
    std::vector<std::string> packages;  ///< For that environment too: lines of a requirements.txt.
    std::string requirements;           ///< A requirements.txt for the process engine's Python environment, e.g.
                                        ///< `$SRC_DIR/requirements.txt`.
    Quantities requests;
    Quantities limits;
    int gpus = 0;          ///< For each replica.
    std::vector<std::pair<std::string, std::string>> env;
    Images images;
    bool default_volume_mapping =
        true;  ///< Mount every source of the project as it is defined; `volumes` is then ignored.
    std::string default_mount_path;      ///< Empty: the project's.
    std::vector<Volume> volumes;
    std::string node_allocator;  ///< A label `key=value` or `key` that the node must carry; empty: any node.
    RestartPolicy restart_policy = RestartPolicy::kNever;
    int max_restart_count = 0;
    bool is_permanent = false;   ///< Runs until every other resource has finished, then is stopped.
    int port = 0;                ///< Appended to its addresses when not 0.
    bool operator==(const Resource&) const = default;

    [[nodiscard]] const std::string& image() const { return gpus > 0 && !images.gpu.empty() ? images.gpu : images.cpu; }
};

/// What a task is for; training jobs show the state Training once they report progress.
enum class TaskKind { kGeneral, kTraining, kInit, kExport };

/// Something a project can run.
struct Task {
    std::string name;
    TaskKind kind = TaskKind::kGeneral;
    Duration timeout{0};   ///< How long a job may wait for resources; 0: for ever.
    Duration run_time{0};  ///< How long it is expected to run, for forecasts; 0: learnt from earlier jobs.
    std::string gpu_model; ///< Only GPUs of this model; empty: any one model.
    std::vector<Resource> resources;
    std::vector<std::pair<std::string, std::string>> revisions;  ///< (git source, revision) that override the source's.
    Duration sample_interval{0};    ///< How often what its jobs use is sampled; 0: as often as the server does.
    std::string metrics_pattern = {};    ///< Which values its jobs print (metrics_pattern.hpp).
    std::string tensorboard_folder = {}; ///< Where its jobs write TensorBoard's event files; empty: $TRAINING_DIR.
    bool operator==(const Task&) const = default;

    [[nodiscard]] const Resource* find(std::string_view resource) const;
};

inline constexpr int kReplicasMax = 250;         ///< Of one resource; a job's addresses share one /24 per resource.
inline constexpr int kDefaultRestarts = 3;
inline constexpr std::int64_t kDefaultRequestCpuMillis = 50;
inline constexpr std::int64_t kDefaultRequestMemoryBytes = 128LL << 20;

/// What placement counts for one replica: the request, or the default where none was given.
[[nodiscard]] Quantities effective_requests(const Resource& resource);
/// How often a failed replica is started again.
[[nodiscard]] int restarts_allowed(const Resource& resource);

[[nodiscard]] std::string_view to_string(EngineKind kind);
[[nodiscard]] std::string_view to_string(TaskKind kind);
[[nodiscard]] std::string_view to_string(RestartPolicy policy);

}  // namespace pintle::domain
