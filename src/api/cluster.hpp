#pragma once

#include <string>
#include <vector>

#include "api/call.hpp"

namespace pintle::api {

/// The machines, their GPUs and the pools at one moment, as one caller may know them: everybody sees what there is,
/// whether it works and whether it is in use; the jobs behind it only where these may be seen, and the pools of other
/// groups only as such.

struct DeviceSeen {
    std::string node;
    domain::Device device;
    std::string pool;  ///< Its name, or "another group".
    bool in_use = false;
    domain::JobId job;     ///< Of the job that uses it; empty: of none, or of one that is not the caller's to see.
    std::string job_name;  ///< "digits/train:3"
};
struct NodeSeen {
    domain::Node node;  ///< Without its devices.
    scheduling::NodeUse use;
    std::vector<DeviceSeen> devices;
};
struct GroupUseSeen {
    domain::GroupId id;
    std::string name;
    int gpus = 0;
};
struct PoolSeen {
    domain::Pool pool;  ///< Without its list of devices.
    scheduling::PoolUse use;
    int missing = 0;                     ///< Devices that it lists and that are not there at present.
    std::optional<domain::Group> group;  ///< Whose it is; nothing: nobody's yet.
    std::vector<GroupUseSeen> used_by;   ///< By name; for operators only.
};

/// Copies out of the core what one caller may know. Within Runtime::ask(): on the core thread, so it copies and no
/// more.
class ClusterView {
public:
    ClusterView(const core::Core& core, const auth::Identity& identity);

    [[nodiscard]] std::vector<NodeSeen> nodes() const;
    [[nodiscard]] std::optional<NodeSeen> node(const std::string& name) const;
    /// Looks only at the pool's nodes.
    [[nodiscard]] std::vector<DeviceSeen> devices_of(const domain::PoolId& pool) const;
    /// By "node/uuid", or by the uuid where only one node has it; more than one is more than one.
    [[nodiscard]] std::vector<DeviceSeen> devices_named(const std::string& name) const;
    /// Devices that the pool lists and that are not there at present; they are in it again when they return.
    [[nodiscard]] std::vector<domain::DeviceKey> missing_of(const domain::PoolId& pool) const;
    [[nodiscard]] std::optional<PoolSeen> pool(const domain::PoolId& id) const;
    /// Those that the caller may know of, by name.
    [[nodiscard]] std::vector<PoolSeen> pools() const;
    /// GPUs that each group uses, whichever pool they are of.
    [[nodiscard]] std::map<domain::GroupId, int> use_of_groups() const;
    [[nodiscard]] domain::PoolId own_pool() const { return own_pool_; }

private:
    [[nodiscard]] DeviceSeen device(const domain::Node& node, const domain::Device& device) const;
    [[nodiscard]] NodeSeen seen(const domain::Node& node) const;
    [[nodiscard]] std::string pool_name(const domain::PoolId& pool) const;
    [[nodiscard]] bool may_see(const domain::Job& job) const;

    const core::Core& core_;
    const auth::Identity& identity_;
    domain::PoolId own_pool_;  // Of the caller's group.
};

/// Node, Device, Pool.
[[nodiscard]] json::Value node_value(const NodeSeen& seen);
[[nodiscard]] json::Value device_value(const DeviceSeen& seen);
[[nodiscard]] json::Value pool_value(const PoolSeen& seen, bool for_operator);

/// All nodes, for the caller.
[[nodiscard]] std::vector<NodeSeen> see_nodes(Call& call);

}  // namespace pintle::api
