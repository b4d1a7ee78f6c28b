#include "scheduling/naive_scheduler.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/check.hpp"

namespace pintle::scheduling {
namespace {

constexpr std::int64_t kAtOnce = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kSoon = kAtOnce + 1;
const domain::PoolId kSeveral("*");
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

bool carries(const domain::Node& node, const std::string& label) {
    if (label.empty()) return true;
    const auto equals = label.find('=');
    const auto found = node.labels.find(label.substr(0, equals));
    return found != node.labels.end() && (equals == std::string::npos || found->second == label.substr(equals + 1));
}

bool goes_before(const Workload& a, const Workload& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.rank < b.rank;
}

bool roams(const Workload& workload) {
    return std::any_of(workload.needs.begin(), workload.needs.end(), [](const Need& need) { return need.gpus == 0; });
}

bool same_shape(const Workload& a, const Workload& b) {
    const auto high = [](const Workload& workload) { return workload.run_time ? workload.run_time->high.count() : -1; };
    return a.group == b.group && a.gpu_model == b.gpu_model && a.needs == b.needs && high(a) == high(b);
}

}  // namespace

Plan NaiveScheduler::plan(Time now) {
    now_ = now;
    plan_ = {};
    holders_.clear();
    holds_.clear();
    heads_.clear();
    awaits_.clear();
    reclaimed_.clear();
    for (const Running& run : running) holders_.push_back({run, false, false});
    start_immediates();
    for (const auto& region : regions()) run(region);
    while (lend_once()) {
    }
    reclaim();
    for (const auto& [pool, awaits] : awaits_) plan_.awaits.insert(plan_.awaits.end(), awaits.begin(), awaits.end());
    return plan_;
}

// ── who belongs where ──

const domain::Group& NaiveScheduler::group_of(const Workload& workload) const {
    return *std::find_if(groups.begin(), groups.end(),
                         [&](const domain::Group& group) { return group.id == workload.group; });
}

domain::PoolId NaiveScheduler::pool_of(const std::string& node, const std::string& uuid) const {
    for (const domain::Pool& pool : pools) {
        if (pool.devices.contains({node, uuid})) return pool.id;
    }
    return domain::kDefaultPool;
}

NaiveScheduler::Bin NaiveScheduler::bin_of(const domain::Node& node, const domain::Device& device) const {
    return {pool_of(node.name, device.uuid), device.model};
}

std::vector<NaiveScheduler::Bin> NaiveScheduler::bins_of(const domain::PoolId& pool, const std::string& model) const {
    std::set<Bin> bins;
    for (const domain::Node& node : nodes) {
        for (const domain::Device& device : node.devices) {
            const Bin bin = bin_of(node, device);
            if (bin.pool == pool && (model.empty() || model == bin.model)) bins.insert(bin);
        }
    }
    return {bins.begin(), bins.end()};
}

int NaiveScheduler::size_of(const domain::PoolId& pool) const {
    int size = 0;
    for (const domain::Node& node : nodes) {
        for (const domain::Device& device : node.devices) size += pool_of(node.name, device.uuid) == pool ? 1 : 0;
    }
    return size;
}

int NaiveScheduler::nominal_of(const domain::Group& group) const {
    return group.borrowing->nominal.value_or(size_of(group.pool));
}
int NaiveScheduler::quota_of(const domain::Group& group) const {
    return group.borrowing ? nominal_of(group) + group.borrowing->limit : std::numeric_limits<int>::max();
}

// Only devices that are there count as used.
int NaiveScheduler::used_by(const domain::Group& group) const {
    int used = 0;
    for (const domain::Node& node : nodes) {
        for (const domain::Device& device : node.devices) {
            const Holder* holder = user_of(node.name, device.index);
            used += holder != nullptr && holder->run.workload.group == group.id ? 1 : 0;
        }
    }
    return used;
}

bool NaiveScheduler::within_quota(const Workload& workload) const {
    const domain::Group& group = group_of(workload);
    return !group.borrowing || workload.gpus() == 0 || used_by(group) + workload.gpus() <= quota_of(group);
}

bool NaiveScheduler::is_fair(const domain::PoolId& pool) const {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const domain::Group& group) { return group.pool == pool && group.fair_share; });
}

