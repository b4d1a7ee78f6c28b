#include "core/scenario/scenario_world.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::core::scenario {

using namespace domain;

namespace {

const Time kBegin = time_from_ms(1'700'000'000'000);

template <class Map>
Result<typename Map::mapped_type> find_named(const Map& map, std::string_view what, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& [id, value] : map) {
        if (value.name == name) return value;
        names.push_back(value.name);
    }
    return fail(ErrorCode::kNotFound, "there is no {} \"{}\"; there are: {}", what, name, join(names, ", "));
}

}  // namespace

World::World() : core_(CoreOptions{}, LiveState{}), now_(kBegin) {
    const UserId olga(new_id());
    command(input::BeginUsers{olga, "olga", Invite{"invite-olga", olga, now_ + std::chrono::hours(24)}}, "olga");
}

StepResult World::step(Input input) {
    now_ += Duration(1);
    StepResult result = core_.step({std::move(input)}, now_);
    store_.apply(result.changes);
    for (const Change& change : result.changes) {
        if (const auto* saved = std::get_if<change::JobSaved>(&change)) {
            jobs_.insert_or_assign(saved->job->id, *saved->job);
            std::vector<JobEvent>& events = events_[saved->job->id];
            events.insert(events.end(), saved->events.begin(), saved->events.end());
        }
        if (const auto* saved = std::get_if<change::ProjectSaved>(&change)) projects_.insert(saved->project.id);
        if (const auto* added = std::get_if<change::NoticeAdded>(&change)) notices_.push_back(added->notice);
        if (const auto* audited = std::get_if<change::Audited>(&change)) audit_.push_back(audited->entry);
        if (const auto* added = std::get_if<change::ChoreAdded>(&change)) chores_.push_back(added->chore.id);
    }
    return result;
}

void World::command(InputBody body, const std::string& by) {
    const StepResult result = step(Input{std::move(body), 1, actor(by)});
    refusal_.reset();
    for (const Reply& reply : result.replies) {
        if (!reply.result) refusal_ = reply.result.error();
    }
    // Files are moved and removed at once here.
    for (const std::string& chore : std::exchange(chores_, {})) observe(input::ChoreDone{chore});
}

void World::observe(InputBody body) {
    step(Input{std::move(body), 0, {}});
    for (const std::string& chore : std::exchange(chores_, {})) observe(input::ChoreDone{chore});
}

void World::pass(Duration duration) {
    now_ += duration;
    observe(input::ChoreDone{"none"});
}

Result<void> World::restart() {
    const std::string before = core_.state_text();
    core_ = Core(CoreOptions{}, store_.live());
    input::EnginesListed listing;
    for (const auto& [id, job] : jobs_) {
        for (const Replica& replica : job.replicas) {
            if (!is_final(job.state) && replica.state == ReplicaState::kRunning) {
                listing.seen.push_back({id, replica.name(), replica.attempt, std::nullopt});
            }
        }
    }
    StepResult result = core_.step({Input{input::NodesChanged{nodes_}, 0, {}}, Input{std::move(listing), 0, {}}}, now_);
    if (const std::string after = core_.state_text(); after != before) {
        return fail(ErrorCode::kInternal, "the server is another one after its restart; before:\n{}after:\n{}",
            before, after);
    }
    if (!result.changes.empty()) {
        return fail(ErrorCode::kInternal, "the restart changed something ({})",
            count_of(static_cast<std::int64_t>(result.changes.size()), "change"));
    }
    return {};
}

void World::see_nodes() { observe(input::NodesChanged{nodes_}); }

void World::add_node(Node node) {
    std::erase_if(nodes_, [&](const Node& other) { return other.name == node.name; });
    nodes_.push_back(std::move(node));
    see_nodes();
}

Result<Node*> World::find_node(const std::string& name) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& node) { return node.name == name; });
    if (found == nodes_.end()) return fail(ErrorCode::kNotFound, "there is no node \"{}\"", name);
    return &*found;
}

