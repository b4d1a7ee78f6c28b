#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace pintle::auth {

/// A map by text that never holds more than its limit: the entry that was touched the longest ago makes room.
///
/// Threading: one thread at a time. Failure: none.
template <class T>
class RecentMap {
public:
    explicit RecentMap(std::size_t limit) : limit_(limit) {}
    // A copy's places would lie in the original.
    RecentMap(const RecentMap&) = delete;
    RecentMap& operator=(const RecentMap&) = delete;
    RecentMap(RecentMap&&) = default;
    RecentMap& operator=(RecentMap&&) = default;

    /// Null when there is none. Does not touch it.
    [[nodiscard]] const T* find(const std::string& key) const {
        const auto found = places_.find(key);
        return found == places_.end() ? nullptr : &found->second->second;
    }
    /// The entry, made when there is none, as the latest touched. Good until the next call.
    T& touch(const std::string& key) {
        if (const auto found = places_.find(key); found != places_.end()) {
            entries_.splice(entries_.begin(), entries_, found->second);
            return entries_.front().second;
        }
        if (entries_.size() >= limit_) {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, T{});
        places_.emplace(key, entries_.begin());
        return entries_.front().second;
    }
    void erase(const std::string& key) {
        const auto found = places_.find(key);
        if (found == places_.end()) return;
        entries_.erase(found->second);
        places_.erase(found);
    }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    using Entries = std::list<std::pair<std::string, T>>;  // the latest touched first

    std::size_t limit_;
    Entries entries_;
    std::unordered_map<std::string, typename Entries::iterator> places_;
};

}  // namespace pintle::auth