std::pair<int, std::int64_t> NaiveScheduler::usage_of(const domain::PoolId& pool, const domain::UserId& owner) const {
    std::pair<int, std::int64_t> usage;
    for (const Holder& holder : holders_) {
        const Workload& workload = holder.run.workload;
        if (workload.owner != owner || group_of(workload).pool != pool) continue;
        std::size_t replica = 0;
        for (const Need& need : workload.needs) {
            for (int i = 0; i < need.count; ++i, ++replica) {
                const Place& place = holder.run.places[replica];
                for (const domain::Node& node : nodes) {
                    if (node.name != place.node) continue;
                    usage.second += need.cpu_millis;
                    for (const domain::Device& device : node.devices) {
                        usage.first += std::count(place.devices.begin(), place.devices.end(), device.index) > 0 ? 1 : 0;
                    }
                }
            }
        }
    }
    return usage;
}

// ── what is free ──

const NaiveScheduler::Holder* NaiveScheduler::user_of(const std::string& node, int device) const {
    for (const Holder& holder : holders_) {
        if (holder.gone) continue;
        for (const Place& place : holder.run.places) {
            if (place.node == node && std::count(place.devices.begin(), place.devices.end(), device) > 0)
                return &holder;
        }
    }
    return nullptr;
}

std::vector<int> NaiveScheduler::free_devices(const domain::Node& node, const std::optional<Bin>& bin) const {
    std::vector<int> free;
    if (bin && bin->pool == kSeveral) {
        for (const Bin& each : across_) {
            const std::vector<int> more = free_devices(node, each);
            free.insert(free.end(), more.begin(), more.end());
        }
        return free;
    }
    for (const domain::Device& device : node.devices) {
        if (device.healthy && (!bin || bin_of(node, device) == *bin) && user_of(node.name, device.index) == nullptr)
            free.push_back(device.index);
    }
    return free;
}

int NaiveScheduler::free_in(const Bin& bin) const {
    int free = 0;
    for (const domain::Node& node : nodes) free += static_cast<int>(free_devices(node, bin).size());
    return free;
}

NaiveScheduler::Amount NaiveScheduler::room(const domain::Node& node, const std::optional<Bin>& bin,
                                            const View& view) const {
    Amount free{node.cpu_millis, node.memory_bytes, static_cast<int>(free_devices(node, bin).size()),
                node.replicas_max};
    for (const Holder& holder : holders_) {
        if (holder.gone) continue;
        std::size_t replica = 0;
        for (const Need& need : holder.run.workload.needs) {
            for (int i = 0; i < need.count; ++i, ++replica) {
                if (holder.run.places[replica].node != node.name) continue;
                free.cpu -= need.cpu_millis;
                free.memory -= need.memory_bytes;
                free.replicas -= 1;
            }
        }
    }
    for (const Hold& hold : holds_) {
        if (hold.node != node.name) continue;
        if (view.holds == Holds::kSubtracted) {
            free.cpu -= hold.kept.cpu;
            free.memory -= hold.kept.memory;
            free.replicas -= hold.kept.replicas;
            if (!bin || hold.bin == bin) free.gpus -= hold.kept.gpus;
        }
        const bool binds = hold.head != view.self && (hold.until == kNever || view.end > hold.until);
        if (view.holds == Holds::kSpare && binds) {
            free.cpu = std::min(free.cpu, std::max<std::int64_t>(0, hold.spare.cpu));
            free.memory = std::min(free.memory, std::max<std::int64_t>(0, hold.spare.memory));
            free.replicas = std::min(free.replicas, std::max(0, hold.spare.replicas));
            if (bin && hold.bin == bin) free.gpus = std::min(free.gpus, std::max(0, hold.spare.gpus));
        }
    }
    return free;
}

// By what is free with nothing held back for heads, except in an imagined future.
const domain::Node* NaiveScheduler::tightest(const std::optional<Bin>& bin, const Amount& want,
                                             const std::vector<std::string>& labels, const std::set<std::string>& skip,
                                             const View& view) const {
    const domain::Node* best = nullptr;
    std::pair<int, std::int64_t> best_spare;
    for (const domain::Node& node : nodes) {
        const bool in_bin = !bin || std::any_of(node.devices.begin(), node.devices.end(),
                                                [&](const auto& it) { return is_in(bin_of(node, it), *bin); });
        const bool labelled =
            std::all_of(labels.begin(), labels.end(), [&](const std::string& label) { return carries(node, label); });
        if (!in_bin || !labelled || skip.contains(node.name)) continue;
        const Amount has = room(node, bin, view);
        if (has.cpu < want.cpu || has.memory < want.memory || has.gpus < want.gpus || has.replicas < want.replicas)
            continue;
        const View order{view.holds == Holds::kSubtracted ? Holds::kSubtracted : Holds::kIgnored, {}, 0};
        const Amount spare = room(node, bin, order);
        if (best != nullptr && std::pair(spare.gpus, spare.memory) >= best_spare) continue;
        best = &node;
        best_spare = {spare.gpus, spare.memory};
    }
    return best;
}

