#include "scheduling/pass.hpp"

#include <algorithm>
#include <queue>

#include "base/check.hpp"
#include "scheduling/fewest.hpp"
#include "scheduling/wait_words.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

std::vector<std::vector<int>> choices_at_home(const Snapshot::Impl& impl, int pool, const Asked& asked) {
    if (asked.gpus() == 0) return {{}};
    std::vector<int> bins = impl.bins_of(pool, asked.model);
    const auto free = [&](int bin) { return impl.books.ledger.bins[at(bin)].free; };
    std::stable_sort(bins.begin(), bins.end(), [&](int a, int b) { return free(a) < free(b); });
    std::vector<std::vector<int>> choices;
    for (const int bin : bins) choices.push_back({bin});
    return choices;
}

std::vector<std::vector<int>> choices_with(const Snapshot::Impl& impl, int pool, const std::vector<int>& mates,
                                           const Asked& asked) {
    std::map<std::string, std::vector<int>> by_model;
    for (const int bin : impl.bins_of(pool, asked.model))
        by_model[impl.model_names[at(impl.books.ledger.bins[at(bin)].model)]].push_back(bin);
    for (const int mate : mates) {
        if (mate == pool) continue;
        for (const int bin : impl.bins_of(mate, asked.model)) {
            by_model[impl.model_names[at(impl.books.ledger.bins[at(bin)].model)]].push_back(bin);
        }
    }
    std::vector<std::vector<int>> choices;
    for (auto& [model, bins] : by_model) choices.push_back(std::move(bins));
    return choices;
}

bool could_ever(const Snapshot::Impl& impl, const Waiting& waiting, bool healed) {
    const Ledger& ledger = impl.books.ledger;
    const auto fits = [&](const std::vector<int>& bins) {
        return fits_when_empty(ledger, waiting.asked, bins, healed);
    };
    if (waiting.asked.gpus() > impl.quota_of(waiting.group)) return false;
    const auto home = choices_at_home(impl, waiting.pool, waiting.asked);
    if (std::any_of(home.begin(), home.end(), fits)) return true;
    const int cohort = impl.books.groups[at(waiting.group)].cohort;
    if (cohort < 0 || waiting.asked.gpus() == 0) return false;
    const auto wide = choices_with(impl, waiting.pool, impl.books.cohorts[at(cohort)].pools, waiting.asked);
    return std::any_of(wide.begin(), wide.end(), fits);
}

bool could_start_if_all_ended(const Snapshot::Impl& impl, const Waiting& waiting) {
    char& known = impl.books.ever[at(waiting.shape)];
    if (known == 0) known = could_ever(impl, waiting, false) ? 1 : 2;
    return known == 1;
}

Pass::Pass(const Snapshot::Impl& impl, Time now)
    : impl_(impl), books_(impl.books), ledger_(impl.books.ledger), now_(now) {
    books_.passes += 1;
    failed_in_.resize(impl.shape_keys.size());
    at_quota_in_.resize(books_.groups.size());
    looked_at_.resize(books_.regions.size());
    fruitful_.resize(books_.regions.size());
}

Pass::~Pass() { give_back(); }

KeyOf Pass::ends() const {
    return [now = now_](const Holder& holder) { return holder.expected_end(now); };
}

Plan Pass::run() {
    start_immediates();
    start_in_regions();
    lend();
    reclaim();
    for (const PoolState& pool : books_.pools)
        plan_.awaits.insert(plan_.awaits.end(), pool.awaits.begin(), pool.awaits.end());
    give_back();
    // What has borne fruit is looked at again, for whoever asked need not have done as planned.
    for (Cohort& cohort : books_.cohorts) cohort.changed = false;
    bool all_fruitless = true;
    for (std::size_t region = 0; region < books_.regions.size(); ++region) {
        if (fruitful_[region] != 0) {
            all_fruitless = false;
            impl_.books.regions[region].changed = true;
            for (const int cohort : books_.regions[region].cohorts) books_.cohorts[at(cohort)].changed = true;
        } else if (looked_at_[region] != 0) {
            Region& state = books_.regions[region];
            state.changed = false;
            state.since = to_ms(now_);
            state.until = next_;
        }
    }
    books_.nodes_changed = !all_fruitless || (!plan_.starts.empty());
    return std::move(plan_);
}

