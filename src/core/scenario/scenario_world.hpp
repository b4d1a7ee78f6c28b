#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/core.hpp"
#include "core/scenario/live_fold.hpp"

namespace pintle::core::scenario {

/// The cluster of one scenario: a core, and everything around it that a server would have: the machines, an engine
/// that runs replicas when it is told to, the store, people with names, and a clock.
///
/// It begins with an operator named olga, no machine and no other pool or group than the Default ones. Whatever it is
/// asked for by a name that it does not know is a fault of the scenario (kNotFound).
class World {
public:
    World();

    // What happens.

    /// Gives the core a command of somebody, and remembers the answer.
    void command(InputBody body, const std::string& by);
    /// Gives the core an observation.
    void observe(InputBody body);
    void pass(Duration duration);
    /// Loses the core and makes another from what the store has; a fault when that one is not the same.
    [[nodiscard]] Result<void> restart();

    // The machines. Every change is an observation of all of them.

    void add_node(domain::Node node);
    [[nodiscard]] Result<void> lose_node(const std::string& name);
    [[nodiscard]] Result<void> return_node(const std::string& name);
    [[nodiscard]] Result<void> change_device(const std::string& node, int index, bool healthy);
    [[nodiscard]] Result<void> lose_device(const std::string& node, int index);
    [[nodiscard]] Result<void> return_device(const std::string& node, int index);

    // People and their things by name. Ids are never known to the scenario.

    /// For something new.
    [[nodiscard]] std::string new_id() { return fmt::format("I{:04}", ++ids_); }
    [[nodiscard]] domain::Actor actor(const std::string& name) const;
    [[nodiscard]] Result<domain::User> user(const std::string& name) const;
    [[nodiscard]] Result<domain::Group> group(const std::string& name) const;
    [[nodiscard]] Result<domain::Pool> pool(const std::string& name) const;
    [[nodiscard]] Result<domain::Project> project(const std::string& name, const std::string& owner) const;
    /// The first of that name, whoever has it.
    [[nodiscard]] Result<domain::Project> any_project(const std::string& name) const;
    [[nodiscard]] Result<domain::DeviceKey> device(const std::string& node, int index) const;

    // Jobs by the number that the scenario gives them.

    [[nodiscard]] static domain::JobId job_id(int number) { return domain::JobId(fmt::format("J{:04}", number)); }
    /// As it was last, also when it has ended.
    [[nodiscard]] Result<domain::Job> job(int number) const;
    [[nodiscard]] const std::vector<domain::JobEvent>& events_of(int number) { return events_[job_id(number)]; }
    [[nodiscard]] const std::vector<domain::Notice>& notices() const { return notices_; }
    [[nodiscard]] const std::vector<domain::AuditEntry>& audit() const { return audit_; }

    // The last answer.

    [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }
    void set_refusal(std::optional<Error> refusal) { refusal_ = std::move(refusal); }
    std::optional<Core::DryRun> dry_run;

    [[nodiscard]] const Core& core() const { return core_; }
    [[nodiscard]] Time now() const { return now_; }
    [[nodiscard]] const std::vector<domain::Node>& nodes() const { return nodes_; }
    /// What must be so after every step: the core's own checks, and the pools add up to the machines.
    [[nodiscard]] Result<void> check_laws() const;

private:
    StepResult step(Input input);
    void see_nodes();
    [[nodiscard]] Result<domain::Node*> find_node(const std::string& name);

    Core core_;
    LiveFold store_;
    Time now_;
    int ids_ = 0;
    std::vector<domain::Node> nodes_;
    std::map<std::string, domain::Node> lost_nodes_;
    std::map<domain::DeviceKey, domain::Device> lost_devices_;
    std::map<domain::JobId, domain::Job> jobs_;
    std::map<domain::JobId, std::vector<domain::JobEvent>> events_;
    std::set<domain::ProjectId> projects_;
    std::vector<domain::Notice> notices_;
    std::vector<domain::AuditEntry> audit_;
    std::vector<std::string> chores_;
    std::optional<Error> refusal_;
};

}  // namespace pintle::core::scenario