std::vector<NaiveScheduler::Kind> NaiveScheduler::kinds_of(const Workload& workload) {
    std::vector<Kind> kinds;
    for (const Need& need : workload.needs)
        kinds.push_back({need.count, need.cpu_millis, need.memory_bytes, need.gpus, need.node_label});
    return kinds;
}

std::vector<NaiveScheduler::Spot> NaiveScheduler::place(const std::vector<Kind>& kinds, const std::vector<Bin>& bins,
                                                        const View& view) const {
    Amount whole;
    std::vector<std::string> labels;
    for (const Kind& kind : kinds) {
        whole.cpu += kind.cpu * kind.count;
        whole.memory += kind.memory * kind.count;
        whole.gpus += kind.gpus * kind.count;
        whole.replicas += kind.count;
        labels.push_back(kind.label);
    }
    const auto bins_for = [&](int gpus) {
        return gpus > 0 ? std::vector<std::optional<Bin>>(bins.begin(), bins.end())
                        : std::vector<std::optional<Bin>>{std::nullopt};
    };
    std::vector<Spot> spots;
    for (const auto& bin : bins_for(whole.gpus)) {
        const domain::Node* node = tightest(bin, whole, labels, {}, view);
        if (node == nullptr) continue;
        for (std::size_t kind = 0; kind < kinds.size(); ++kind)
            spots.push_back({static_cast<int>(kind), node->name, bin, kinds[kind].count});
        return spots;
    }

    std::vector<int> order;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) order.push_back(static_cast<int>(kind));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        const auto hardness = [&](int index) {
            const Kind& kind = kinds[static_cast<std::size_t>(index)];
            return std::tuple(kind.gpus, kind.label.empty() ? 0 : 1, kind.memory);
        };
        return hardness(a) > hardness(b);
    });
    std::vector<std::string> used;
    for (const int index : order) {
        const Kind& kind = kinds[static_cast<std::size_t>(index)];
        int left = kind.count;
        // First where earlier kinds are.
        for (const std::string& name : used) {
            const domain::Node& node =
                *std::find_if(nodes.begin(), nodes.end(), [&](const domain::Node& it) { return it.name == name; });
            if (!carries(node, kind.label)) continue;
            for (const auto& bin : bins_for(kind.gpus)) {
                Amount has = room(node, bin, view);
                for (const Spot& spot : spots) {
                    if (spot.node != name) continue;
                    const Kind& other = kinds[static_cast<std::size_t>(spot.kind)];
                    has.cpu -= other.cpu * spot.count;
                    has.memory -= other.memory * spot.count;
                    has.replicas -= spot.count;
                    if (spot.bin == bin) has.gpus -= other.gpus * spot.count;
                }
                int count = 0;
                while (count < left && has.cpu >= kind.cpu && has.memory >= kind.memory &&
                       (kind.gpus == 0 || has.gpus >= kind.gpus) && has.replicas >= 1) {
                    has.cpu -= kind.cpu;
                    has.memory -= kind.memory;
                    has.gpus -= kind.gpus;
                    has.replicas -= 1;
                    count += 1;
                }
                if (count > 0) spots.push_back({index, name, bin, count});
                left -= count;
            }
        }
        for (const auto& bin : bins_for(kind.gpus)) {
            for (int count = left; count > 0 && left > 0;) {
                count = std::min(count, left);
                const Amount want{kind.cpu * count, kind.memory * count, kind.gpus * count, count};
                const domain::Node* node = tightest(bin, want, {kind.label}, {used.begin(), used.end()}, view);
                if (node == nullptr) {
                    count -= 1;
                    continue;
                }
                spots.push_back({index, node->name, bin, count});
                used.push_back(node->name);
                left -= count;
            }
        }
        if (left > 0) return {};
    }
    return spots;
}

bool NaiveScheduler::is_in(const Bin& bin, const Bin& wanted) const {
    if (wanted.pool == kSeveral) return std::find(across_.begin(), across_.end(), bin) != across_.end();
    return bin == wanted;
}

std::vector<NaiveScheduler::Spot> NaiveScheduler::place_across(const std::vector<Kind>& kinds,
                                                               const std::vector<Bin>& bins, const View& view) {
    const auto has_gpus = [](const Kind& kind) { return kind.gpus > 0; };
    if (bins.size() < 2 || std::none_of(kinds.begin(), kinds.end(), has_gpus)) return {};
    across_ = bins;
    return place(kinds, {{kSeveral, bins.front().model}}, view);
}

