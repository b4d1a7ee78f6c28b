#include "scheduling/plan.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::scheduling {
namespace {

// A node runs at most this many replicas: each is at least three processes.
constexpr int kReplicasPerNode = 500;

struct Lack {
    bool cpu = false;
    bool memory = false;
    bool gpus = false;
    bool place = false;
    [[nodiscard]] bool any() const { return cpu || memory || gpus || place; }
};

bool carries_label(const domain::Node& node, const std::string& wanted) {
    if (wanted.empty()) return true;
    const std::size_t equals = wanted.find('=');
    const auto found = node.labels.find(wanted.substr(0, equals));
    if (found == node.labels.end()) return false;
    return equals == std::string::npos || found->second == wanted.substr(equals + 1);
}

bool fits(const NodeLoad& load, const ReplicaNeed& need) {
    return carries_label(load.node, need.node_label) && load.cpu_millis_free() >= need.cpu_millis && load.memory_bytes_free() >= need.memory_bytes &&
           load.replicas < kReplicasPerNode && static_cast<int>(load.devices_free().size()) >= need.gpus;
}

NodeLoad& find_node(std::vector<NodeLoad>& nodes, const std::string& name) {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const NodeLoad& load) { return load.node.name == name; });
    check(found != nodes.end(), "a placement names a node that exists");
    return *found;
}

NodePlacement place_on(NodeLoad& load, const ReplicaNeed& need) {
    std::vector<int> devices = load.devices_free();
    devices.resize(static_cast<std::size_t>(need.gpus));
    NodePlacement placement{need.replica, load.node.name, std::move(devices)};
    load.cpu_millis_used += need.cpu_millis;
    load.memory_bytes_used += need.memory_bytes;
    load.replicas += 1;
    load.devices_used.insert(load.devices_used.end(), placement.devices.begin(), placement.devices.end());
    std::sort(load.devices_used.begin(), load.devices_used.end());
    return placement;
}

// The node that fits and has the fewest GPUs, then the least memory, to spare.
NodeLoad* tightest(std::vector<NodeLoad>& nodes, const ReplicaNeed& need) {
    NodeLoad* best = nullptr;
    const auto spare = [](const NodeLoad& load) { return std::pair(load.devices_free().size(), load.memory_bytes_free()); };
    for (NodeLoad& load : nodes) {
        if (fits(load, need) && (best == nullptr || spare(load) < spare(*best))) best = &load;
    }
    return best;
}

std::optional<std::vector<NodePlacement>> place_all(std::vector<NodeLoad>& nodes, const std::vector<ReplicaNeed>& needs) {
    std::vector<NodePlacement> placements;
    for (const ReplicaNeed& need : needs) {
        NodeLoad* load = tightest(nodes, need);
        if (load == nullptr) return std::nullopt;
        placements.push_back(place_on(*load, need));
    }
    return placements;
}

// One node for the whole job where possible; on success `nodes` has the places taken.
std::optional<std::vector<NodePlacement>> place_gang(std::vector<NodeLoad>& nodes, const std::vector<ReplicaNeed>& needs) {
    for (NodeLoad& load : nodes) {
        std::vector<NodeLoad> only{load};
        if (auto placements = place_all(only, needs)) {
            load = std::move(only.front());
            return placements;
        }
    }
    if (nodes.size() < 2) return std::nullopt;
    std::vector<NodeLoad> attempt = nodes;
    auto placements = place_all(attempt, needs);
    if (placements) nodes = std::move(attempt);
    return placements;
}

ReplicaNeed total_of(const std::vector<ReplicaNeed>& needs) {
    ReplicaNeed total;
    for (const ReplicaNeed& need : needs) {
        total.cpu_millis += need.cpu_millis;
        total.memory_bytes += need.memory_bytes;
        total.gpus += need.gpus;
    }
    return total;
}

struct Free {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int gpus = 0;
};

