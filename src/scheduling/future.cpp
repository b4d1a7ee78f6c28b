#include "scheduling/future.hpp"

#include <algorithm>

#include "scheduling/pass.hpp"
#include "scheduling/turns.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

Future::Future(const Snapshot::Impl& impl, Time now, const Plan& next, const Waiting* only)
    : impl_(impl),
      present_(present_of(impl)),
      now_(now),
      next_(next),
      only_(only),
      somebody_roams_(impl.books.roaming > 0 || !impl.books.immediates.empty()),
      lines_(impl.walk.lines),
      nodes_(impl.walk.nodes),
      parts_(impl.walk.parts),
      lists_(impl.walk.lists),
      free_(impl.walk.free),
      free_in_cohort_(impl.walk.free_in_cohort),
      used_by_group_(impl.walk.used_by_group),
      jobs_(impl.walk.jobs),
      grants_(impl.walk.grants),
      ends_(impl.walk.ends),
      ended_(impl.walk.ended),
      woken_(impl.walk.woken) {
    line_up();
}

void Future::line_up() {
    const std::vector<PoolState>& pools = impl_.books.pools;
    std::set<const Waiting*> starts_now;
    for (const Start& start : next_.starts) starts_now.insert(&impl_.waiting.at(start.id));
    lines_.resize(pools.size() + 1);
    for (Line& line : lines_) {
        line.queue.clear();
        line.next = 0;
    }
    for (std::size_t pool = 0; pool < pools.size(); ++pool) {
        bool only_passed = false;
        lines_[pool].queue.reserve(pools[pool].queue.size());
        for (const Waiting* waiting : in_order_of_turns(pools[pool], pools[pool].queue.size())) {
            if (!waiting->ready() || starts_now.contains(waiting)) continue;
            const bool queues_for_gpus = waiting->asked.gpus() > 0 && !waiting->workload.immediate;
            if (queues_for_gpus && only_passed) continue;
            const Workload& workload = waiting->workload;
            const Asked& asked = waiting->asked;
            Turn turn{waiting, -1, 0, asked.whole.cpu_millis, asked.whole.memory_bytes, kNever,
                      asked.gpus(), waiting->group, asked.model, workload.immediate, false};
            if (workload.run_time) {
                turn.median = workload.run_time->median.count();
                turn.high = workload.run_time->high.count();
            }
            turn.simple = queues_for_gpus && asked.whole.replicas == 1 && asked.whole.labels.empty();
            (queues_for_gpus ? lines_[pool] : lines_.back()).queue.push_back(turn);
            only_passed = only_passed || (waiting == only_ && queues_for_gpus);
            if (only_passed && !somebody_roams_) break;
        }
    }
    std::stable_sort(lines_.back().queue.begin(), lines_.back().queue.end(),
                     [](const Turn& a, const Turn& b) { return ByTurn()(a.waiting, b.waiting); });
}

// As it is now, with what starts now.
void Future::begin() {
    nodes_ = present_.nodes;
    parts_ = present_.parts;
    lists_ = present_.lists;
    free_ = present_.free;
    free_in_cohort_ = present_.free_in_cohort;
    used_by_group_ = present_.used_by_group;
    only_start_.reset();
    jobs_.clear();
    grants_.clear();
    ends_.clear();
    woken_.assign(lines_.size(), 0);
    for (Line& line : lines_) {
        for (std::size_t turn = 0; turn < line.next; ++turn) line.queue[turn].start = kNever;
        line.next = 0;
    }
    for (std::size_t job = 0; job < present_.runs.size(); ++job) {
        const Present::Run& run = present_.runs[job];
        Key end = to_ms(now_);
        if (!run.ending) {
            end = std::max(end, expected_end_of(run.started_at, run.median, to_ms(now_)));
            if (pace_ == Pace::kHigh) end = std::max(end, run.started_at + run.high);
        }
        ends_.push_back({end, static_cast<int>(job)});
    }
    std::make_heap(ends_.begin(), ends_.end());
    add_starts();
}