// ── when ──

NaiveScheduler::Key NaiveScheduler::expected_end(const Holder& holder) const {
    if (holder.run.ending) return kSoon;
    if (!holder.run.workload.run_time) return kNever;
    const std::int64_t median = holder.run.workload.run_time->median.count();
    std::int64_t end = to_ms(holder.run.started_at) + median;
    while (end <= to_ms(now_)) end += std::max<std::int64_t>(10, median / 10);
    return end;
}

NaiveScheduler::Key NaiveScheduler::end_if_started(const Workload& workload) const {
    return workload.run_time ? to_ms(now_ + workload.run_time->high) : kNever;
}

template <class KeyOf>
std::optional<std::pair<NaiveScheduler::Key, std::vector<NaiveScheduler::Spot>>> NaiveScheduler::earliest(
    const Workload& workload, const std::vector<Bin>& bins, const KeyOf& key_of, Holds holds) {
    std::set<Key> moments{kAtOnce};
    for (const Holder& holder : holders_) moments.insert(key_of(holder));
    std::optional<std::pair<Key, std::vector<Spot>>> fit;
    for (const Key moment : moments) {
        if (moment == kNever) break;
        for (Holder& holder : holders_) holder.gone = key_of(holder) <= moment;
        std::vector<Spot> spots = place(kinds_of(workload), bins, {holds, {}, 0});
        if (spots.empty()) continue;
        fit = std::pair(moment, std::move(spots));
        break;
    }
    for (Holder& holder : holders_) holder.gone = false;
    return fit;
}

std::vector<std::vector<NaiveScheduler::Bin>> NaiveScheduler::choices_at_home(const Workload& workload) const {
    if (workload.gpus() == 0) return {{}};
    std::vector<Bin> bins = bins_of(group_of(workload).pool, workload.gpu_model);
    std::stable_sort(bins.begin(), bins.end(), [&](const Bin& a, const Bin& b) { return free_in(a) < free_in(b); });
    std::vector<std::vector<Bin>> choices;
    for (const Bin& bin : bins) choices.push_back({bin});
    return choices;
}

std::vector<std::vector<NaiveScheduler::Bin>> NaiveScheduler::choices_with(
    const Workload& workload, const std::vector<domain::PoolId>& mates) const {
    std::map<std::string, std::vector<Bin>> by_model;
    for (const Bin& bin : bins_of(group_of(workload).pool, workload.gpu_model)) by_model[bin.model].push_back(bin);
    for (const domain::PoolId& mate : mates) {
        if (mate == group_of(workload).pool) continue;
        for (const Bin& bin : bins_of(mate, workload.gpu_model)) by_model[bin.model].push_back(bin);
    }
    std::vector<std::vector<Bin>> choices;
    for (const auto& [model, bins] : by_model) choices.push_back(bins);
    return choices;
}

bool NaiveScheduler::could_ever(const Workload& workload) {
    const domain::Group& group = group_of(workload);
    if (workload.gpus() > quota_of(group)) return false;
    std::vector<std::vector<Bin>> choices = choices_at_home(workload);
    if (group.borrowing && !group.borrowing->cohort.empty() && workload.gpus() > 0) {
        std::set<domain::PoolId> mates;
        for (const domain::Group& mate : groups) {
            if (mate.borrowing && mate.borrowing->cohort == group.borrowing->cohort) mates.insert(mate.pool);
        }
        const auto wide = choices_with(workload, {mates.begin(), mates.end()});
        choices.insert(choices.end(), wide.begin(), wide.end());
    }
    for (Holder& holder : holders_) holder.gone = true;
    const bool could = std::any_of(choices.begin(), choices.end(), [&](const auto& bins) {
        return !place(kinds_of(workload), bins, {}).empty() || !place_across(kinds_of(workload), bins, {}).empty();
    });
    for (Holder& holder : holders_) holder.gone = false;
    return could;
}

bool NaiveScheduler::lacks_gpus(const Workload& workload) const {
    if (workload.gpus() == 0) return false;
    std::vector<Kind> kinds = kinds_of(workload);
    std::stable_sort(kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) {
        return std::tuple(a.gpus, !a.label.empty(), a.memory) > std::tuple(b.gpus, !b.label.empty(), b.memory);
    });
    for (Kind& kind : kinds) kind.cpu = kind.memory = 0;
    for (const Bin& bin : bins_of(group_of(workload).pool, workload.gpu_model)) {
        if (!place(kinds, {bin}, {}).empty()) return false;
    }
    return true;
}

// ── deciding ──