void Pass::start_in_regions() {
    all_together_ = books_.roaming > 0;
    std::vector<int> regions;
    bool any = books_.nodes_changed && all_together_;
    for (std::size_t region = 0; region < books_.regions.size(); ++region) {
        Region& state = books_.regions[region];
        const Key now = to_ms(now_);
        if (!state.changed && now >= state.since && now < state.until) continue;
        state.changed = true;
        for (const int cohort : state.cohorts) books_.cohorts[at(cohort)].changed = true;
        any = true;
        if (!all_together_) regions.push_back(static_cast<int>(region));
    }
    if (all_together_ && any) {
        for (Cohort& cohort : books_.cohorts) cohort.changed = true;
        for (std::size_t region = 0; region < books_.regions.size(); ++region)
            regions.push_back(static_cast<int>(region));
        run_regions(regions);
        return;
    }
    for (const int region : regions) run_regions({region});
}

void Pass::forget(Region& region) {
    for (const int node : region.held_nodes) ledger_.nodes[at(node)].holds.clear();
    region.held_nodes.clear();
    for (const int pool : region.pools) {
        books_.pools[at(pool)].head = nullptr;
        books_.pools[at(pool)].awaits.clear();
    }
}

void Pass::run_regions(const std::vector<int>& regions) {
    run_ += 1;
    cpu_lane_ = {};
    struct Competitor {
        Turns turns;
        Waiting* next;
        Lane lane;
    };
    std::deque<Competitor> competitors;
    const auto later = [](const Competitor* a, const Competitor* b) { return ByTurn()(b->next, a->next); };
    std::priority_queue<Competitor*, std::vector<Competitor*>, decltype(later)> order(later);
    for (const int region : regions) {
        looked_at_[at(region)] = 1;
        forget(books_.regions[at(region)]);
    }
    // When the last that may go to any node has left, all regions are looked at, so that these are nobody's.
    for (const int node : books_.cpu_held_nodes) ledger_.nodes[at(node)].holds.clear();
    books_.cpu_held_nodes.clear();
    for (const int region : regions) {
        for (const int pool : books_.regions[at(region)].pools) {
            if (books_.pools[at(pool)].units.empty()) continue;
            Competitor& competitor =
                competitors.emplace_back(Competitor{Turns(books_.pools[at(pool)], books_.passes), nullptr, {}});
            competitor.next = competitor.turns.next();
            if (competitor.next != nullptr) order.push(&competitor);
        }
    }
    while (!order.empty()) {
        Competitor* competitor = order.top();
        order.pop();
        // Nobody comes between, mostly.
        do {
            try_next(competitor->turns, *competitor->next,
                     competitor->next->asked.gpus() > 0 ? competitor->lane : cpu_lane_);
            competitor->next = competitor->turns.next();
        } while (competitor->next != nullptr && (order.empty() || ByTurn()(competitor->next, order.top()->next)));
        if (competitor->next != nullptr) order.push(competitor);
    }
}

void Pass::try_next(Turns& turns, Waiting& next, Lane& lane) {
    const bool with_gpus = next.asked.gpus() > 0;
    if (failed_in_[at(next.shape)] == run_ || (with_gpus && at_quota_in_[at(next.group)] == run_)) return turns.drop();
    if (lane.head != nullptr) {
        if (lane.tried >= impl_.options.backfill_depth) return turns.drop();
        lane.tried += 1;
    }
    if (!within_quota(next)) {
        turns.drop();
        return stop_at_quota(next, lane);
    }
    const std::vector<Spot> spots = place_at_home(next);
    if (!spots.empty()) {
        book(next, next.asked, spots);
        return turns.pass_over();
    }
    failed_in_[at(next.shape)] = run_;
    turns.drop();
    if (lane.head == nullptr) block(next, lane);
}