void Future::add_starts() {
    for (const Start& start : next_.starts) {
        const Waiting& waiting = impl_.waiting.at(start.id);
        if (&waiting == only_) only_start_ = now_;
        Job job{waiting.workload.rank, waiting.group, 0, static_cast<int>(grants_.size()), 0};
        std::size_t replica = 0;
        for (const Need& need : waiting.workload.needs) {
            for (int i = 0; i < need.count; ++i, ++replica) {
                const Place& place = start.places[replica];
                const int node = impl_.node_by_name.at(place.node);
                grants_.push_back({need.cpu_millis, need.memory_bytes, node, 1, -1, 0});
                for (const DeviceSlot& device : impl_.books.ledger.nodes[at(node)].devices) {
                    if (std::binary_search(place.devices.begin(), place.devices.end(), device.index))
                        grants_.push_back({0, 0, node, 0, part_of(node, device.bin), 1});
                }
                job.gpus += static_cast<int>(place.devices.size());
            }
        }
        for (std::size_t grant = at(job.from); grant < grants_.size(); ++grant) book(grants_[grant], -1);
        used_by_group_[at(waiting.group)] += job.gpus;
        if (const auto& run_time = waiting.workload.run_time)
            add_end(job, run_time->median.count(), run_time->high.count(), now_);
    }
}

void Future::move(int index, int free) {
    Part& part = parts_[at(index)];
    const int list_0 = present_.list_0[at(part.bin)];
    unlink(parts_, lists_, list_0, index);
    free_[at(part.bin)] += free - part.free;
    for (const int cohort : present_.cohorts[at(part.bin)]) free_in_cohort_[at(cohort)] += free - part.free;
    part.free = free;
    link(parts_, lists_, list_0, index);
}

// `sign` is -1 to take and 1 to give back.
void Future::book(const Grant& grant, int sign) {
    Present::Node& node = nodes_[at(grant.node)];
    node.cpu_millis += sign * grant.cpu_millis;
    node.memory_bytes += sign * grant.memory_bytes;
    node.replicas += sign * grant.replicas;
    if (grant.part < 0) return;
    move(grant.part, parts_[at(grant.part)].free + sign * grant.gpus);
    if (somebody_roams_) move(node.from, parts_[at(node.from)].free + sign * grant.gpus);
}

void Future::add_end(Job job, std::int64_t median, std::int64_t high, Time now) {
    job.to = static_cast<int>(grants_.size());
    ends_.push_back({to_ms(now) + (pace_ == Pace::kHigh ? high : median),
                     static_cast<int>(present_.jobs.size() + jobs_.size())});
    std::push_heap(ends_.begin(), ends_.end());
    jobs_.push_back(job);
}

int Future::part_of(int index, int bin) const {
    const Present::Node& node = nodes_[at(index)];
    for (int part = node.from; part < node.to; ++part) {
        if (parts_[at(part)].bin == bin) return part;
    }
    return -1;
}

Room Future::room(int index, int bin) const {
    const Present::Node& node = nodes_[at(index)];
    const int part = bin == kAnyBin ? -1 : part_of(index, bin);
    return {node.cpu_millis, node.memory_bytes, part < 0 ? 0 : parts_[at(part)].free, node.replicas};
}

int Future::most_free(int bin) const {
    const int list_0 = present_.list_0[at(bin)];
    int most = static_cast<int>(impl_.books.ledger.bins[at(bin)].by_free.size()) - 1;
    while (most >= 0 && lists_[at(list_0 + most)] < 0) --most;
    return most;
}

int Future::find(int bin, const Want& want, const std::vector<int>& skip) const {
    if (free(bin) < want.gpus) return -1;
    const int list_0 = present_.list_0[at(bin)];
    const int end = list_0 + static_cast<int>(impl_.books.ledger.bins[at(bin)].by_free.size());
    for (int list = list_0 + want.gpus; list < end; ++list) {
        for (int part = lists_[at(list)]; part >= 0; part = parts_[at(part)].after) {
            const int index = parts_[at(part)].node;
            const Present::Node& node = nodes_[at(index)];
            if (node.cpu_millis < want.cpu_millis || node.memory_bytes < want.memory_bytes ||
                node.replicas < want.replicas)
                continue;
            if (!want.labels.empty() && !carries(index, want.labels)) continue;
            if (std::find(skip.begin(), skip.end(), index) == skip.end()) return index;
        }
    }
    return -1;
}

int Future::free_across(int index, const std::vector<char>& among) const {
    const Present::Node& node = nodes_[at(index)];
    int free = 0;
    for (int part = node.from + 1; part < node.to; ++part)
        free += among[at(parts_[at(part)].bin)] != 0 ? parts_[at(part)].free : 0;
    return free;
}