bool NaiveScheduler::is_started(const domain::JobId& id) const {
    return std::any_of(plan_.starts.begin(), plan_.starts.end(), [&](const Start& start) { return start.id == id; });
}

void NaiveScheduler::start(const Workload& workload, const std::vector<Kind>& kinds, const std::vector<Spot>& spots) {
    Running run{workload, {}, now_, false};
    std::map<std::string, std::set<int>> given;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        for (const Spot& spot : spots) {
            if (spot.kind != static_cast<int>(kind)) continue;
            const domain::Node& node =
                *std::find_if(nodes.begin(), nodes.end(), [&](const domain::Node& it) { return it.name == spot.node; });
            for (int replica = 0; replica < spot.count; ++replica) {
                Place place{spot.node, {}};
                for (const int device : free_devices(node, spot.bin)) {
                    if (static_cast<int>(place.devices.size()) == kinds[kind].gpus) break;
                    if (given[spot.node].insert(device).second) place.devices.push_back(device);
                }
                std::sort(place.devices.begin(), place.devices.end());
                run.places.push_back(std::move(place));
            }
        }
    }
    for (Hold& hold : holds_) {
        if (hold.head == workload.id || !(hold.until == kNever || end_if_started(workload) > hold.until)) continue;
        for (const Spot& spot : spots) {
            if (spot.node != hold.node) continue;
            const Kind& kind = kinds[static_cast<std::size_t>(spot.kind)];
            hold.spare.cpu -= kind.cpu * spot.count;
            hold.spare.memory -= kind.memory * spot.count;
            hold.spare.replicas -= spot.count;
            if (hold.bin && spot.bin == hold.bin) hold.spare.gpus -= kind.gpus * spot.count;
        }
    }
    plan_.starts.push_back({workload.id, run.places});
    holders_.push_back({std::move(run), true, false});
}

void NaiveScheduler::start_immediates() {
    std::vector<Workload> immediate;
    for (const Workload& workload : waiting) {
        if (workload.immediate && workload.held.empty()) immediate.push_back(workload);
    }
    std::sort(immediate.begin(), immediate.end(), goes_before);
    for (const Workload& workload : immediate) {
        const domain::Group& group = group_of(workload);
        bool started = false;
        for (int gpus = workload.gpus(); gpus >= 0 && !started; --gpus) {
            if (gpus > 0 && group.borrowing && used_by(group) + gpus > quota_of(group)) continue;
            // Taken away one by one from whoever has the most, the last of those first.
            std::vector<Kind> replicas;
            for (const Kind& kind : kinds_of(workload)) {
                for (int i = 0; i < kind.count; ++i) {
                    replicas.push_back(kind);
                    replicas.back().count = 1;
                }
            }
            for (int more = workload.gpus() - gpus; more > 0; --more) {
                auto most = std::max_element(replicas.rbegin(), replicas.rend(),
                                             [](const Kind& a, const Kind& b) { return a.gpus < b.gpus; });
                most->gpus -= 1;
            }
            // Equal neighbours of one need are one kind.
            std::vector<Kind> kinds;
            std::size_t replica = 0;
            for (const Need& need : workload.needs) {
                for (int i = 0; i < need.count; ++i, ++replica) {
                    if (i > 0 && kinds.back().gpus == replicas[replica].gpus) {
                        kinds.back().count += 1;
                    } else {
                        kinds.push_back(replicas[replica]);
                    }
                }
            }
            Workload less = workload;
            less.needs.clear();
            for (const Kind& kind : kinds)
                less.needs.push_back({"", kind.count, kind.cpu, kind.memory, kind.gpus, kind.label});
            for (const auto& bins : choices_at_home(less)) {
                const std::vector<Spot> spots = place(kinds, bins, {});
                if (spots.empty()) continue;
                start(workload, kinds, spots);
                started = true;
                break;
            }
        }
    }
}

bool NaiveScheduler::somebody_roams() const {
    return std::any_of(waiting.begin(), waiting.end(),
                       [](const Workload& it) { return roams(it) && it.held.empty() && !it.immediate; });
}

