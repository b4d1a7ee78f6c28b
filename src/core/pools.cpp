#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/label.hpp"

namespace pintle::core {

using namespace domain;

void publish_pools(State& state) {
    std::vector<Pool> pools;
    for (const auto& [id, pool] : state.pools) pools.push_back(pool);
    state.snapshot.set_pools(std::move(pools));
}

namespace {

using Devices = std::set<DeviceKey>;

/// A device that is there, with what a pool asks of it.
struct Candidate {
    DeviceKey key;
    std::string model;
    bool healthy = true;
    PoolId pool;
    std::optional<JobId> user;
};

std::vector<Candidate> present_devices(const State& state) {
    std::vector<Candidate> found;
    for (const Node& node : state.snapshot.nodes()) {
        for (const Device& device : node.devices) {
            const DeviceKey key{node.name, device.uuid};
            found.push_back(
                {key, device.model, device.healthy, state.snapshot.pool_of(key), state.snapshot.user_of(key)});
        }
    }
    return found;
}

std::string in_words(const DeviceKey& key) { return fmt::format("{} of {}", key.uuid, key.node); }

std::string user_in_words(const State& state, const JobId& id) {
    const auto job = state.jobs.find(id);
    return job == state.jobs.end() ? id.str() : job->second->display_name();
}

Result<void> check_name(const State& state, const PoolId& self, const std::string& name) {
    if (std::string fault = label_fault("pool", name); !fault.empty()) return fail(ErrorCode::kInvalid, "{}", fault);
    for (const auto& [id, pool] : state.pools) {
        if (id != self && pool.name == name)
            return fail(ErrorCode::kConflict, "there is already a pool named \"{}\"", name);
    }
    return {};
}

// The Default Pool's models, with how many of each are there.
std::map<std::string, int> models_in_default(const std::vector<Candidate>& devices) {
    std::map<std::string, int> models;
    for (const Candidate& device : devices) models[device.model] += device.pool == kDefaultPool ? 1 : 0;
    std::erase_if(models, [](const auto& entry) { return entry.second == 0; });
    return models;
}

std::string models_in_words(const std::map<std::string, int>& models) {
    std::vector<std::string> parts;
    for (const auto& [model, count] : models) parts.push_back(fmt::format("{} {}", count, model));
    return parts.empty() ? "no GPU" : join(parts, ", ");
}

Result<std::string> model_to_take(const std::vector<Candidate>& devices, const Pool& pool) {
    if (!pool.model.empty()) return pool.model;
    const auto models = models_in_default(devices);
    if (models.size() == 1) return models.begin()->first;
    return fail(ErrorCode::kInvalid, "a pool has GPUs of one model; say which: the Default Pool has {}",
                models_in_words(models));
}

// Healthy ones first, from the nodes that have most of them to give, so that a pool lies on few nodes.
Result<Devices> grown(const std::vector<Candidate>& devices, const Pool& pool, int more) {
    std::map<std::string, int> healthy_on;
    std::vector<Candidate> idle;
    int busy = 0;
    for (const Candidate& device : devices) {
        if (device.pool != kDefaultPool || device.model != pool.model) continue;
        if (device.user) {
            ++busy;
            continue;
        }
        healthy_on[device.key.node] += device.healthy ? 1 : 0;
        idle.push_back(device);
    }
    std::stable_sort(idle.begin(), idle.end(), [&](const auto& a, const auto& b) {
        return std::tuple(!a.healthy, -healthy_on[a.key.node], a.key.node) <
               std::tuple(!b.healthy, -healthy_on[b.key.node], b.key.node);
    });
    const int missing = more - static_cast<int>(idle.size());
    if (missing > 0) {
        return fail(ErrorCode::kConflict, "the Default Pool has {} too few {} to give{}", missing, pool.model,
                    busy > 0 ? fmt::format(" ({} of its {} are in use and cannot be moved until they are released)",
                                           busy, pool.model)
                             : std::string());
    }
    Devices result = pool.devices;
    for (int i = 0; i < more; ++i) result.insert(idle[static_cast<std::size_t>(i)].key);
    return result;
}

// Unhealthy ones first, then from the nodes that have fewest in the pool.
Result<Devices> shrunk(const std::vector<Candidate>& devices, const Pool& pool, int fewer) {
    std::map<std::string, int> on_node;
    std::vector<Candidate> idle;
    int busy = 0;
    for (const Candidate& device : devices) {
        if (device.pool != pool.id) continue;
        on_node[device.key.node] += 1;
        if (device.user) ++busy;
        if (!device.user) idle.push_back(device);
    }
    if (static_cast<int>(idle.size()) < fewer) {
        return fail(
            ErrorCode::kConflict,
            "{} of the pool's GPUs are in use and cannot be moved until they are released; at most {} can go now", busy,
            idle.size());
    }
    std::stable_sort(idle.begin(), idle.end(), [&](const auto& a, const auto& b) {
        return std::tuple(a.healthy, on_node[a.key.node], a.key) < std::tuple(b.healthy, on_node[b.key.node], b.key);
    });
    Devices result = pool.devices;
    for (int i = 0; i < fewer; ++i) result.erase(idle[static_cast<std::size_t>(i)].key);
    return result;
}

Result<Devices> counted(const std::vector<Candidate>& devices, Pool& pool, int wanted) {
    constexpr int kMost = 1'000'000;
    if (wanted < 0 || wanted > kMost)
        return fail(ErrorCode::kInvalid, "the number of GPUs is from 0 to {}, not {}", kMost, wanted);
    // What is away is not counted, so it cannot be meant: it is in the Default Pool when it returns.
    std::erase_if(pool.devices, [&](const DeviceKey& key) {
        return std::none_of(devices.begin(), devices.end(), [&](const Candidate& device) { return device.key == key; });
    });
    const int present = static_cast<int>(
        std::count_if(devices.begin(), devices.end(), [&](const Candidate& device) { return device.pool == pool.id; }));
    if (wanted > present) {
        pool.model = TRY(model_to_take(devices, pool));
        return grown(devices, pool, wanted - present);
    }
    return shrunk(devices, pool, present - wanted);
}

// Every device is there or was in the pool before, of one model, and idle where it changes its pool.
Result<Devices> chosen(const State& state, const std::vector<Candidate>& devices, Pool& pool,
                       const std::vector<DeviceKey>& wanted) {
    std::map<DeviceKey, const Candidate*> known;
    for (const Candidate& device : devices) known.emplace(device.key, &device);
    const Devices result(wanted.begin(), wanted.end());
    for (const DeviceKey& key : result) {
        const auto found = known.find(key);
        if (found == known.end() && pool.devices.count(key) > 0) continue;
        if (found == known.end()) return fail(ErrorCode::kNotFound, "there is no GPU {}", in_words(key));
        const Candidate& device = *found->second;
        if (device.pool != pool.id && device.pool != kDefaultPool) {
            return fail(ErrorCode::kConflict, "the GPU {} is in the pool {}; take it out there first", in_words(key),
                        state.pools.at(device.pool).name);
        }
        if (pool.model.empty()) pool.model = device.model;
        if (device.model != pool.model) {
            return fail(ErrorCode::kInvalid,
                        "the pool has GPUs of the model {}, and {} is of the model {}; a pool has one model only",
                        pool.model, in_words(key), device.model);
        }
        if (device.pool != pool.id && device.user) {
            return fail(ErrorCode::kConflict, "the GPU {} is in use by {} and cannot be moved until it is released",
                        in_words(key), user_in_words(state, *device.user));
        }
    }
    for (const DeviceKey& key : pool.devices) {
        const auto found = known.find(key);
        if (result.count(key) > 0 || found == known.end() || !found->second->user) continue;
        return fail(ErrorCode::kConflict, "the GPU {} is in use by {} and cannot be moved until it is released",
                    in_words(key), user_in_words(state, *found->second->user));
    }
    return result;
}

Result<void> change_model(const std::vector<Candidate>& devices, Pool& pool, const std::string& model) {
    if (model == pool.model) return {};
    if (!pool.model.empty() && !pool.devices.empty()) {
        return fail(ErrorCode::kConflict, "the pool {} has GPUs of the model {}; a pool has one model only", pool.name,
                    pool.model);
    }
    const bool known =
        std::any_of(devices.begin(), devices.end(), [&](const Candidate& device) { return device.model == model; });
    if (!known)
        return fail(ErrorCode::kInvalid, "there is no GPU of the model \"{}\"; the Default Pool has {}",
                    to_valid_utf8(model), models_in_words(models_in_default(devices)));
    pool.model = model;
    return {};
}

Result<std::string> save_pool(Step& step, const input::SavePool& command) {
    State& state = step.state;
    const auto found = state.pools.find(command.id);
    if (!command.create && found == state.pools.end()) return fail(ErrorCode::kNotFound, "there is no such pool");
    if (command.id == kDefaultPool) {
        return fail(ErrorCode::kConflict,
                    "the Default Pool cannot be changed: it has whatever no other pool has; change another pool to "
                    "give it GPUs or take some away");
    }
    if (command.create && state.pools.size() >= state.options.pools_max)
        return fail(ErrorCode::kExhausted, "this server keeps at most {}, and they are there already",
                    count_of(static_cast<std::int64_t>(state.options.pools_max), "pool"));
    if (command.create && !command.name) return fail(ErrorCode::kInvalid, "a new pool needs a name");
    if (command.gpus && command.devices) return fail(ErrorCode::kInvalid, "say how many GPUs, or which, not both");
    Pool pool = command.create ? Pool{command.id, "", "", {}, step.now} : found->second;
    if (command.create || (command.name && *command.name != pool.name))
        TRY(check_name(state, command.id, *command.name));
    pool.name = command.name.value_or(pool.name);
    const std::vector<Candidate> devices = present_devices(state);
    if (command.model) TRY(change_model(devices, pool, *command.model));
    const std::size_t before = pool.devices.size();
    if (command.gpus) pool.devices = TRY(counted(devices, pool, *command.gpus));
    if (command.devices) pool.devices = TRY(chosen(state, devices, pool, *command.devices));
    state.pools.insert_or_assign(pool.id, pool);
    publish_pools(state);
    step.result.changes.push_back(change::PoolSaved{pool});
    step.audit(command.create ? "pool.create" : "pool.edit", pool.name,
               fmt::format("{} {}, before {}", pool.devices.size(), pool.model.empty() ? "GPUs" : pool.model, before));
    step.replan = true;
    return pool.id.str();
}

Result<std::string> delete_pool(Step& step, const input::DeletePool& command) {
    State& state = step.state;
    const auto found = state.pools.find(command.id);
    if (found == state.pools.end()) return fail(ErrorCode::kNotFound, "there is no such pool");
    if (command.id == kDefaultPool) return fail(ErrorCode::kConflict, "the Default Pool cannot be deleted");
    for (const auto& [id, group] : state.groups) {
        if (group.pool == command.id)
            return fail(ErrorCode::kConflict,
                        "the pool {} belongs to the group {}; give the group another pool or delete it first",
                        found->second.name, group.name);
    }
    for (const DeviceKey& key : found->second.devices) {
        if (const auto user = state.snapshot.user_of(key)) {
            return fail(ErrorCode::kConflict,
                        "the GPU {} is in use by {}; a pool is deleted when none of its GPUs is in use", in_words(key),
                        user_in_words(state, *user));
        }
    }
    step.audit("pool.delete", found->second.name,
               fmt::format("{} back in the Default Pool",
                           count_of(static_cast<std::int64_t>(found->second.devices.size()), "GPU")));
    state.pools.erase(found);
    publish_pools(state);
    step.result.changes.push_back(change::PoolDeleted{command.id});
    step.replan = true;
    return command.id.str();
}

}  // namespace

void on(Step& step, const input::SavePool& command, std::uint64_t ticket) {
    step.reply(ticket, save_pool(step, command));
}
void on(Step& step, const input::DeletePool& command, std::uint64_t ticket) {
    step.reply(ticket, delete_pool(step, command));
}

}  // namespace pintle::core