bool Future::within_quota(const Turn& turn) const {
    return !impl_.books.groups[at(turn.group)].group.borrowing ||
           used_by_group_[at(turn.group)] + turn.gpus <= impl_.quota_of(turn.group);
}

// What place() would find, without its lists: most ask for one replica.
int Future::find_simple(const Turn& turn, int bin) const {
    const int list_0 = present_.list_0[at(bin)];
    const int end = list_0 + static_cast<int>(impl_.books.ledger.bins[at(bin)].by_free.size());
    for (int list = list_0 + turn.gpus; list < end; ++list) {
        for (int part = lists_[at(list)]; part >= 0; part = parts_[at(part)].after) {
            const Present::Node& node = nodes_[at(parts_[at(part)].node)];
            if (node.cpu_millis >= turn.cpu_millis && node.memory_bytes >= turn.memory_bytes && node.replicas > 0)
                return part;
        }
    }
    return -1;
}

bool Future::take_simple(const Turn& turn) {
    if (!within_quota(turn)) return false;
    for (const int bin : impl_.books.pools[at(turn.waiting->pool)].bins) {
        const bool is_model = turn.model == kAnyModel || turn.model == impl_.books.ledger.bins[at(bin)].model;
        if (!is_model || free(bin) < turn.gpus) continue;
        const int part = find_simple(turn, bin);
        if (part < 0) continue;
        take({turn.cpu_millis, turn.memory_bytes, parts_[at(part)].node, 1, part, turn.gpus});
        return true;
    }
    return false;
}

std::vector<Spot> Future::place_somewhere(const Turn& turn, std::vector<int>& bins) const {
    const Waiting& waiting = *turn.waiting;
    if (turn.immediate || turn.gpus == 0) {
        Asked asked = waiting.asked;
        for (Ask& ask : asked.asks) ask.gpus = 0;
        asked.sum_up();
        return place(*this, asked, {});
    }
    if (!within_quota(turn)) return {};
    // A simple one has been tried at home.
    for (const int bin : impl_.books.pools[at(waiting.pool)].bins) {
        const bool is_model = turn.model == kAnyModel || turn.model == impl_.books.ledger.bins[at(bin)].model;
        if (turn.simple || !is_model || free(bin) < turn.gpus) continue;
        std::vector<Spot> spots = place(*this, waiting.asked, {bin});
        if (!spots.empty()) return spots;
    }
    return borrow(waiting, bins);
}

std::vector<Spot> Future::borrow(const Waiting& waiting, std::vector<int>& bins) const {
    const GroupState& group = impl_.books.groups[at(waiting.group)];
    if (group.cohort < 0 || group.group.borrowing->limit <= 0) return {};
    if (free_in_cohort_[at(group.cohort)] < waiting.asked.gpus()) return {};
    for (const std::vector<int>& choice : choices_of(waiting.group, waiting.asked)) {
        std::vector<Spot> spots = place(*this, waiting.asked, choice);
        if (spots.empty()) spots = place_across(*this, impl_.books.ledger, waiting.asked, choice);
        if (spots.empty()) continue;
        bins = choice;
        return spots;
    }
    return {};
}

const std::vector<std::vector<int>>& Future::choices_of(int index, const Asked& asked) const {
    const auto [found, is_new] = choices_.try_emplace({index, asked.model});
    if (is_new) {
        const GroupState& group = impl_.books.groups[at(index)];
        found->second = choices_with(impl_, group.pool, impl_.books.cohorts[at(group.cohort)].pools, asked);
    }
    return found->second;
}

void Future::take(const Grant& grant) {
    grants_.push_back(grant);
    book(grant, -1);
}

void Future::take_across(Grant grant, const std::vector<int>& bins) {
    int left = grant.gpus;
    for (const int bin : bins) {
        const int part = part_of(grant.node, bin);
        if (left == 0 || part < 0 || parts_[at(part)].free == 0) continue;
        grant.part = part;
        grant.gpus = std::min(left, parts_[at(part)].free);
        left -= grant.gpus;
        take(grant);
        grant.cpu_millis = grant.memory_bytes = grant.replicas = 0;
    }
}

