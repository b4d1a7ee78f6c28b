#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/job.hpp"
#include "engine_process/launch_plan.hpp"
#include "engine_process/proc.hpp"

namespace pintle::engine_process {

/// What the engine and its supervisors know of attempts, on disk, so that either may be killed at any moment:
///
///     attempts/ID/launch      what to run (LaunchPlan), written by the engine
///     attempts/ID/started     who runs it; made once and for all, so that an attempt is never run twice
///     attempts/ID/stop        that it shall end, and how patiently
///     attempts/ID/hosts       its /etc/hosts
///     attempts/ID/root        where its own view of the file system is put together; empty for everybody else
///     reports/ID.running      its main process
///     reports/ID.exited       how it ended; appears whole or not at all
///     scratch/JOB.REPLICA     where a replica without a work folder begins
///     scratch/trash/          what is being removed of these, by a Sweeper; often on another file system than the rest
///     trash/                  what is being removed
///
/// Threading: const after construction; all functions from any thread or process. Failure: Results.
class RunFolder {
public:
    explicit RunFolder(std::string root) : root_(std::move(root)) {}
    /// Makes the folders and empties the trash, but for that of scratch folders.
    [[nodiscard]] Result<void> prepare() const;

    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] std::string reports() const { return root_ + "/reports"; }
    [[nodiscard]] std::string attempt(std::string_view id) const { return fmt::format("{}/attempts/{}", root_, id); }
    [[nodiscard]] std::string scratch(std::string_view job, std::string_view replica) const {
        return fmt::format("{}/scratch/{}.{}", root_, job, replica);
    }
    [[nodiscard]] std::string scratch_trash() const { return root_ + "/scratch/trash"; }

    /// The ids of all attempts with a folder.
    [[nodiscard]] Result<std::vector<std::string>> attempts() const;
    [[nodiscard]] bool has_attempt(std::string_view id) const;

    [[nodiscard]] Result<void> write_plan(std::string_view id, const LaunchPlan& plan) const;
    [[nodiscard]] Result<LaunchPlan> read_plan(std::string_view id) const;

    /// True for exactly one caller, ever. Pid 0 says that nobody shall run it.
    [[nodiscard]] Result<bool> claim(std::string_view id, const ProcessId& process) const;
    [[nodiscard]] std::optional<ProcessId> claimed_by(std::string_view id) const;

    [[nodiscard]] Result<void> write_stop(std::string_view id, Duration grace) const;
    [[nodiscard]] std::optional<Duration> read_stop(std::string_view id) const;

    [[nodiscard]] Result<void> report_running(std::string_view id, const ProcessId& main_process) const;
    [[nodiscard]] std::optional<ProcessId> running(std::string_view id) const;
    /// Durable on return. `used` is what it used in all, as far as it is known.
    [[nodiscard]] Result<void> report_exit(std::string_view id, const domain::ReplicaExit& exit,
                                           const engine::Usage& used = {}) const;
    [[nodiscard]] std::optional<domain::ReplicaExit> exited(std::string_view id) const;
    /// Of one that has ended.
    [[nodiscard]] std::optional<engine::Usage> used(std::string_view id) const;

    /// Whole or not at all, also when interrupted.
    [[nodiscard]] Result<void> remove(std::string_view id) const;
    /// Moves the scratch folder of that attempt's replica, if there is one, into their trash.
    [[nodiscard]] Result<void> discard_scratch(const engine::AttemptId& id) const;

private:
    std::string root_;
};

/// The id and the kind, ".running" or ".exited", of a file name in reports/; nothing for other files.
struct ReportName {
    std::string id;
    bool exited = false;
};
[[nodiscard]] std::optional<ReportName> parse_report_name(std::string_view file_name);

}  // namespace pintle::engine_process
