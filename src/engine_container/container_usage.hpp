#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/synchronized.hpp"
#include "engine/engine.hpp"
#include "engine_container/attempt_folder.hpp"
#include "engine_container/container_spec.hpp"
#include "engine_container/service_connection.hpp"

namespace pintle::engine_container {

/// What containers use: from their cgroups and networks where the service runs on this machine, else as it tells.
///
/// Threading: any thread. Ownership: a value of the engine; what it is given outlives it.
/// Failure: of those that it cannot tell of there is nothing in the answer.
class ContainerUsage {
public:
    ContainerUsage(const AttemptFolder& folder, const Marks& marks, ServiceConnection& service)
        : folder_(folder), marks_(marks), service_(service) {}

    [[nodiscard]] std::map<engine::AttemptId, engine::Usage> of(const std::vector<engine::AttemptId>& ids);
    void forget(const std::string& attempt);

private:
    /// What of a running container is on this machine: 0 when its service is elsewhere.
    struct FirstProcess {
        int pid = 0;
        std::string cgroup;  ///< Its /proc/PID/cgroup: another process has another.
        std::vector<std::string> folders;
    };
    [[nodiscard]] Result<engine::Usage> of_one(const engine::AttemptId& id);
    [[nodiscard]] Result<engine::Usage> told_by_service(const engine::AttemptId& id);
    [[nodiscard]] Result<FirstProcess> first_process(const engine::AttemptId& id);

    const AttemptFolder& folder_;
    const Marks& marks_;
    ServiceConnection& service_;
    Synchronized<std::map<std::string, FirstProcess>> known_;  ///< Of those that were asked for; by attempt.
};

}  // namespace pintle::engine_container