// Pools that share nodes, together; all pools when somebody waits who may go to any node.
std::vector<std::vector<domain::PoolId>> NaiveScheduler::regions() const {
    std::vector<std::vector<domain::PoolId>> regions;
    for (const domain::Pool& pool : pools) regions.push_back({pool.id});
    const auto meet = [&](const std::vector<domain::PoolId>& a, const std::vector<domain::PoolId>& b) {
        if (somebody_roams()) return true;
        for (const domain::Node& node : nodes) {
            std::set<domain::PoolId> here;
            for (const domain::Device& device : node.devices) here.insert(pool_of(node.name, device.uuid));
            const auto is_here = [&](const domain::PoolId& pool) { return here.contains(pool); };
            if (std::any_of(a.begin(), a.end(), is_here) && std::any_of(b.begin(), b.end(), is_here)) return true;
        }
        return false;
    };
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t a = 0; a < regions.size() && !changed; ++a) {
            for (std::size_t b = a + 1; b < regions.size() && !changed; ++b) {
                if (!meet(regions[a], regions[b])) continue;
                regions[a].insert(regions[a].end(), regions[b].begin(), regions[b].end());
                std::sort(regions[a].begin(), regions[a].end());
                regions.erase(regions.begin() + static_cast<std::ptrdiff_t>(b));
                changed = true;
            }
        }
    }
    return regions;
}

void NaiveScheduler::run(const std::vector<domain::PoolId>& region) {
    failed_.clear();
    at_quota_.clear();
    const auto is_of = [&](const domain::PoolId& pool) {
        return std::find(region.begin(), region.end(), pool) != region.end();
    };
    std::erase_if(holds_, [&](const Hold& hold) {
        for (const Workload& workload : waiting) {
            if (workload.id == hold.head) return is_of(group_of(workload).pool);
        }
        return true;
    });
    for (const domain::PoolId& pool : region) {
        heads_.erase(pool);
        awaits_.erase(pool);
    }
    std::map<domain::PoolId, std::vector<const Workload*>> left;
    for (const Workload& workload : waiting) {
        if (!workload.held.empty() || workload.immediate || is_started(workload.id) || !is_of(group_of(workload).pool))
            continue;
        left[group_of(workload).pool].push_back(&workload);
    }
    std::map<domain::PoolId, Lane> lanes;
    Lane cpu_lane;
    for (;;) {
        const Workload* next = nullptr;
        for (const auto& [pool, list] : left) {
            const Workload* first = nullptr;
            for (const Workload* each : list) {
                const auto turn = [&, id = pool](const Workload* it) {
                    return std::tuple(-it->priority,
                                      is_fair(id) ? usage_of(id, it->owner) : std::pair<int, std::int64_t>(), it->rank);
                };
                if (first == nullptr || turn(each) < turn(first)) first = each;
            }
            if (first != nullptr && (next == nullptr || goes_before(*first, *next))) next = first;
        }
        if (next == nullptr) return;
        const domain::PoolId pool = group_of(*next).pool;
        std::erase(left[pool], next);
        try_one(*next, next->gpus() > 0 ? lanes[pool] : cpu_lane);
    }
}

void NaiveScheduler::try_one(const Workload& workload, Lane& lane) {
    const domain::Group& group = group_of(workload);
    if (std::any_of(failed_.begin(), failed_.end(),
                    [&](const Workload* other) { return same_shape(*other, workload); }))
        return;
    if (workload.gpus() > 0 && at_quota_.contains(group.id)) return;
    if (lane.has_head && lane.tried++ >= options.backfill_depth) return;
    if (!within_quota(workload)) {
        failed_.push_back(&workload);
        const bool ever = workload.gpus() <= quota_of(group);
        if (ever) at_quota_.insert(group.id);
        if (lane.has_head) return;
        awaits_[group.pool].push_back({workload.id, workload.gpus(), ""});
        if (ever && nominal_of(group) >= size_of(group.pool)) make_head(workload, lane);
        return;
    }
    for (const auto& bins : choices_at_home(workload)) {
        const std::vector<Spot> spots =
            place(kinds_of(workload), bins, {Holds::kSpare, workload.id, end_if_started(workload)});
        if (spots.empty()) continue;
        start(workload, kinds_of(workload), spots);
        return;
    }
    failed_.push_back(&workload);
    if (lane.has_head) return;
    if (lacks_gpus(workload)) awaits_[group.pool].push_back({workload.id, workload.gpus(), ""});
    make_head(workload, lane);
}