// Nobody of its group may use up what it waits for. Its pool keeps for it what is the group's own in any case.
void Pass::stop_at_quota(Waiting& waiting, Lane& lane) {
    failed_in_[at(waiting.shape)] = run_;
    PoolState& pool = books_.pools[at(waiting.pool)];
    const bool ever = waiting.asked.gpus() <= impl_.quota_of(waiting.group);
    if (ever) at_quota_in_[at(waiting.group)] = run_;
    if (lane.head != nullptr) return;
    pool.awaits.push_back({waiting.workload.id, waiting.asked.gpus(), quota_in_words(impl_, waiting)});
    if (ever && impl_.nominal_of(waiting.group) >= impl_.size_of(waiting.pool)) make_head(waiting, lane);
}

bool Pass::within_quota(const Waiting& waiting) const {
    const GroupState& group = books_.groups[at(waiting.group)];
    return !group.group.borrowing || waiting.asked.gpus() == 0 ||
           group.used + waiting.asked.gpus() <= impl_.quota_of(waiting.group);
}

std::vector<Spot> Pass::place_at_home(const Waiting& waiting) const {
    const FreeNow free(ledger_, waiting.end_if_started(now_), &waiting);
    if (waiting.asked.gpus() == 0) return place(free, waiting.asked, {});
    const std::vector<int>& bins = books_.pools[at(waiting.pool)].bins;
    if (bins.size() == 1) {
        const bool is_model =
            waiting.asked.model == kAnyModel || ledger_.bins[at(bins.front())].model == waiting.asked.model;
        return is_model ? place(free, waiting.asked, bins) : std::vector<Spot>{};
    }
    for (const std::vector<int>& choice : choices_at_home(impl_, waiting.pool, waiting.asked)) {
        std::vector<Spot> spots = place(free, waiting.asked, choice);
        if (!spots.empty()) return spots;
    }
    return {};
}

void Pass::block(Waiting& waiting, Lane& lane) {
    if (waiting.asked.gpus() > 0 && lacks_gpus(impl_, waiting)) {
        books_.pools[at(waiting.pool)].awaits.push_back(
            {waiting.workload.id, waiting.asked.gpus(), gpus_in_words(impl_, waiting)});
    }
    make_head(waiting, lane);
}

// It becomes the head of its lane, unless no end of anything would let it start: then there is nothing to keep for it.
void Pass::make_head(Waiting& waiting, Lane& lane) {
    PoolState& pool = books_.pools[at(waiting.pool)];
    const bool with_gpus = waiting.asked.gpus() > 0;
    if (!could_start_if_all_ended(impl_, waiting)) return;
    std::optional<EarliestFit> fit;
    const std::vector<std::vector<int>> choices = [&] {
        std::vector<std::vector<int>> by_model{{}};
        if (!with_gpus) return by_model;
        by_model.clear();
        for (const int bin : impl_.bins_of(waiting.pool, waiting.asked.model)) by_model.push_back({bin});
        return by_model;
    }();
    for (const std::vector<int>& bins : choices) {
        const std::vector<int> nodes = nodes_for(ledger_, waiting.asked, bins);
        std::optional<EarliestFit> other = earliest_fit(ledger_, waiting.asked, bins, nodes, ends(), true, &next_);
        if (other && (!fit || other->at < fit->at)) fit = std::move(other);
    }
    lane.head = &waiting;
    if (with_gpus) pool.head = &waiting;
    std::vector<int>& held_nodes = all_together_ ? books_.cpu_held_nodes : books_.regions[at(pool.region)].held_nodes;
    if (fit) {
        hold_places(waiting, *fit, held_nodes);
    } else {
        hold_everything(waiting, held_nodes);
    }
}

