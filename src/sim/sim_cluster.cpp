#include "sim/sim_cluster.hpp"

#include <fmt/core.h>

namespace pintle::sim {
namespace {

domain::Node make_node(std::string name, std::int64_t cpu_millis, int memory_gi, std::vector<std::string> models) {
    domain::Node node;
    node.name = std::move(name);
    node.cpu_millis = cpu_millis;
    node.memory_bytes = static_cast<std::int64_t>(memory_gi) << 30;
    node.private_mounts = true;
    node.private_names = true;
    for (const std::string& model : models) {
        const int index = static_cast<int>(node.devices.size());
        domain::Device device;
        device.index = index;
        device.model = model;
        device.uuid = fmt::format("GPU-{}-{}", node.name, index);
        node.devices.push_back(std::move(device));
    }
    return node;
}

}  // namespace

SimCluster::SimCluster(Rng& rng) : rng_(rng) {
    nodes_.push_back(make_node("small", 2000, 4, {}));
    nodes_.push_back(make_node("large", 4000, 8, {"A", "A", "A", "A"}));
    nodes_.push_back(make_node("mixed", 4000, 8, {"A", "B", "B"}));
    nodes_.push_back(make_node("spare", 3000, 8, {"B", "B"}));
    nodes_[1].labels = {{"disk", "ssd"}};
}

void SimCluster::change() {
    domain::Node& node = nodes_[rng_.below(nodes_.size())];
    // The largest node stays, so that there is always something to run on.
    if (rng_.chance(30) && node.name != "large") {
        if (lost_.erase(node.name) == 0) lost_.insert(node.name);
        return;
    }
    if (node.devices.empty()) return;
    domain::Device& device = node.devices[rng_.below(node.devices.size())];
    device.healthy = !device.healthy;
    device.fault = device.healthy ? "" : "a simulated fault";
}

void SimCluster::mend() {
    lost_.clear();
    for (domain::Node& node : nodes_) {
        for (domain::Device& device : node.devices) {
            device.healthy = true;
            device.fault.clear();
        }
    }
}

std::vector<domain::Node> SimCluster::present() const {
    std::vector<domain::Node> found;
    for (const domain::Node& node : nodes_) {
        if (is_present(node.name)) found.push_back(node);
    }
    return found;
}

}  // namespace pintle::sim
