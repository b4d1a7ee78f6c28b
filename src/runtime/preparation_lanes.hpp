#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pintle::runtime {

/// Which preparation is begun next, so that servers that do not answer never hold all threads. A preparation says first
/// which servers it needs, its places. A server that answered last time may have all threads but one; those that nobody
/// has tried yet, and those that failed last time, share half of them, the latter no more than a third. What needs no
/// server is begun whenever a thread is free. Within these bounds the order is that in which they came.
///
/// Pure, not thread safe: WorkQueue is around it.
class PreparationLanes {
public:
    using Id = std::uint64_t;
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit PreparationLanes(std::size_t threads) : threads_(threads) {}

    void add(Id id, std::set<std::string> places);
    /// Begins one that may begin now; nothing when there is none, or no thread.
    [[nodiscard]] std::optional<Id> next();
    /// All its places have answered.
    void succeeded(Id id);
    /// What it needs is in use, or it failed for now: it waits again, behind the others, until one that has a place in
    /// common with it has ended, or until then.
    void postpone(Id id, TimePoint until);
    /// Those whose time to rest is over may begin.
    void wake(TimePoint now);
    /// When the next of those that rest may begin; nothing when none rests.
    [[nodiscard]] std::optional<TimePoint> next_wake() const;
    /// One of its places has not; empty: it failed for another reason, which says nothing of any.
    void failed(Id id, const std::string& place);
    /// Forgets those that were not begun and need a server or were postponed; they are begun again another day.
    [[nodiscard]] std::vector<Id> drop_waiting();
    [[nodiscard]] bool empty() const { return waiting_.empty(); }

private:
    enum class Standing { kGood, kUntried, kFailed };
    struct Waiting {
        Id id = 0;
        std::set<std::string> places;
        std::optional<TimePoint> rests_until{};  ///< Of what was postponed.
    };
    [[nodiscard]] Standing standing_of(const std::set<std::string>& places) const;
    [[nodiscard]] bool has_room(const std::set<std::string>& places, Standing standing) const;
    void remember(const std::string& place, bool good);
    void ended(std::map<Id, std::set<std::string>>::iterator one);

    const std::size_t threads_;
    std::list<Waiting> waiting_;
    std::map<Id, std::set<std::string>> running_;  ///< With their places.
    std::map<std::string, bool> known_;            ///< Of a place, whether it answered last time.
};

}  // namespace pintle::runtime