void Pass::hold_places(const Waiting& waiting, const EarliestFit& fit, std::vector<int>& held_nodes) {
    std::map<int, Hold> by_node;
    for (const Spot& spot : fit.spots) {
        const Want want = want_of(waiting.asked.asks[at(spot.ask)], spot.count);
        Hold& hold = by_node[spot.node];
        hold.head = &waiting;
        hold.until = fit.at;
        if (want.gpus > 0) hold.bin = spot.bin;
        hold.gpus += want.gpus;
        hold.cpu_millis += want.cpu_millis;
        hold.memory_bytes += want.memory_bytes;
        hold.replicas += want.replicas;
    }
    for (auto& [node, hold] : by_node) {
        Room room = ledger_.room(node, std::max(hold.bin, kAnyBin));
        const NodeState& state = ledger_.nodes[at(node)];
        for (const Entry& entry : state.entries) {
            if (entry.holder->expected_end(now_) > fit.at) continue;
            room.cpu_millis += entry.cpu_millis;
            room.memory_bytes += entry.memory_bytes;
            room.replicas += entry.replicas;
            if (hold.bin > kAnyBin) room.gpus += state.gpus_of(entry, hold.bin);
        }
        keep(node, hold, room, held_nodes);
    }
}

void Pass::hold_everything(const Waiting& waiting, std::vector<int>& held_nodes) {
    const std::vector<int> bins =
        waiting.asked.gpus() > 0 ? impl_.bins_of(waiting.pool, waiting.asked.model) : std::vector<int>{};
    for (const int node : nodes_for(ledger_, waiting.asked, bins)) {
        const NodeState& state = ledger_.nodes[at(node)];
        Hold hold;
        hold.head = &waiting;
        int healthy = 0;
        for (const int bin : bins) {
            if (const Share* share = state.share_of(bin)) healthy += share->healthy;
        }
        for (const Ask& ask : waiting.asked.asks) {
            if (!ledger_.carries(node, ask.labels)) continue;
            const domain::Node& whole = impl_.nodes[at(node)];
            const Room room{whole.cpu_millis, whole.memory_bytes, healthy, whole.replicas_max};
            const int count = placing::how_many(room, ask, ask.count);
            hold.cpu_millis += ask.cpu_millis * count;
            hold.memory_bytes += ask.memory_bytes * count;
            hold.replicas += count;
        }
        // One hold for each of its models there; CPU and memory are in the first.
        bool kept = false;
        for (const int bin : bins) {
            const Share* share = state.share_of(bin);
            if (share == nullptr) continue;
            hold.bin = bin;
            hold.gpus = share->healthy;
            keep(node, hold, ledger_.room(node, bin), held_nodes);
            hold.cpu_millis = hold.memory_bytes = hold.replicas = 0;
            kept = true;
        }
        if (!kept && hold.replicas > 0) keep(node, hold, ledger_.room(node, kAnyBin), held_nodes);
    }
}

// Among several holds on a node, what an earlier moment needs is missing at the later ones too.
void Pass::keep(int node, Hold hold, const Room& free, std::vector<int>& held_nodes) {
    hold.spare_gpus = free.gpus - hold.gpus;
    hold.spare_cpu_millis = free.cpu_millis - hold.cpu_millis;
    hold.spare_memory_bytes = free.memory_bytes - hold.memory_bytes;
    hold.spare_replicas = free.replicas - hold.replicas;
    for (Hold& other : ledger_.nodes[at(node)].holds) {
        Hold& lesser = other.until <= hold.until ? hold : other;
        const Hold& by = other.until <= hold.until ? other : hold;
        if (other.bin == hold.bin) lesser.spare_gpus -= by.gpus;
        lesser.spare_cpu_millis -= by.cpu_millis;
        lesser.spare_memory_bytes -= by.memory_bytes;
        lesser.spare_replicas -= by.replicas;
    }
    ledger_.nodes[at(node)].holds.push_back(hold);
    held_nodes.push_back(node);
}

std::vector<int> Pass::slots_across(int node, const std::vector<int>& bins, int count,
                                    const std::vector<int>& taken) const {
    std::vector<int> slots;
    for (const int bin : bins) {
        const Share* share = ledger_.nodes[at(node)].share_of(bin);
        if (share == nullptr || share->free == 0) continue;
        for (const int slot : ledger_.free_slots(node, bin, share->free)) {
            if (slots.size() == at(count)) return slots;
            if (std::find(taken.begin(), taken.end(), slot) == taken.end()) slots.push_back(slot);
        }
    }
    check(slots.size() == at(count), "a placement takes what is free");
    return slots;
}

