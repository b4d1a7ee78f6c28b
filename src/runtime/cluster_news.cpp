#include "runtime/cluster_news.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"

namespace pintle::runtime {

using namespace domain;

std::string_view to_string(ClusterTopic topic) {
    switch (topic) {
        case ClusterTopic::kUsers: return "users";
        case ClusterTopic::kGroups: return "groups";
        case ClusterTopic::kPools: return "pools";
        case ClusterTopic::kNodes: return "nodes";
        case ClusterTopic::kDevices: return "devices";
        case ClusterTopic::kQueue: return "queue";
    }
    unreachable();
}

/// Gathers what one turn touched. A change may concern a group as it was before, as well as one as it is now.
struct ClusterNews::Teller {
    ClusterNews& news;
    const core::Core& core;
    std::set<std::pair<ClusterTopic, GroupId>> touched = {};

    void touch(ClusterTopic topic, const GroupId& group) { touched.emplace(topic, group); }
    void touch_pool(ClusterTopic topic, const PoolId& pool) {
        touch(topic, GroupId());  // a pool may have no group
        for (const auto& [group, known] : news.pool_of_group_) {
            if (known == pool) touch(topic, group);
        }
        for (const auto& [id, group] : core.groups()) {
            if (group.pool == pool) touch(topic, id);
        }
    }
    // What one pool gets, the Default Pool gives.
    void touch_devices_of(const PoolId& pool) {
        for (const ClusterTopic topic : {ClusterTopic::kPools, ClusterTopic::kDevices}) {
            touch_pool(topic, pool);
            touch_pool(topic, kDefaultPool);
        }
    }

    void operator()(const change::UserSaved& saved) {
        touch(ClusterTopic::kUsers, saved.user.group);
        const auto [known, is_new] = news.group_of_user_.emplace(saved.user.id, saved.user.group);
        if (is_new) return;
        touch(ClusterTopic::kUsers, known->second);
        known->second = saved.user.group;
    }
    void operator()(const change::GroupSaved& saved) {
        touch(ClusterTopic::kGroups, saved.group.id);
        PoolId& known = news.pool_of_group_[saved.group.id];
        if (known == saved.group.pool) return;
        touch(ClusterTopic::kPools, saved.group.id);
        touch(ClusterTopic::kDevices, saved.group.id);
        touch(ClusterTopic::kQueue, saved.group.id);
        known = saved.group.pool;
    }
    void operator()(const change::GroupDeleted& gone) {
        touch(ClusterTopic::kGroups, gone.id);
        touch(ClusterTopic::kPools, gone.id);
        news.pool_of_group_.erase(gone.id);
    }
    void operator()(const change::PoolSaved& saved) { touch_devices_of(saved.pool.id); }
    void operator()(const change::PoolDeleted& gone) { touch_devices_of(gone.id); }
    void operator()(const change::JobSaved& saved) {
        const PoolId& pool = saved.job->pool;
        for (const JobEvent& event : saved.events) look_at(event.body, pool);
        const auto [known, is_new] = news.pool_of_job_.emplace(saved.job->id, pool);
        if (!is_new && known->second != pool) {
            touch_pool(ClusterTopic::kQueue, known->second);
            known->second = pool;
        }
        if (is_final(saved.job->state)) news.pool_of_job_.erase(known);
    }
    template <class Other>
    void operator()(const Other&) {}

    void look_at(const JobEventBody& body, const PoolId& pool) {
        using namespace event;
        const auto is = [&]<class... Kinds>(std::variant<Kinds...>*) {
            return (std::holds_alternative<Kinds>(body) || ...);
        };
        using OfQueue =
            std::variant<Submitted, GpusAwaited, Held, Released, Reordered, Regrouped, Admitted, Requeued, Ended>;
        using OfMachines = std::variant<Admitted, Requeued, Ended>;
        if (is(static_cast<OfQueue*>(nullptr))) touch_pool(ClusterTopic::kQueue, pool);
        if (!is(static_cast<OfMachines*>(nullptr))) return;
        for (const ClusterTopic topic : {ClusterTopic::kPools, ClusterTopic::kNodes, ClusterTopic::kDevices})
            touch_pool(topic, pool);
    }

    void look_at_nodes() {
        const std::vector<Node>& now = core.snapshot().nodes();
        std::set<std::string> changed;
        for (const Node& node : now) {
            if (std::find(news.nodes_.begin(), news.nodes_.end(), node) == news.nodes_.end()) changed.insert(node.name);
        }
        for (const Node& node : news.nodes_) {
            if (std::find(now.begin(), now.end(), node) == now.end()) changed.insert(node.name);
        }
        news.nodes_ = now;
        if (changed.empty()) return;
        touch(ClusterTopic::kNodes, GroupId());
        touch(ClusterTopic::kDevices, GroupId());
        // GPUs that nobody has given away are the Default Pool's.
        touch_devices_of(kDefaultPool);
        touch_pool(ClusterTopic::kNodes, kDefaultPool);
        for (const auto& [id, pool] : core.pools()) {
            const bool concerned = std::any_of(pool.devices.begin(), pool.devices.end(), [&](const DeviceKey& device) {
                return changed.count(device.node) > 0;
            });
            if (!concerned) continue;
            touch_devices_of(id);
            touch_pool(ClusterTopic::kNodes, id);
        }
    }
};

void ClusterNews::begin(const core::Core& core) {
    for (const auto& [id, user] : core.users()) group_of_user_.insert_or_assign(id, user.group);
    for (const auto& [id, group] : core.groups()) pool_of_group_.insert_or_assign(id, group.pool);
    nodes_ = core.snapshot().nodes();
}

void ClusterNews::look(const std::vector<core::Input>& batch, const Changes& changes, const core::Core& core) {
    Teller teller{*this, core};
    for (const Change& change : changes) std::visit(teller, change);
    const bool nodes = std::any_of(batch.begin(), batch.end(), [](const core::Input& input) {
        return std::holds_alternative<core::input::NodesChanged>(input.body);
    });
    if (nodes) teller.look_at_nodes();
    if (teller.touched.empty()) return;
    state_.with([&](State& state) {
        std::set<ClusterTopic> topics;
        for (const auto& [topic, group] : teller.touched) {
            if (topics.insert(topic).second) ++state.all[static_cast<std::size_t>(topic)];
            if (core.groups().count(group) > 0) ++state.of_group[group][static_cast<std::size_t>(topic)];
            else state.of_group.erase(group);
        }
        for (const auto& [id, listener] : state.listeners) listener();
    });
}

ClusterNews::Counts ClusterNews::counts(const std::optional<GroupId>& group) const {
    return state_.with([&](const State& state) {
        if (!group) return state.all;
        const auto found = state.of_group.find(*group);
        return found == state.of_group.end() ? Counts{} : found->second;
    });
}

std::uint64_t ClusterNews::listen(Listener listener) {
    return state_.with([&](State& state) {
        state.listeners.emplace(state.next_id, std::move(listener));
        return state.next_id++;
    });
}

void ClusterNews::forget(std::uint64_t id) {
    state_.with([&](State& state) { state.listeners.erase(id); });
}

}  // namespace pintle::runtime