Free free_of(const std::vector<NodeLoad>& nodes) {
    Free free;
    for (const NodeLoad& load : nodes) {
        free.cpu_millis += load.cpu_millis_free();
        free.memory_bytes += load.memory_bytes_free();
        free.gpus += static_cast<int>(load.devices_free().size());
    }
    return free;
}

Lack lack_of(const std::vector<NodeLoad>& nodes, const std::vector<ReplicaNeed>& needs) {
    const ReplicaNeed total = total_of(needs);
    const Free free = free_of(nodes);
    Lack lack{total.cpu_millis > free.cpu_millis, total.memory_bytes > free.memory_bytes, total.gpus > free.gpus, false};
    lack.place = !lack.any();
    return lack;
}

std::string cores(std::int64_t millis) { return fmt::format("{:g} CPU", static_cast<double>(millis) / 1000); }

std::string lack_in_words(const Lack& lack, const std::vector<NodeLoad>& nodes, const std::vector<ReplicaNeed>& needs) {
    const ReplicaNeed total = total_of(needs);
    const Free free = free_of(nodes);
    std::vector<std::string> parts;
    if (lack.gpus) parts.push_back(fmt::format("{} of which {} are free", count_of(total.gpus, "GPU"), free.gpus));
    if (lack.cpu) parts.push_back(fmt::format("{} of which {} are free", cores(total.cpu_millis), cores(free.cpu_millis)));
    if (lack.memory) parts.push_back(fmt::format("{} memory of which {} are free", bytes_in_words(total.memory_bytes), bytes_in_words(std::max<std::int64_t>(0, free.memory_bytes))));
    if (lack.place) return "no node has enough of everything at once for one of its replicas";
    return "it needs " + join(parts, " and ");
}

/// What earlier jobs wait for; later jobs may not take it.
struct Held {
    Lack kinds;
    std::string by;

    [[nodiscard]] bool holds_back(const ReplicaNeed& total) const {
        return (kinds.cpu && total.cpu_millis > 0) || (kinds.memory && total.memory_bytes > 0) || (kinds.gpus && total.gpus > 0) || kinds.place;
    }
    /// Every job asks for CPU and memory, so from here on nothing can start.
    [[nodiscard]] bool everything() const { return kinds.cpu || kinds.memory || kinds.place; }
};

}  // namespace

std::vector<int> NodeLoad::devices_free() const {
    std::vector<int> free;
    for (const domain::Device& device : node.devices) {
        if (device.healthy && !std::binary_search(devices_used.begin(), devices_used.end(), device.index)) free.push_back(device.index);
    }
    return free;
}

std::vector<Decision> plan(std::vector<NodeLoad> nodes, const std::vector<const QueuedJob*>& queue) {
    std::vector<Decision> decisions;
    Held held;
    for (const QueuedJob* job : queue) {
        const ReplicaNeed total = total_of(job->needs);
        if (held.holds_back(total)) {
            const int gpus = held.kinds.gpus && total.gpus > 0 ? total.gpus : 0;
            decisions.push_back(Wait{job->id, gpus, fmt::format("it is behind {} in the queue", held.by)});
        } else if (auto placements = place_gang(nodes, job->needs)) {
            decisions.push_back(Admit{job->id, std::move(*placements)});
        } else {
            const Lack lack = lack_of(nodes, job->needs);
            decisions.push_back(Wait{job->id, lack.gpus ? total.gpus : 0, lack_in_words(lack, nodes, job->needs)});
            held.kinds = Lack{held.kinds.cpu || lack.cpu, held.kinds.memory || lack.memory, held.kinds.gpus || lack.gpus, held.kinds.place || lack.place};
            if (held.by.empty()) held.by = job->name;
        }
        if (held.everything()) break;
    }
    return decisions;
}