void NaiveScheduler::make_head(const Workload& workload, Lane& lane) {
    const domain::PoolId pool = group_of(workload).pool;
    const bool with_gpus = workload.gpus() > 0;
    const auto end_of = [&](const Holder& holder) { return expected_end(holder); };
    std::vector<std::vector<Bin>> choices{{}};
    if (with_gpus) {
        choices.clear();
        for (const Bin& bin : bins_of(pool, workload.gpu_model)) choices.push_back({bin});
    }
    std::optional<std::pair<Key, std::vector<Spot>>> fit;
    for (const auto& bins : choices) {
        auto other = earliest(workload, bins, end_of, Holds::kSubtracted);
        if (other && (!fit || other->first < fit->first)) fit = std::move(other);
    }
    if (!fit && !could_ever(workload)) return;
    lane.has_head = true;
    if (with_gpus) heads_[pool] = &workload;
    const std::vector<Kind> kinds = kinds_of(workload);
    for (const domain::Node& node : nodes) {
        if (fit) {
            Hold hold{workload.id, fit->first, node.name, {}, {}, {}};
            for (const Spot& spot : fit->second) {
                if (spot.node != node.name) continue;
                const Kind& kind = kinds[static_cast<std::size_t>(spot.kind)];
                if (kind.gpus > 0) hold.bin = spot.bin;
                hold.kept.cpu += kind.cpu * spot.count;
                hold.kept.memory += kind.memory * spot.count;
                hold.kept.gpus += kind.gpus * spot.count;
                hold.kept.replicas += spot.count;
            }
            if (hold.kept.replicas == 0) continue;
            for (Holder& holder : holders_) holder.gone = expected_end(holder) <= fit->first;
            const Amount then = room(node, hold.bin, {});
            for (Holder& holder : holders_) holder.gone = false;
            keep(hold, then);
            continue;
        }
        // When it will fit is unknown: all that it could use is kept.
        std::map<Bin, int> healthy;
        std::set<Bin> here;
        int all = 0;
        for (const domain::Device& device : node.devices) {
            const Bin bin = bin_of(node, device);
            if (!with_gpus || bin.pool != pool || (!workload.gpu_model.empty() && bin.model != workload.gpu_model))
                continue;
            here.insert(bin);
            healthy[bin] += device.healthy ? 1 : 0;
            all += device.healthy ? 1 : 0;
        }
        if (!roams(workload) && here.empty()) continue;
        Hold hold{workload.id, kNever, node.name, {}, {}, {}};
        for (const Kind& kind : kinds) {
            if (!carries(node, kind.label)) continue;
            std::int64_t count = std::min(kind.count, node.replicas_max);
            if (kind.gpus > 0) count = std::min<std::int64_t>(count, all / kind.gpus);
            if (kind.cpu > 0) count = std::min(count, node.cpu_millis / kind.cpu);
            if (kind.memory > 0) count = std::min(count, node.memory_bytes / kind.memory);
            hold.kept.cpu += kind.cpu * count;
            hold.kept.memory += kind.memory * count;
            hold.kept.replicas += static_cast<int>(count);
        }
        for (const Bin& bin : here) {
            hold.bin = bin;
            hold.kept.gpus = healthy[bin];
            keep(hold, room(node, bin, {}));
            hold.kept = {};
        }
        if (here.empty() && hold.kept.replicas > 0) keep(hold, room(node, std::nullopt, {}));
    }
}

void NaiveScheduler::keep(Hold hold, const Amount& free) {
    hold.spare = {free.cpu - hold.kept.cpu, free.memory - hold.kept.memory, free.gpus - hold.kept.gpus,
                  free.replicas - hold.kept.replicas};
    for (Hold& other : holds_) {
        if (other.node != hold.node) continue;
        // What the earlier takes, the later does not have.
        Hold& later = other.until <= hold.until ? hold : other;
        const Hold& earlier = other.until <= hold.until ? other : hold;
        later.spare.cpu -= earlier.kept.cpu;
        later.spare.memory -= earlier.kept.memory;
        later.spare.replicas -= earlier.kept.replicas;
        if (other.bin && other.bin == hold.bin) later.spare.gpus -= earlier.kept.gpus;
    }
    holds_.push_back(hold);
}

// ── borrowing ──

bool NaiveScheduler::lend_once() {
    std::vector<std::string> cohorts;
    for (const domain::Group& group : groups) {
        if (!group.borrowing || group.borrowing->cohort.empty()) continue;
        if (std::find(cohorts.begin(), cohorts.end(), group.borrowing->cohort) == cohorts.end())
            cohorts.push_back(group.borrowing->cohort);
    }
    for (const std::string& cohort : cohorts) {
        std::set<domain::PoolId> members;
        for (const domain::Group& group : groups) {
            if (group.borrowing && group.borrowing->cohort == cohort) members.insert(group.pool);
        }
        std::vector<const Workload*> heads;
        std::vector<domain::PoolId> lenders;
        for (const domain::PoolId& pool : members) {
            const auto head = heads_.find(pool);
            if (head == heads_.end()) {
                lenders.push_back(pool);
                continue;
            }
            const domain::Group& group = group_of(*head->second);
            if (group.borrowing && group.borrowing->cohort == cohort && within_quota(*head->second))
                heads.push_back(head->second);
        }
        std::sort(heads.begin(), heads.end(), [](const Workload* a, const Workload* b) { return goes_before(*a, *b); });
        for (const Workload* head : heads) {
            for (const auto& bins : choices_with(*head, lenders)) {
                const View view{Holds::kSpare, head->id, end_if_started(*head)};
                std::vector<Spot> spots = place(kinds_of(*head), bins, view);
                if (spots.empty()) spots = place_across(kinds_of(*head), bins, view);
                if (spots.empty()) continue;
                start(*head, kinds_of(*head), spots);
                for (const auto& region : regions()) {
                    if (std::find(region.begin(), region.end(), group_of(*head).pool) != region.end()) run(region);
                }
                return true;
            }
        }
    }
    return false;
}

