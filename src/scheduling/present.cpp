#include "scheduling/present.hpp"

#include <algorithm>

#include "scheduling/future.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

void add_nodes(Present& present, const Ledger& ledger) {
    int lists = 0;
    for (const Bin& bin : ledger.bins) {
        present.list_0.push_back(lists);
        present.free.push_back(bin.free);
        lists += static_cast<int>(bin.by_free.size());
    }
    present.lists.assign(at(lists), -1);
    present.nodes.reserve(ledger.nodes.size());
    for (const NodeState& state : ledger.nodes) {
        const int from = static_cast<int>(present.parts.size());
        for (const Share& share : state.shares)
            present.parts.push_back({share.bin, static_cast<int>(present.nodes.size()), share.free});
        present.nodes.push_back({state.cpu_millis_free, state.memory_bytes_free, state.replicas_free, from,
                                 static_cast<int>(present.parts.size())});
    }
    for (int part = static_cast<int>(present.parts.size()); part-- > 0;)
        link(present.parts, present.lists, present.list_0[at(present.parts[at(part)].bin)], part);
}

void add_grants(Present& present, const Ledger& ledger, const Holder& holder, int index) {
    const NodeState& state = ledger.nodes[at(index)];
    const Present::Node& node = present.nodes[at(index)];
    const auto entry = std::find_if(state.entries.begin(), state.entries.end(),
                                    [&](const Entry& it) { return it.holder == &holder; });
    const std::size_t first = present.grants.size();
    for (int part = node.from + 1; part < node.to && entry->healthy_gpus > 0; ++part) {
        const int gpus = state.gpus_of(*entry, present.parts[at(part)].bin);
        if (gpus > 0) present.grants.push_back({0, 0, index, 0, part, gpus});
    }
    if (present.grants.size() == first) present.grants.push_back({0, 0, index, 0, -1, 0});
    Present::Grant& grant = present.grants[first];
    grant.cpu_millis = entry->cpu_millis;
    grant.memory_bytes = entry->memory_bytes;
    grant.replicas = entry->replicas;
}

void add_running(Present& present, const Snapshot::Impl& impl) {
    present.jobs.reserve(impl.running.size());
    present.runs.reserve(impl.running.size());
    present.grants.reserve(impl.running.size());
    for (const auto& [id, record] : impl.running) {
        const Holder& holder = record.holder;
        const Workload& workload = *holder.workload;
        if (!holder.ending && !workload.run_time) continue;
        const int from = static_cast<int>(present.grants.size());
        for (const int node : holder.nodes) add_grants(present, impl.books.ledger, holder, node);
        present.jobs.push_back(
            {workload.rank, holder.group, holder.gpus, from, static_cast<int>(present.grants.size())});
        Present::Run run{to_ms(holder.started_at), 0, 0, holder.ending};
        if (workload.run_time) {
            run.median = workload.run_time->median.count();
            run.high = workload.run_time->high.count();
        }
        present.runs.push_back(run);
    }
}

void find_wakes(Present& present, const Snapshot::Impl& impl) {
    present.wakes.resize(impl.books.pools.size());
    for (std::size_t pool = 0; pool < present.wakes.size(); ++pool)
        present.wakes[pool].push_back(static_cast<int>(pool));
    present.cohorts.resize(present.free.size());
    present.free_in_cohort.resize(impl.books.cohorts.size());
    for (std::size_t index = 0; index < impl.books.cohorts.size(); ++index) {
        const Cohort& cohort = impl.books.cohorts[index];
        for (const int pool : cohort.pools) {
            for (const int bin : impl.books.pools[at(pool)].bins) {
                present.cohorts[at(bin)].push_back(static_cast<int>(index));
                present.free_in_cohort[index] += present.free[at(bin)];
            }
            for (const int group : cohort.groups) {
                const GroupState& mate = impl.books.groups[at(group)];
                if (mate.pool != pool && mate.group.borrowing->limit > 0)
                    present.wakes[at(pool)].push_back(mate.pool);
            }
        }
    }
}

}  // namespace

const Present& present_of(const Snapshot::Impl& impl) {
    Present& present = impl.present;
    if (present.version == impl.running_version) return present;
    present = {};
    add_nodes(present, impl.books.ledger);
    add_running(present, impl);
    find_wakes(present, impl);
    for (const GroupState& group : impl.books.groups) present.used_by_group.push_back(group.used);
    present.version = impl.running_version;
    return present;
}

}  // namespace pintle::scheduling