namespace {

std::string label_fault(const std::vector<NodeLoad>& nodes, const ReplicaNeed& need) {
    for (const NodeLoad& load : nodes) {
        if (carries_label(load.node, need.node_label)) return {};
    }
    return fmt::format("{} asks for a node labelled \"{}\" and there is none", need.replica, need.node_label);
}

std::string size_fault(const std::vector<NodeLoad>& nodes, const ReplicaNeed& need) {
    NodeLoad most;
    for (const NodeLoad& load : nodes) {
        most.node.cpu_millis = std::max(most.node.cpu_millis, load.node.cpu_millis);
        most.node.memory_bytes = std::max(most.node.memory_bytes, load.node.memory_bytes);
        if (load.node.devices.size() > most.node.devices.size()) most.node.devices = load.node.devices;
    }
    if (need.gpus > static_cast<int>(most.node.devices.size())) {
        return fmt::format("{} asks for {}; the largest node has {}", need.replica, count_of(need.gpus, "GPU"), most.node.devices.size());
    }
    if (need.cpu_millis > most.node.cpu_millis) {
        return fmt::format("{} asks for {}; the largest node has {}", need.replica, cores(need.cpu_millis), cores(most.node.cpu_millis));
    }
    if (need.memory_bytes > most.node.memory_bytes) {
        return fmt::format("{} asks for {} memory; the largest node has {}", need.replica, bytes_in_words(need.memory_bytes), bytes_in_words(most.node.memory_bytes));
    }
    return {};
}

}  // namespace

std::optional<std::string> why_never(const std::vector<NodeLoad>& nodes, const std::vector<ReplicaNeed>& needs) {
    std::vector<NodeLoad> empty;
    for (const NodeLoad& load : nodes) {
        NodeLoad idle;
        idle.node = load.node;
        // An unhealthy device can recover: that is waiting, not never.
        for (domain::Device& device : idle.node.devices) device.healthy = true;
        empty.push_back(std::move(idle));
    }
    if (empty.empty()) return "there is no node to run anything on";
    for (const ReplicaNeed& need : needs) {
        if (std::string fault = label_fault(empty, need); !fault.empty()) return fault;
        if (std::string fault = size_fault(empty, need); !fault.empty()) return fault;
    }
    std::vector<NodeLoad> attempt = empty;
    if (place_gang(attempt, needs)) return std::nullopt;
    const ReplicaNeed total = total_of(needs);
    const Free free = free_of(empty);
    return fmt::format("its {} together ask for {}, {} memory and {}; all nodes together have {}, {} and {}", count_of(static_cast<std::int64_t>(needs.size()), "replica"),
                       cores(total.cpu_millis), bytes_in_words(total.memory_bytes), count_of(total.gpus, "GPU"), cores(free.cpu_millis),
                       bytes_in_words(free.memory_bytes), count_of(free.gpus, "GPU"));
}

void take(std::vector<NodeLoad>& nodes, const NodePlacement& placement, const ReplicaNeed& need) {
    NodeLoad& load = find_node(nodes, placement.node);
    load.cpu_millis_used += need.cpu_millis;
    load.memory_bytes_used += need.memory_bytes;
    load.replicas += 1;
    for (const int device : placement.devices) {
        const auto at = std::lower_bound(load.devices_used.begin(), load.devices_used.end(), device);
        check(at == load.devices_used.end() || *at != device, "a device has one owner");
        load.devices_used.insert(at, device);
    }
}

void release(std::vector<NodeLoad>& nodes, const NodePlacement& placement, const ReplicaNeed& need) {
    NodeLoad& load = find_node(nodes, placement.node);
    load.cpu_millis_used -= need.cpu_millis;
    load.memory_bytes_used -= need.memory_bytes;
    load.replicas -= 1;
    for (const int device : placement.devices) std::erase(load.devices_used, device);
    check(load.cpu_millis_used >= 0 && load.memory_bytes_used >= 0 && load.replicas >= 0, "nothing is released twice");
}

}  // namespace pintle::scheduling
