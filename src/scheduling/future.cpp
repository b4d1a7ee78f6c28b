#include "scheduling/future.hpp"

#include <algorithm>

#include "scheduling/pass.hpp"
#include "scheduling/turns.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

Future::Future(const Snapshot::Impl& impl, Time now, const Plan& next)
    : impl_(impl), now_(now), next_(next), high_(false) {
    starts_.reserve(impl.waiting.size());
    copy_books();
    add_running();
    add_starts();
    line_up();
}

Future::Future(const Future& median) : impl_(median.impl_), now_(median.now_), next_(median.next_), high_(true) {
    starts_.reserve(impl_.waiting.size());
    copy_books();
    add_running();
    add_starts();
    lines_ = median.lines_;
    wakes_ = median.wakes_;
}

void Future::copy_books() {
    const Ledger& ledger = impl_.books.ledger;
    bins_.resize(ledger.bins.size());
    for (std::size_t bin = 0; bin < bins_.size(); ++bin) bins_[bin].by_free.resize(ledger.bins[bin].by_free.size());
    nodes_.reserve(ledger.nodes.size());
    for (const NodeState& state : ledger.nodes) {
        Node& node = nodes_.emplace_back(Node{state.cpu_millis_free, state.memory_bytes_free, state.replicas_free, {}});
        for (const Share& share : state.shares) {
            BinLists& bin = bins_[at(share.bin)];
            std::vector<int>& list = bin.by_free[at(share.free)];
            node.parts.push_back({share.bin, share.free, static_cast<int>(list.size())});
            list.push_back(static_cast<int>(nodes_.size()) - 1);
            bin.free += share.free;
        }
    }
    for (const GroupState& group : impl_.books.groups) used_by_group_.push_back(group.used);
}

void Future::add_running() {
    for (const auto& [id, record] : impl_.running) {
        const Holder& holder = record.holder;
        Key end = holder.expected_end(now_);
        if (end == kNever) continue;
        if (high_ && end != kSoon) end = std::max(end, to_ms(holder.started_at + holder.workload->run_time->high));
        Job job = new_job(*holder.workload, holder.group, holder.gpus);
        for (const int node : holder.nodes) {
            const NodeState& state = impl_.books.ledger.nodes[at(node)];
            const auto entry = std::find_if(state.entries.begin(), state.entries.end(),
                                            [&](const Entry& it) { return it.holder == &holder; });
            grants_.push_back({node, entry->cpu_millis, entry->memory_bytes, entry->replicas, -1, 0});
            for (std::size_t share = 1; share < state.shares.size(); ++share) {
                const int bin = state.shares[share].bin;
                if (const int gpus = state.gpus_of(*entry, bin); gpus > 0)
                    grants_.push_back({node, 0, 0, 0, bin, gpus});
            }
        }
        add_end(std::move(job), std::max(end, to_ms(now_)));
    }
}

void Future::add_starts() {
    for (const Start& start : next_.starts) {
        const Waiting& waiting = impl_.waiting.at(start.id);
        starts_.emplace(&waiting, now_);
        Job job = new_job(waiting.workload, waiting.group, 0);
        std::size_t replica = 0;
        for (const Need& need : waiting.workload.needs) {
            for (int i = 0; i < need.count; ++i, ++replica) {
                const Place& place = start.places[replica];
                const int node = impl_.node_by_name.at(place.node);
                grants_.push_back({node, need.cpu_millis, need.memory_bytes, 1, -1, 0});
                for (const DeviceSlot& device : impl_.books.ledger.nodes[at(node)].devices) {
                    if (std::binary_search(place.devices.begin(), place.devices.end(), device.index))
                        grants_.push_back({node, 0, 0, 0, device.bin, 1});
                }
                job.gpus += static_cast<int>(place.devices.size());
            }
        }
        for (std::size_t grant = job.from; grant < grants_.size(); ++grant) book(grants_[grant], -1);
        used_by_group_[at(waiting.group)] += job.gpus;
        if (!waiting.workload.run_time) continue;
        const Duration run = high_ ? waiting.workload.run_time->high : waiting.workload.run_time->median;
        add_end(std::move(job), to_ms(now_ + run));
    }
}