bool Future::start(Turn& turn, Time now) {
    Job job{turn.waiting->workload.rank, turn.group, turn.immediate ? 0 : turn.gpus,
            static_cast<int>(grants_.size()), 0};
    if (!turn.simple || !take_simple(turn)) {
        std::vector<int> bins;
        const std::vector<Spot> spots = place_somewhere(turn, bins);
        if (spots.empty()) return false;
        for (const Spot& spot : spots) {
            const Ask& ask = turn.waiting->asked.asks[at(spot.ask)];
            const bool with_gpus = ask.gpus > 0 && !turn.immediate;
            const Grant grant{ask.cpu_millis * spot.count, ask.memory_bytes * spot.count, spot.node, spot.count,
                              with_gpus ? part_of(spot.node, spot.bin) : -1, with_gpus ? ask.gpus * spot.count : 0};
            if (with_gpus && spot.bin == kSeveralBins) {
                take_across(grant, bins);
            } else {
                take(grant);
            }
        }
    }
    turn.start = to_ms(now);
    if (turn.waiting == only_) only_start_ = now;
    used_by_group_[at(turn.group)] += job.gpus;
    if (turn.median >= 0) add_end(job, turn.median, turn.high, now);
    return true;
}

// What could not even start if all ended is passed over by plan() too.
bool Future::could_start(const Turn& turn) const {
    return turn.immediate || could_start_if_all_ended(impl_, *turn.waiting);
}

void Future::advance(Line& line, Time now) {
    line.anywhere = false;
    for (; line.next < line.queue.size(); ++line.next) {
        Turn& first = line.queue[line.next];
        if (start(first, now) || !could_start(first)) continue;
        line.anywhere = first.waiting->asked.roams;
        return;
    }
}

void Future::wake(int index) {
    const Present::Node& node = nodes_[at(index)];
    for (int part = node.from + 1; part < node.to; ++part) {
        for (const int line : present_.wakes[at(impl_.books.ledger.bins[at(parts_[at(part)].bin)].pool)])
            woken_[at(line)] = 1;
    }
}

void Future::end(int index) {
    const auto running = static_cast<int>(present_.jobs.size());
    const Job& job = index < running ? present_.jobs[at(index)] : jobs_[at(index - running)];
    const std::vector<Grant>& grants = index < running ? present_.grants : grants_;
    if (job.group >= 0) {
        used_by_group_[at(job.group)] -= job.gpus;
        woken_[at(impl_.books.groups[at(job.group)].pool)] = 1;
    }
    for (int grant = job.from; grant < job.to; ++grant) {
        book(grants[at(grant)], 1);
        wake(grants[at(grant)].node);
    }
}

void Future::end_all_at(Key moment) {
    woken_.back() = 1;
    ended_.clear();
    for (; !ends_.empty() && ends_.front().at == moment; ends_.pop_back()) {
        ended_.push_back(ends_.front().job);
        std::pop_heap(ends_.begin(), ends_.end());
    }
    const auto running = static_cast<int>(present_.jobs.size());
    const auto rank_of = [&](int job) {
        return job < running ? present_.jobs[at(job)].rank : jobs_[at(job - running)].rank;
    };
    std::sort(ended_.begin(), ended_.end(), [&](int a, int b) { return rank_of(a) < rank_of(b); });
    for (const int job : ended_) end(job);
}

void Future::run(Pace pace) {
    pace_ = pace;
    begin();
    if (only_start_) return;
    for (Line& line : lines_) advance(line, now_);
    bool left = true;
    while (left && !ends_.empty() && !only_start_) {
        const Key moment = ends_.front().at;
        std::fill(woken_.begin(), woken_.end(), 0);
        end_all_at(moment);
        left = false;
        for (std::size_t line = 0; line < lines_.size(); ++line) {
            if (woken_[line] != 0 || lines_[line].anywhere) advance(lines_[line], time_from_ms(moment));
            left = left || lines_[line].next < lines_[line].queue.size();
        }
    }
}

std::vector<const Waiting*> Future::all() const {
    std::vector<const Waiting*> all;
    for (const Start& start : next_.starts) all.push_back(&impl_.waiting.at(start.id));
    for (const Line& line : lines_) {
        for (const Turn& turn : line.queue) all.push_back(turn.waiting);
    }
    return all;
}

std::vector<Key> Future::starts_of_all() const {
    std::vector<Key> starts(next_.starts.size(), to_ms(now_));
    for (const Line& line : lines_) {
        for (const Turn& turn : line.queue) starts.push_back(turn.start);
    }
    return starts;
}

}  // namespace pintle::scheduling
