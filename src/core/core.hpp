#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/component_view.hpp"
#include "core/effect.hpp"
#include "core/input.hpp"
#include "scheduling/explanation.hpp"
#include "scheduling/scheduler.hpp"

namespace pintle::core {

/// What the server can do and how much it accepts; fixed while it runs.
struct CoreOptions {
    std::vector<domain::EngineKind> engines{domain::EngineKind::kProcess};
    std::vector<std::string> storages{"default"};
    std::map<std::string, std::string> storage_groups;  ///< Storages that are one group's alone: its name or id.
    std::string default_image;  ///< For resources of container jobs that name none; empty: they are refused.
    Duration stop_grace = std::chrono::seconds(10);
    /// How long a job that holds its resources waits for its sources when its task has no timeout.
    Duration source_patience = std::chrono::minutes(10);
    std::size_t projects_max = 10'000;
    std::size_t live_jobs_max = 100'000;
    std::size_t users_max = 10'000;
    std::size_t groups_max = 2'000;
    std::size_t pools_max = 2'000;
    std::size_t accounts_max = 10'000;
    std::size_t keys_max = 20'000;  ///< Remembered idempotency keys; the oldest go first.
    Duration keys_kept = std::chrono::hours(24);
    scheduling::Options scheduling = {};
};

/// What somebody has going on.
struct UserUse {
    int live_jobs = 0;
    int gpus = 0;  ///< Held by those of them that have their places.
    bool operator==(const UserUse&) const = default;
};

/// The outcome of one step, in the order in which the shell handles it: write `changes` in one transaction, send
/// `replies`, carry out `effects`.
struct StepResult {
    domain::Changes changes;
    std::vector<Reply> replies;
    std::vector<Effect> effects;
    std::optional<Time> next_wakeup;  ///< When a step is needed even if nothing arrives.
};

/// All live control state and every decision about it.
///
/// Pure: no clock, no randomness, no I/O; the same inputs at the same times give the same results. Not thread
/// safe: the runtime's core thread owns it.
/// Failure: a command that cannot be carried out is answered with an error and changes nothing. A broken
/// invariant aborts.
class Core {
public:
    Core(CoreOptions options, domain::LiveState live);
    ~Core();
    Core(Core&&) noexcept;
    Core& operator=(Core&&) noexcept;

    /// What must be begun again after a start: effects of the loaded state that may have been lost.
    [[nodiscard]] std::vector<Effect> resume() const;
    [[nodiscard]] StepResult step(const std::vector<Input>& batch, Time now);

    /// Why the job waits; nothing when it is not waiting.
    [[nodiscard]] std::optional<scheduling::Explanation> explain(const domain::JobId& job, Time now) const;
    /// What would become of the job if it were submitted now: the same checks, and nothing changes.
    struct DryRun {
        domain::Job job;
        scheduling::Explanation explanation;
    };
    [[nodiscard]] Result<DryRun> dry_run(const input::SubmitJob& command, const domain::Actor& actor, Time now) const;
    /// What would keep somebody from making such a project, or the existing one from becoming it, beside the rules of
    /// domain::validate(): storages that are not there, a name that is taken. Its paths are those of the spec.
    [[nodiscard]] std::vector<Fault> project_faults(const domain::ProjectSpec& spec, const domain::UserId& owner,
                                                    const std::optional<domain::ProjectId>& existing) const;
    /// Nodes, pools, and what runs and waits on them.
    [[nodiscard]] std::set<domain::JobId> live_job_ids() const;
    [[nodiscard]] const scheduling::Snapshot& snapshot() const;
    [[nodiscard]] const std::map<domain::UserId, domain::User>& users() const;
    [[nodiscard]] const std::map<domain::GroupId, domain::Group>& groups() const;
    [[nodiscard]] const std::map<domain::PoolId, domain::Pool>& pools() const;
    [[nodiscard]] std::shared_ptr<const domain::Job> find_job(const domain::JobId& id) const;
    [[nodiscard]] const domain::Project* find_project(const domain::ProjectId& id) const;
    /// Whose folder "org/HOME/NAME" of a storage is; null: no project's.
    [[nodiscard]] const domain::Project* project_at(const domain::GroupId& home, const std::string& name) const;
    /// Whether the storage is there for projects of this group.
    [[nodiscard]] bool has_storage(const std::string& storage, const domain::GroupId& home) const;
    /// Whose alone the storage is. The id is empty when it is for all groups, and "?" when its group is not there.
    [[nodiscard]] domain::GroupId group_of_storage(const std::string& storage) const;
    [[nodiscard]] const domain::StorageQuotas& storage_quotas() const;
    /// Jobs that have their places, in no order.
    [[nodiscard]] std::vector<std::shared_ptr<const domain::Job>> placed_jobs() const;
    /// Every component of the project as it is, in the order of domain::all_components(); none of an unknown project.
    [[nodiscard]] std::vector<ComponentView> components(const domain::ProjectId& project) const;
    /// Of all projects, those that run.
    [[nodiscard]] std::vector<ComponentView> running_components() const;
    /// In the order of their submission.
    [[nodiscard]] std::vector<std::shared_ptr<const domain::Job>> live_jobs_of(const domain::ProjectId& project) const;
    [[nodiscard]] std::size_t live_jobs() const;
    /// Of commands that are taken and answered later.
    [[nodiscard]] std::vector<std::uint64_t> held_tickets() const;
    /// Of everybody who has a live job. Costs what is live.
    [[nodiscard]] std::map<domain::UserId, UserUse> use_by_user() const;

    /// The first broken invariant in words, or nothing: the books of the nodes equal the sum of the jobs' places,
    /// no device and no address block has two owners, the pools add up to the cluster, the queue holds exactly the
    /// waiting jobs, everybody is in one group and every group has a pool of its own.
    [[nodiscard]] std::optional<std::string> sanity_fault() const;
    /// All state as text; equal states give equal texts, also across a restart.
    [[nodiscard]] std::string state_text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The loopback address of the n-th replica (from 0) of the job that holds the block.
[[nodiscard]] std::string slot_address(int slot, std::size_t n);
inline constexpr int kSlots = 16384;  ///< 127.64.0.0/10 in blocks of 256.

}  // namespace pintle::core