void Future::line_up() {
    const std::vector<PoolState>& pools = impl_.books.pools;
    lines_.resize(pools.size() + 1);
    wakes_.resize(pools.size());
    for (std::size_t pool = 0; pool < pools.size(); ++pool) {
        wakes_[pool].push_back(static_cast<int>(pool));
        for (const Waiting* waiting : in_order_of_turns(pools[pool], pools[pool].queue.size())) {
            if (!waiting->ready() || starts_.contains(waiting)) continue;
            const bool queues_for_gpus = waiting->asked.gpus() > 0 && !waiting->workload.immediate;
            (queues_for_gpus ? lines_[pool] : lines_.back()).queue.push_back(waiting);
        }
    }
    std::stable_sort(lines_.back().queue.begin(), lines_.back().queue.end(), [](const Waiting* a, const Waiting* b) {
        return a->workload.priority != b->workload.priority ? a->workload.priority > b->workload.priority
                                                            : a->workload.rank < b->workload.rank;
    });
    for (const Cohort& cohort : impl_.books.cohorts) {
        for (const int pool : cohort.pools) {
            for (const int group : cohort.groups) {
                const GroupState& mate = impl_.books.groups[at(group)];
                if (mate.pool != pool && mate.group.borrowing->limit > 0) wakes_[at(pool)].push_back(mate.pool);
            }
        }
    }
}

void Future::move(int node, Part& part, int free) {
    std::vector<int>& from = bins_[at(part.bin)].by_free[at(part.free)];
    const int last = from.back();
    from[at(part.at)] = last;
    for (Part& other : nodes_[at(last)].parts) {
        if (other.bin == part.bin) other.at = part.at;
    }
    from.pop_back();
    std::vector<int>& to = bins_[at(part.bin)].by_free[at(free)];
    bins_[at(part.bin)].free += free - part.free;
    part.free = free;
    part.at = static_cast<int>(to.size());
    to.push_back(node);
}

// `sign` is -1 to take and 1 to give back.
void Future::book(const Grant& grant, int sign) {
    Node& node = nodes_[at(grant.node)];
    node.cpu_millis += sign * grant.cpu_millis;
    node.memory_bytes += sign * grant.memory_bytes;
    node.replicas += sign * grant.replicas;
    if (grant.bin < 0) return;
    for (Part& part : node.parts) {
        if (part.bin == grant.bin || part.bin == kAnyBin) move(grant.node, part, part.free + sign * grant.gpus);
    }
}

Future::Job Future::new_job(const Workload& workload, int group, int gpus) const {
    return {workload.rank, group, gpus, grants_.size(), grants_.size()};
}

void Future::add_end(Job job, Key end) {
    job.to = grants_.size();
    ends_.push({end, jobs_.size()});
    jobs_.push_back(job);
}

Room Future::room(int index, int bin) const {
    const Node& node = nodes_[at(index)];
    int gpus = 0;
    for (const Part& part : node.parts) {
        if (bin != kAnyBin && part.bin == bin) gpus = part.free;
    }
    return {node.cpu_millis, node.memory_bytes, gpus, node.replicas};
}

int Future::most_free(int bin) const {
    const auto& by_free = bins_[at(bin)].by_free;
    std::size_t most = by_free.size();
    while (most > 0 && by_free[most - 1].empty()) --most;
    return static_cast<int>(most) - 1;
}

int Future::find(int bin, const Want& want, const std::vector<int>& skip) const {
    const auto& by_free = bins_[at(bin)].by_free;
    for (std::size_t free = at(want.gpus); free < by_free.size(); ++free) {
        for (const int index : by_free[free]) {
            const Node& node = nodes_[at(index)];
            if (node.cpu_millis < want.cpu_millis || node.memory_bytes < want.memory_bytes ||
                node.replicas < want.replicas)
                continue;
            if (!want.labels.empty() && !carries(index, want.labels)) continue;
            if (std::find(skip.begin(), skip.end(), index) == skip.end()) return index;
        }
    }
    return -1;
}

std::vector<Spot> Future::place_somewhere(const Waiting& waiting) const {
    if (waiting.workload.immediate || waiting.asked.gpus() == 0) {
        Asked asked = waiting.asked;
        for (Ask& ask : asked.asks) ask.gpus = 0;
        asked.sum_up();
        return place(*this, asked, {});
    }
    const GroupState& group = impl_.books.groups[at(waiting.group)];
    if (group.group.borrowing &&
        used_by_group_[at(waiting.group)] + waiting.asked.gpus() > impl_.quota_of(waiting.group))
        return {};
    for (const int bin : impl_.books.pools[at(waiting.pool)].bins) {
        const bool is_model =
            waiting.asked.model == kAnyModel || waiting.asked.model == impl_.books.ledger.bins[at(bin)].model;
        if (!is_model || free(bin) < waiting.asked.gpus()) continue;
        std::vector<Spot> spots = place(*this, waiting.asked, {bin});
        if (!spots.empty()) return spots;
    }
    if (group.cohort < 0 || group.group.borrowing->limit <= 0) return {};
    const std::vector<int>& mates = impl_.books.cohorts[at(group.cohort)].pools;
    int free = 0;
    for (const int mate : mates) {
        for (const int bin : impl_.books.pools[at(mate)].bins) free += bins_[at(bin)].free;
    }
    if (free < waiting.asked.gpus()) return {};
    for (const std::vector<int>& bins : choices_with(impl_, waiting.pool, mates, waiting.asked)) {
        std::vector<Spot> spots = place(*this, waiting.asked, bins);
        if (!spots.empty()) return spots;
    }
    return {};
}

