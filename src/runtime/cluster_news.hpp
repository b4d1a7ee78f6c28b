#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/synchronized.hpp"
#include "core/core.hpp"

namespace pintle::runtime {

/// What of the cluster screens show.
enum class ClusterTopic {
    kUsers,
    kGroups,
    kPools,    ///< Also how many of their GPUs are in use.
    kNodes,    ///< Also how much of them is in use.
    kDevices,  ///< Also whether they are in use.
    kQueue,    ///< Which jobs wait, and in which order.
};
inline constexpr int kClusterTopicCount = 6;
[[nodiscard]] std::string_view to_string(ClusterTopic topic);  ///< "users", …

/// Counts the changes of each topic, over the whole cluster and for each group that they concern, so that whoever looks
/// again knows whether there is anything new. Nothing of this is kept: after a restart it begins anew, and a reader
/// that starts reads everything anyway.
///
/// Threading: begin() and look() on the core thread, the rest on any. Cost: follows what changed; remembers users,
/// nodes and live jobs.
class ClusterNews {
public:
    /// How often each topic has changed.
    using Counts = std::array<std::uint64_t, kClusterTopicCount>;
    /// Called on the core thread when something has changed; must be quick.
    using Listener = std::function<void()>;

    /// What is there when the core has been loaded.
    void begin(const core::Core& core);
    /// What a turn made of it; its changes are on disk.
    void look(const std::vector<core::Input>& batch, const domain::Changes& changes, const core::Core& core);

    /// Of everything, or of what concerns the group.
    [[nodiscard]] Counts counts(const std::optional<domain::GroupId>& group) const;
    [[nodiscard]] std::uint64_t listen(Listener listener);
    void forget(std::uint64_t id);

private:
    struct Teller;
    struct State {
        Counts all{};
        std::map<domain::GroupId, Counts> of_group;
        std::map<std::uint64_t, Listener> listeners;
        std::uint64_t next_id = 1;
    };
    Synchronized<State> state_;
    // Of the core thread: what was there before a change.
    std::map<domain::UserId, domain::GroupId> group_of_user_;
    std::map<domain::GroupId, domain::PoolId> pool_of_group_;
    std::map<domain::JobId, domain::PoolId> pool_of_job_;
    std::vector<domain::Node> nodes_;
};

}  // namespace pintle::runtime
