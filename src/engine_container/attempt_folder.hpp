#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"

namespace pintle::engine_container {

/// What the container engine knows of its attempts, on disk, so that a later life of the server takes it up:
///
///     attempts/ID/launch    what was asked for; an attempt exists with it
///     attempts/ID/started   its container was started
///     attempts/ID/stop      it shall end, and within how long
///     attempts/ID/report    what its first process said at the end (container_init.cpp)
///     attempts/ID/exit      how it ended; it never runs again
///     attempts/ID/keeper    locked by the process that keeps its log (log_keeper.hpp)
///     attempts/ID/box/      the container's /run/pintle, read-only: init, and the pipes output and report
///     scratch/JOB.REPLICA/  where replicas without a work folder begin
///     bell                  a pipe through which keepers say that a container has ended
///
/// Threading: any thread; two never work on one attempt. Failure: as the disk fails.
class AttemptFolder {
public:
    explicit AttemptFolder(std::string root) : root_(std::move(root)) {}

    /// Makes the folders and the bell.
    [[nodiscard]] Result<void> prepare() const;
    [[nodiscard]] Result<std::vector<std::string>> attempts() const;

    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] std::string bell() const { return root_ + "/bell"; }
    [[nodiscard]] std::string path(const std::string& id) const { return root_ + "/attempts/" + id; }
    [[nodiscard]] std::string box(const std::string& id) const { return path(id) + "/box"; }
    [[nodiscard]] std::string scratch(const engine::AttemptId& id) const;

    /// Makes the attempt's folder with its pipes and `init_program` in its box.
    [[nodiscard]] Result<void> accept(const engine::ReplicaLaunch& launch, const std::string& init_program) const;
    [[nodiscard]] Result<engine::ReplicaLaunch> launch(const std::string& id) const;
    [[nodiscard]] Result<void> note_started(const std::string& id) const;
    [[nodiscard]] bool started(const std::string& id) const;
    [[nodiscard]] Result<void> write_stop(const std::string& id, Duration grace) const;
    [[nodiscard]] std::optional<Duration> stop(const std::string& id) const;
    [[nodiscard]] Result<void> write_exit(const std::string& id, const domain::ReplicaExit& exit) const;
    [[nodiscard]] std::optional<domain::ReplicaExit> exit(const std::string& id) const;
    [[nodiscard]] Result<void> remove(const std::string& id) const;

private:
    std::string root_;
};

/// What an attempt's first process said, from the lines that container_init.cpp describes. Pure.
struct Report {
    std::string setup_failure;
    std::optional<int> wait_status;
    std::int64_t oom_kills = 0;
    std::optional<std::int64_t> cpu_us = {};
    bool operator==(const Report&) const = default;
};
[[nodiscard]] Report read_report(std::string_view text);

/// The launch as text and back. Pure.
[[nodiscard]] std::string encode(const engine::ReplicaLaunch& launch);
[[nodiscard]] Result<engine::ReplicaLaunch> decode_launch(std::string_view text);

}  // namespace pintle::engine_container