bool Future::start(const Waiting& waiting, Time now) {
    const std::vector<Spot> spots = place_somewhere(waiting);
    if (spots.empty()) return false;
    const bool none = waiting.workload.immediate;
    Job job = new_job(waiting.workload, waiting.group, none ? 0 : waiting.asked.gpus());
    for (const Spot& spot : spots) {
        const Ask& ask = waiting.asked.asks[at(spot.ask)];
        const bool with_gpus = ask.gpus > 0 && !none;
        grants_.push_back({spot.node, ask.cpu_millis * spot.count, ask.memory_bytes * spot.count, spot.count,
                           with_gpus ? spot.bin : -1, with_gpus ? ask.gpus * spot.count : 0});
        book(grants_.back(), -1);
    }
    starts_.emplace(&waiting, now);
    used_by_group_[at(waiting.group)] += job.gpus;
    if (!waiting.workload.run_time) return true;
    add_end(std::move(job), to_ms(now + (high_ ? waiting.workload.run_time->high : waiting.workload.run_time->median)));
    return true;
}

// What could not even start if all ended is passed over by plan() too.
bool Future::could_start(const Waiting& waiting) const {
    return waiting.workload.immediate || could_start_if_all_ended(impl_, waiting);
}

void Future::advance(Line& line, Time now) {
    line.anywhere = false;
    for (; line.next < line.queue.size(); ++line.next) {
        const Waiting& first = *line.queue[line.next];
        if (start(first, now) || !could_start(first)) continue;
        line.anywhere = first.asked.roams;
        return;
    }
}

void Future::wake(int node, std::vector<char>& woken) const {
    for (const Part& part : nodes_[at(node)].parts) {
        if (part.bin == kAnyBin) continue;
        for (const int line : wakes_[at(impl_.books.ledger.bins[at(part.bin)].pool)]) woken[at(line)] = 1;
    }
}

void Future::end(const Job& job, std::vector<char>& woken) {
    if (job.group >= 0) {
        used_by_group_[at(job.group)] -= job.gpus;
        woken[at(impl_.books.groups[at(job.group)].pool)] = 1;
    }
    for (std::size_t grant = job.from; grant < job.to; ++grant) {
        book(grants_[grant], 1);
        wake(grants_[grant].node, woken);
    }
}

void Future::end_all_at(Key moment, std::vector<char>& woken) {
    const Job first = jobs_[ends_.top().job];
    ends_.pop();
    woken.back() = 1;
    if (ends_.empty() || ends_.top().at != moment) return end(first, woken);
    std::vector<Job> ended{first};
    for (; !ends_.empty() && ends_.top().at == moment; ends_.pop()) ended.push_back(jobs_[ends_.top().job]);
    std::sort(ended.begin(), ended.end(), [](const Job& a, const Job& b) { return a.rank < b.rank; });
    for (const Job& job : ended) end(job, woken);
}

void Future::run(const Waiting* only) {
    if (only != nullptr && starts_.contains(only)) return;
    for (Line& line : lines_) advance(line, now_);
    std::vector<char> woken(lines_.size());
    bool left = true;
    while (left && !ends_.empty() && (only == nullptr || !starts_.contains(only))) {
        const Key moment = ends_.top().at;
        std::fill(woken.begin(), woken.end(), 0);
        end_all_at(moment, woken);
        left = false;
        for (std::size_t line = 0; line < lines_.size(); ++line) {
            if (woken[line] != 0 || lines_[line].anywhere) advance(lines_[line], time_from_ms(moment));
            left = left || lines_[line].next < lines_[line].queue.size();
        }
    }
}

std::optional<Time> Future::start_of(const Waiting& waiting) const {
    const auto found = starts_.find(&waiting);
    return found == starts_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pintle::scheduling
