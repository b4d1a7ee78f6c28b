#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// Groups of one cohort may use each other's idle GPUs.
struct Borrowing {
    std::string cohort;          ///< The cohort's name; groups that name the same are in it.
    std::optional<int> nominal;  ///< GPUs that are the group's own in any case; empty: all of its pool.
    int limit = 0;               ///< How many GPUs it may use beyond its nominal share, at most.
    bool reclaim = false;        ///< Its waiting jobs may send back to the queue those that use its GPUs on loan.
    bool operator==(const Borrowing&) const = default;
};

/// People who share work and one pool of GPUs. Its id is the name of its folder on the storages.
struct Group {
    GroupId id;
    std::string name;
    PoolId pool;
    bool fair_share = false;  ///< Among jobs of equal priority, who uses least goes first.
    std::optional<Borrowing> borrowing;
    Time created_at{};
    bool operator==(const Group&) const = default;
};

/// The group of everybody who is in no other. It is always there, and has the Default Pool.
inline const GroupId kDefaultGroup{"default"};
inline constexpr const char* kDefaultGroupName = "Default Group";

}  // namespace pintle::domain
