#pragma once

#include <compare>
#include <set>
#include <string>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// A GPU of the cluster, whichever place its driver lists it at.
struct DeviceKey {
    std::string node;
    std::string uuid;
    auto operator<=>(const DeviceKey&) const = default;
};

/// GPUs of one model that a group shares. A device is in one pool at most; what is in none is in the Default Pool,
/// which therefore has no list of its own and may be mixed. A device that vanishes stays listed, so that it is in
/// its pool again when it returns; it is not counted meanwhile.
struct Pool {
    PoolId id;
    std::string name;
    std::string model;            ///< Empty for the Default Pool, and for a pool that never had a GPU.
    std::set<DeviceKey> devices;  ///< Empty for the Default Pool.
    Time created_at{};
    bool operator==(const Pool&) const = default;
};

inline const PoolId kDefaultPool{"default"};
inline constexpr const char* kDefaultPoolName = "Default Pool";

}  // namespace pintle::domain
