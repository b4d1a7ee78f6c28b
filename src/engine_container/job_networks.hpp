#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/synchronized.hpp"
#include "engine_container/container_spec.hpp"
#include "engine_container/service_connection.hpp"

namespace pintle::engine_container {

/// One network for each job that has containers, made with the first of them.
///
/// Threading: any thread; blocks, one at a time. Ownership: a value of the engine; `marks` outlives it.
/// Failure: as Service says.
class JobNetworks {
public:
    explicit JobNetworks(const Marks& marks) : marks_(marks) {}

    /// The job's, made if it is not there.
    [[nodiscard]] Result<NetworkInfo> of(const domain::JobId& job, const Connected& on);
    /// Removes those with our label whose job has no attempts, and tells `gone` of each. Nobody begins to use one
    /// meanwhile. One that cannot be removed keeps nobody from the others.
    [[nodiscard]] Result<void> sweep(const Connected& on,
                                     const std::function<bool(const std::string& job)>& has_attempts,
                                     const std::function<void(const NetworkInfo&)>& gone);

private:
    const Marks& marks_;
    Synchronized<std::map<std::string, NetworkInfo>> known_;  ///< By job; held while one is made or removed.
};

}  // namespace pintle::engine_container
