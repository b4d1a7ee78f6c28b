#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/ids.hpp"
#include "domain/node.hpp"

namespace pintle::scheduling {

/// What one replica needs to be placed.
struct ReplicaNeed {
    std::string replica;
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int gpus = 0;
    std::string node_label;  ///< "key=value" or "key"; empty: any node.
    bool operator==(const ReplicaNeed&) const = default;
};

/// A job that waits for its place. All its replicas are placed together or none is.
struct QueuedJob {
    domain::JobId id;
    std::string name;  ///< "digits/train:3", for reasons.
    std::vector<ReplicaNeed> needs;
    bool operator==(const QueuedJob&) const = default;
};

/// A node and what is taken of it.
struct NodeLoad {
    domain::Node node;
    std::int64_t cpu_millis_used = 0;
    std::int64_t memory_bytes_used = 0;
    std::vector<int> devices_used;  ///< Indexes, sorted.
    int replicas = 0;

    [[nodiscard]] std::int64_t cpu_millis_free() const { return node.cpu_millis - cpu_millis_used; }
    [[nodiscard]] std::int64_t memory_bytes_free() const { return node.memory_bytes - memory_bytes_used; }
    [[nodiscard]] std::vector<int> devices_free() const;  ///< Healthy ones that nobody holds.
};

struct NodePlacement {
    std::string replica;
    std::string node;
    std::vector<int> devices;
    bool operator==(const NodePlacement&) const = default;
};

/// The job gets these places now, in the order of its needs.
struct Admit {
    domain::JobId id;
    std::vector<NodePlacement> placements;
};
/// The job is next for what it lacks, but must wait.
struct Wait {
    domain::JobId id;
    int gpus_missing = 0;  ///< 0 when GPUs are not what it lacks.
    std::string reason;
};
using Decision = std::variant<Admit, Wait>;

/// Decides who starts now. First come first served: a job that must wait holds back every later job that asks
/// for something it lacks, so nobody overtakes it to what it waits for; a job without GPUs may pass one that
/// waits for GPUs only. Replicas of a job go to one node where they fit, GPUs are packed onto the fullest node
/// that has enough.
///
/// Pure. Looks only at as much of the queue as can matter: jobs after the point where nothing can start any
/// more get no decision. `queue` is in order of submission.
[[nodiscard]] std::vector<Decision> plan(std::vector<NodeLoad> nodes, const std::vector<const QueuedJob*>& queue);

/// Why the job could not run even if nothing else did, with the numbers; nothing when it could.
[[nodiscard]] std::optional<std::string> why_never(const std::vector<NodeLoad>& nodes, const std::vector<ReplicaNeed>& needs);

/// Gives places or takes them back, in the books of the nodes.
void take(std::vector<NodeLoad>& nodes, const NodePlacement& placement, const ReplicaNeed& need);
void release(std::vector<NodeLoad>& nodes, const NodePlacement& placement, const ReplicaNeed& need);

}  // namespace pintle::scheduling
