#include "runtime/preparation_lanes.hpp"

#include <algorithm>

namespace pintle::runtime {
namespace {

// A place that is forgotten is tried as a new one.
constexpr std::size_t kPlacesMost = 10'000;

std::size_t at_least_one(std::size_t threads) { return std::max<std::size_t>(threads, 1); }

}  // namespace

void PreparationLanes::add(Id id, std::set<std::string> places) { waiting_.push_back({id, std::move(places), {}}); }

PreparationLanes::Standing PreparationLanes::standing_of(const std::set<std::string>& places) const {
    Standing worst = Standing::kGood;
    for (const std::string& place : places) {
        const auto found = known_.find(place);
        worst = std::max(worst, found == known_.end() ? Standing::kUntried
                                : found->second       ? Standing::kGood
                                                      : Standing::kFailed);
    }
    return worst;
}

bool PreparationLanes::has_room(const std::set<std::string>& places, Standing standing) const {
    if (running_.size() >= threads_) return false;
    if (places.empty()) return true;
    const auto count = [&](auto is) {
        return static_cast<std::size_t>(
            std::count_if(running_.begin(), running_.end(), [&](const auto& one) { return is(one.second); }));
    };
    const std::size_t remote = count([](const std::set<std::string>& of) { return !of.empty(); });
    if (remote >= at_least_one(threads_ - 1)) return false;
    if (standing == Standing::kGood) return true;
    const std::size_t doubtful =
        count([&](const std::set<std::string>& of) { return standing_of(of) != Standing::kGood; });
    if (doubtful >= at_least_one(threads_ / 2)) return false;
    if (standing == Standing::kUntried) return true;
    const std::size_t failing =
        count([&](const std::set<std::string>& of) { return standing_of(of) == Standing::kFailed; });
    return failing < at_least_one(threads_ / 3);
}

std::optional<PreparationLanes::Id> PreparationLanes::next() {
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
        if (one->rests_until || !has_room(one->places, standing_of(one->places))) continue;
        const Id id = one->id;
        running_.emplace(id, std::move(one->places));
        waiting_.erase(one);
        return id;
    }
    return std::nullopt;
}

void PreparationLanes::remember(const std::string& place, bool good) {
    if (known_.size() >= kPlacesMost && known_.count(place) == 0) known_.erase(known_.begin());
    known_[place] = good;
}

void PreparationLanes::succeeded(Id id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    for (const std::string& place : found->second) remember(place, true);
    ended(found);
}

void PreparationLanes::ended(std::map<Id, std::set<std::string>>::iterator one) {
    for (Waiting& other : waiting_) {
        for (const std::string& place : one->second) {
            if (other.places.count(place) > 0) other.rests_until.reset();
        }
    }
    running_.erase(one);
}

void PreparationLanes::postpone(Id id, TimePoint until) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    waiting_.push_back({id, std::move(found->second), until});
    running_.erase(found);
}

void PreparationLanes::wake(TimePoint now) {
    for (Waiting& one : waiting_) {
        if (one.rests_until && *one.rests_until <= now) one.rests_until.reset();
    }
}

std::optional<PreparationLanes::TimePoint> PreparationLanes::next_wake() const {
    std::optional<TimePoint> soonest;
    for (const Waiting& one : waiting_) {
        if (one.rests_until && (!soonest || *one.rests_until < *soonest)) soonest = one.rests_until;
    }
    return soonest;
}

void PreparationLanes::failed(Id id, const std::string& place) {
    if (!place.empty()) remember(place, false);
    if (const auto found = running_.find(id); found != running_.end()) ended(found);
}

std::vector<PreparationLanes::Id> PreparationLanes::drop_waiting() {
    std::vector<Id> dropped;
    for (auto one = waiting_.begin(); one != waiting_.end();) {
        if (one->places.empty() && !one->rests_until) {
            ++one;
            continue;
        }
        dropped.push_back(one->id);
        one = waiting_.erase(one);
    }
    return dropped;
}

}  // namespace pintle::runtime