void Pass::book(Waiting& waiting, const Asked& asked, const std::vector<Spot>& spots, const std::vector<int>& bins) {
    Holder& holder = trials_.emplace_back();
    holder.workload = &waiting.workload;
    holder.group = waiting.group;
    holder.pool = waiting.pool;
    holder.owner = waiting.owner;
    holder.cpu_millis = asked.whole.cpu_millis;
    holder.started_at = now_;
    holder.trial = true;
    waiting.tried_in = books_.passes;

    const auto is_before = [&](const Spot* a, const Spot* b) { return a->ask < b->ask; };
    std::vector<const Spot*> by_ask;
    for (const Spot& spot : spots) by_ask.push_back(&spot);
    std::stable_sort(by_ask.begin(), by_ask.end(), is_before);

    Start start{waiting.workload.id, {}};
    start.places.reserve(at(asked.whole.replicas));
    std::map<int, Entry> entries;
    for (const Spot* spot : by_ask) {
        const Ask& ask = asked.asks[at(spot->ask)];
        const Want want = want_of(ask, spot->count);
        Entry& entry = entries[spot->node];
        entry.holder = &holder;
        entry.cpu_millis += want.cpu_millis;
        entry.memory_bytes += want.memory_bytes;
        entry.replicas += want.replicas;
        const NodeState& node = ledger_.nodes[at(spot->node)];
        int before = 0;  // Of this bin, for replicas of other kinds.
        for (const int slot : entry.slots) before += node.devices[at(slot)].bin == spot->bin ? 1 : 0;
        std::vector<int> slots;
        if (want.gpus > 0 && spot->bin == kSeveralBins) {
            slots = slots_across(spot->node, bins, want.gpus, entry.slots);
        } else if (want.gpus > 0) {
            slots = ledger_.free_slots(spot->node, spot->bin, before + want.gpus);
            slots.erase(slots.begin(), slots.begin() + before);
        }
        for (int replica = 0; replica < spot->count; ++replica) {
            Place& place = start.places.emplace_back();
            place.node = impl_.nodes[at(spot->node)].name;
            for (int gpu = 0; gpu < ask.gpus; ++gpu)
                place.devices.push_back(node.devices[at(slots[at(replica * ask.gpus + gpu)])].index);
            std::sort(place.devices.begin(), place.devices.end());
        }
        entry.slots.insert(entry.slots.end(), slots.begin(), slots.end());
        for (Hold& hold : ledger_.nodes[at(spot->node)].holds) {
            if (hold.head == &waiting || !hold.binds(waiting.end_if_started(now_))) continue;
            if (hold.bin == spot->bin) hold.spare_gpus -= want.gpus;
            hold.spare_cpu_millis -= want.cpu_millis;
            hold.spare_memory_bytes -= want.memory_bytes;
            hold.spare_replicas -= want.replicas;
        }
    }
    bear_fruit(books_.pools[at(waiting.pool)].region);
    for (auto& [node, entry] : entries) {
        holder.nodes.push_back(node);
        ledger_.add(node, std::move(entry));
        if (const int region = ledger_.nodes[at(node)].region; region >= 0) bear_fruit(region);
    }
    books_.groups[at(waiting.group)].used += holder.gpus;
    books_.pools[at(waiting.pool)].use(waiting.owner, holder.gpus, holder.cpu_millis, 1);
    plan_.starts.push_back(std::move(start));
}

// What was found there before is no longer right.
void Pass::bear_fruit(int region) {
    fruitful_[at(region)] = 1;
    Region& state = books_.regions[at(region)];
    state.changed = true;
    for (const int cohort : state.cohorts) books_.cohorts[at(cohort)].changed = true;
}

void Pass::give_back() {
    for (const Holder* holder : reclaimed_) holder->mark = kNever;
    reclaimed_.clear();
    for (; !trials_.empty(); trials_.pop_back()) {
        Holder& holder = trials_.back();
        books_.groups[at(holder.group)].used -= holder.gpus;
        books_.pools[at(holder.pool)].use(holder.owner, holder.gpus, holder.cpu_millis, -1);
        for (const int node : holder.nodes) ledger_.remove(node, &holder);
    }
}

}  // namespace pintle::scheduling