Result<void> World::lose_node(const std::string& name) {
    lost_nodes_.insert_or_assign(name, *TRY(find_node(name)));
    std::erase_if(nodes_, [&](const Node& node) { return node.name == name; });
    see_nodes();
    return {};
}

Result<void> World::return_node(const std::string& name) {
    const auto lost = lost_nodes_.find(name);
    if (lost == lost_nodes_.end()) return fail(ErrorCode::kNotFound, "the node \"{}\" was not lost", name);
    nodes_.push_back(lost->second);
    see_nodes();
    return {};
}

Result<DeviceKey> World::device(const std::string& node, int index) const {
    for (const Node& other : nodes_) {
        for (const Device& device : other.devices) {
            if (other.name == node && device.index == index) return DeviceKey{node, device.uuid};
        }
    }
    return fail(ErrorCode::kNotFound, "there is no GPU {} of {}", index, node);
}

Result<void> World::change_device(const std::string& node, int index, bool healthy) {
    const DeviceKey key = TRY(device(node, index));
    for (Device& device : TRY(find_node(node))->devices) {
        if (device.uuid == key.uuid) device.healthy = healthy;
    }
    see_nodes();
    return {};
}

Result<void> World::lose_device(const std::string& node, int index) {
    const DeviceKey key = TRY(device(node, index));
    std::vector<Device>& devices = TRY(find_node(node))->devices;
    const auto found = std::find_if(devices.begin(), devices.end(),
        [&](const Device& device) { return device.uuid == key.uuid; });
    lost_devices_.insert_or_assign(key, *found);
    devices.erase(found);
    see_nodes();
    return {};
}

Result<void> World::return_device(const std::string& node, int index) {
    for (const auto& [key, device] : lost_devices_) {
        if (key.node != node || device.index != index) continue;
        TRY(find_node(node))->devices.push_back(device);
        lost_devices_.erase(key);
        see_nodes();
        return {};
    }
    return fail(ErrorCode::kNotFound, "the GPU {} of {} was not lost", index, node);
}

Actor World::actor(const std::string& name) const {
    const std::string real = name == "operator" ? "olga" : name;
    const auto found = user(real);
    return {found ? found->id : UserId(), real, "session", "", found && found->role == Role::kOperator};
}

Result<User> World::user(const std::string& name) const {
    return find_named(core_.users(), "user", name == "operator" ? "olga" : name);
}
Result<Group> World::group(const std::string& name) const { return find_named(core_.groups(), "group", name); }
Result<Pool> World::pool(const std::string& name) const { return find_named(core_.pools(), "pool", name); }

Result<Project> World::project(const std::string& name, const std::string& owner) const {
    const User by = TRY(user(owner));
    for (const ProjectId& id : projects_) {
        const Project* present = core_.find_project(id);
        if (present != nullptr && present->owner == by.id && present->spec.name == name) return *present;
    }
    return fail(ErrorCode::kNotFound, "{} has no project \"{}\"", owner, name);
}

Result<Project> World::any_project(const std::string& name) const {
    for (const ProjectId& id : projects_) {
        const Project* present = core_.find_project(id);
        if (present != nullptr && present->spec.name == name) return *present;
    }
    return fail(ErrorCode::kNotFound, "there is no project \"{}\"", name);
}

Result<Job> World::job(int number) const {
    const auto found = jobs_.find(job_id(number));
    if (found == jobs_.end()) return fail(ErrorCode::kNotFound, "there is no job {}", number);
    return found->second;
}

Result<void> World::check_laws() const {
    if (const auto fault = core_.sanity_fault()) return fail(ErrorCode::kInternal, "the core is broken: {}", *fault);
    int in_pools = 0;
    for (const auto& [id, pool] : core_.pools()) in_pools += core_.snapshot().use_of_pool(id).total;
    std::size_t in_nodes = 0;
    for (const Node& node : nodes_) in_nodes += node.devices.size();
    if (in_pools == static_cast<int>(in_nodes)) return {};
    return fail(ErrorCode::kInternal, "all pools together have {}, the cluster has {}", count_of(in_pools, "GPU"),
        in_nodes);
}

}  // namespace pintle::core::scenario
