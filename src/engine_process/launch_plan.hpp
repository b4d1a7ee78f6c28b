#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"
#include "engine_process/cgroup.hpp"
#include "engine_process/replica_environment.hpp"

namespace pintle::engine_process {

/// How a replica gets a view of the file system of its own.
enum class NamespaceMode {
    kNone,  ///< Not at all: it sees what the host sees.
    kRoot,  ///< By right of the superuser.
    kUser,  ///< Inside a user namespace with our own user id.
};

/// A folder that a replica needs although it lies in a hidden one.
struct KeptFolder {
    std::string path;
    bool read_only = false;
    bool operator==(const KeptFolder&) const = default;
};

/// Everything that a supervisor does for one attempt, worked out by the engine beforehand, so that the supervisor
/// only carries it out. A value; lies as the file `launch` in the attempt's folder.
struct LaunchPlan {
    std::string replica;  ///< "worker-1", for sentences.
    std::string script;
    Environment environment;
    std::string folder;  ///< Where the shell begins.
    NamespaceMode namespaces = NamespaceMode::kNone;
    std::vector<engine::Mount> mounts;
    std::vector<std::string> hidden;  ///< Folders and files of the server that the replica must not see.
    std::vector<KeptFolder> kept;     ///< What it sees of them, at the host's own paths, beside its mounts.
    bool own_users = false;           ///< A user namespace of its own, for a replica of root.
    std::string hosts_file;  ///< Shown as /etc/hosts; empty: the host's own.
    std::string host_name;   ///< Empty: the host's own.
    std::vector<CgroupFolder> cgroups;
    std::int64_t memory_limit_bytes = 0;  ///< For sentences; enforced by the cgroups or, per process, by the next.
    std::int64_t data_limit_bytes = 0;    ///< RLIMIT_DATA where there is no memory cgroup; 0: none.
    std::string log_folder;
    std::uint64_t log_segment_bytes = 0;
    std::uint64_t log_total_bytes = 0;
    Duration grace{};           ///< When somebody ends the supervisor by hand.
    Duration leftover_grace{};  ///< For processes that outlive the replica's main process.
    bool operator==(const LaunchPlan&) const = default;
};

/// kInvalid when a text cannot be given to a program.
[[nodiscard]] Result<std::string> encode(const LaunchPlan& plan);
[[nodiscard]] Result<LaunchPlan> decode_plan(std::string_view bytes);

}  // namespace pintle::engine_process