void NaiveScheduler::reclaim() {
    for (const auto& [pool, head] : heads_) {
        const domain::Group& group = group_of(*head);
        if (!group.borrowing || group.borrowing->cohort.empty() || !group.borrowing->reclaim) continue;
        if (used_by(group) + head->gpus() <= nominal_of(group)) reclaim_for(*head);
    }
}

void NaiveScheduler::reclaim_for(const Workload& head) {
    const domain::Group& own = group_of(head);
    std::vector<const Holder*> borrowers;
    const std::vector<Bin> bins = bins_of(own.pool, head.gpu_model);
    for (const Holder& holder : holders_) {
        const domain::Group& group = group_of(holder.run.workload);
        if (holder.trial || holder.run.ending || reclaimed_.contains(holder.run.workload.id) || group.pool == own.pool)
            continue;
        if (!group.borrowing || group.borrowing->cohort != own.borrowing->cohort) continue;
        bool has_ours = false;
        for (const domain::Node& node : nodes) {
            for (const domain::Device& device : node.devices) {
                const bool is_ours = std::find(bins.begin(), bins.end(), bin_of(node, device)) != bins.end();
                has_ours = has_ours || (is_ours && device.healthy && user_of(node.name, device.index) == &holder);
            }
        }
        if (has_ours) borrowers.push_back(&holder);
    }
    std::sort(borrowers.begin(), borrowers.end(), [](const Holder* a, const Holder* b) {
        const auto order = [](const Holder* it) {
            return std::tuple(it->run.workload.priority, -to_ms(it->run.started_at), -it->run.workload.rank);
        };
        return order(a) < order(b);
    });
    if (borrowers.empty()) return;
    std::vector<const Holder*> chosen;
    for (const Bin& bin : bins) {
        const auto fits_without = [&](const std::vector<const Holder*>& gone) {
            const auto key_of = [&](const Holder& holder) {
                const bool comes = holder.run.ending || reclaimed_.contains(holder.run.workload.id);
                return comes || std::find(gone.begin(), gone.end(), &holder) != gone.end() ? kSoon : kNever;
            };
            return earliest(head, {bin}, key_of, Holds::kIgnored).has_value();
        };
        if (fits_without({})) return;
        std::size_t enough = 1;
        while (enough <= borrowers.size() &&
               !fits_without({borrowers.begin(), borrowers.begin() + static_cast<std::ptrdiff_t>(enough)}))
            ++enough;
        if (enough > borrowers.size()) continue;
        std::vector<const Holder*> low;
        for (const Holder* holder : borrowers) {
            if (holder->run.workload.priority <= borrowers[enough - 1]->run.workload.priority) low.push_back(holder);
        }
        check(low.size() <= 12, "so small that the least set is searched for");
        // All sets by size, then by whom they take.
        std::vector<std::vector<std::size_t>> sets;
        for (std::size_t bits = 1; bits < (std::size_t{1} << low.size()); ++bits) {
            std::vector<std::size_t> set;
            for (std::size_t i = 0; i < low.size(); ++i) {
                if ((bits >> i & 1) != 0) set.push_back(i);
            }
            sets.push_back(std::move(set));
        }
        std::sort(sets.begin(), sets.end(),
                  [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
        for (const auto& set : sets) {
            std::vector<const Holder*> gone;
            for (const std::size_t index : set) gone.push_back(low[index]);
            if (!fits_without(gone)) continue;
            if (chosen.empty() || gone.size() < chosen.size()) chosen = gone;
            break;
        }
    }
    for (const Holder* holder : chosen) {
        reclaimed_.insert(holder->run.workload.id);
        plan_.reclaims.push_back({holder->run.workload.id, head.id, ""});
    }
}

}  // namespace pintle::scheduling
