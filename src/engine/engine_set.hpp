#pragma once

#include <functional>
#include <string>
#include <unordered_set>

#include "base/synchronized.hpp"
#include "engine/engine.hpp"

namespace pintle::engine {

/// The engine of processes and the one of containers as one: a launch with an image goes to the latter.
///
/// Threading and failure: as engine::Engine says. Ownership: both engines outlive it; their sinks are the caller's.
class EngineSet final : public Engine {
public:
    /// `container_fault` says why no container can be run at the moment; empty text: they can.
    EngineSet(Engine& processes, Engine& containers, std::function<std::string()> container_fault);

    [[nodiscard]] Result<void> start(const ReplicaLaunch& launch) override;
    [[nodiscard]] Result<void> stop(const AttemptId& id, Duration grace) override;
    [[nodiscard]] Result<std::vector<Observation>> list() override;
    [[nodiscard]] Result<void> forget(const AttemptId& id) override;
    /// The process engine's, with what containers lack on them.
    [[nodiscard]] Result<std::vector<domain::Node>> inventory() override;
    [[nodiscard]] Result<std::string> prepare_environment(const std::string& requirements,
                                                          const std::function<void(std::string)>& progress) override;
    [[nodiscard]] Result<void> prepare_image(const domain::JobId& job, const std::string& image,
                                             const std::function<void(std::string)>& progress) override;
    [[nodiscard]] Result<std::string> own_address(const AttemptId& id) override;
    [[nodiscard]] std::map<AttemptId, Usage> usage(const std::vector<AttemptId>& ids) override;
    [[nodiscard]] std::map<std::string, Usage> machine_usage() override;
    [[nodiscard]] Result<std::vector<DeviceUsage>> device_usage() override;
    [[nodiscard]] std::vector<Finding> doctor() override;

private:
    enum class Home { kProcesses, kContainers, kUnknown };
    [[nodiscard]] Home home_of(const AttemptId& id) const;

    Engine& processes_;
    Engine& containers_;
    const std::function<std::string()> container_fault_;
    struct Known {
        std::unordered_set<std::string> processes, containers;
    };
    Synchronized<Known> known_;  ///< Attempts that were started here or listed; those that are forgotten have gone.
};

}  // namespace pintle::engine
