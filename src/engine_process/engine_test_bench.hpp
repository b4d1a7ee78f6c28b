#pragma once

#include <memory>
#include <string>

#include "engine_conformance/conformance.hpp"
#include "engine_process/process_engine.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::engine_process {

/// A process engine in a folder of its own, for the tests of this module.
class Bench {
public:
    /// What is hidden is named within the bench's folder, such as "/data".
    explicit Bench(Options options = {});

    /// As after a restart of the server.
    void reopen();
    void close() { engine_.reset(); }
    /// Starts the command, or the launch, and gives back what was started.
    engine::ReplicaLaunch start(const std::string& command);
    engine::ReplicaLaunch start(engine::ReplicaLaunch launch);
    /// A launch that was not started yet; each has another replica.
    engine::ReplicaLaunch launch(const std::string& command);
    /// Starts it, waits, and gives back how it ended.
    domain::ReplicaExit run(const engine::ReplicaLaunch& launch);

    [[nodiscard]] ProcessEngine& engine() { return *engine_; }
    [[nodiscard]] testing::Recorder& recorder() { return recorder_; }
    [[nodiscard]] const std::string& path() const { return folder_.path(); }
    [[nodiscard]] const Options& options() const { return options_; }
    /// Whether the machine can do what `pintle doctor` calls `subject`; says so when a test must be left out.
    [[nodiscard]] bool can(const std::string& subject);

private:
    testing::TempFolder folder_;
    testing::Recorder recorder_;
    Options options_;
    std::unique_ptr<ProcessEngine> engine_;
    int launches_ = 0;
};

/// A command that says "ready" to the pipe, waits for TERM, prints "saving" and ends with that code. Not in bash, whose
/// `wait` can miss a signal that comes just before it.
[[nodiscard]] std::string ends_on_term(const std::string& ready_path, int exit_code);

/// Waits until that process is gone; false after a minute.
[[nodiscard]] bool wait_until_gone(pid_t pid);

}  // namespace pintle::engine_process
