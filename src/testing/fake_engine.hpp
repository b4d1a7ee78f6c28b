#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "series/log_writer.hpp"

namespace pintle::testing {

/// An engine that runs nothing: replicas "run" as soon as they are started and end when the test says so, or when
/// they are stopped. Like real replicas they outlive a server: connect() gives it the next one's sink.
///
/// Threading: any thread; functions that wait for the server to start a replica abort after a generous time.
class FakeEngine final : public engine::Engine {
public:
    explicit FakeEngine(std::vector<domain::Node> nodes) : nodes_(std::move(nodes)) {}

    /// Where observations go from now on; an empty sink drops them.
    void connect(Sink sink);

    /// The replica writes this to its log.
    void say(const domain::JobId& job, const std::string& replica, std::string_view text, Time now);
    /// The replica's first attempt, or the latest one that was started, ends.
    void finish(const domain::JobId& job, const std::string& replica, int exit_code, Time now);
    /// What inventory() tells from now on.
    void set_nodes(std::vector<domain::Node> nodes);
    /// What every replica uses from now on, and used in all when it ends; nothing at first.
    void set_usage(engine::Usage usage);
    /// What own_address() tells from now on.
    void set_own_address(std::string address);
    /// Waits until inventory() was asked that many times in all.
    void await_inventories(int count);
    /// What the replica was started with.
    [[nodiscard]] engine::ReplicaLaunch launch_of(const domain::JobId& job, const std::string& replica);

    [[nodiscard]] Result<void> start(const engine::ReplicaLaunch& launch) override;
    [[nodiscard]] Result<void> stop(const engine::AttemptId& id, Duration grace) override;
    [[nodiscard]] Result<std::vector<engine::Observation>> list() override;
    [[nodiscard]] Result<void> forget(const engine::AttemptId& id) override;
    [[nodiscard]] Result<std::vector<domain::Node>> inventory() override;
    [[nodiscard]] Result<std::string> prepare_environment(const std::string& requirements,
                                                          const std::function<void(std::string)>& progress) override;
    [[nodiscard]] std::map<engine::AttemptId, engine::Usage> usage(const std::vector<engine::AttemptId>& ids) override;
    [[nodiscard]] Result<void> prepare_image(const domain::JobId& job, const std::string& image,
                                             const std::function<void(std::string)>& progress) override;
    [[nodiscard]] Result<std::string> own_address(const engine::AttemptId& id) override;
    [[nodiscard]] std::vector<engine::Finding> doctor() override;

private:
    struct Attempt {
        engine::ReplicaLaunch launch;
        engine::Observation last;
        std::unique_ptr<series::LogWriter> log;
    };
    /// The newest attempt of the replica, waiting until there is one. The lock is held.
    [[nodiscard]] Attempt& newest(std::unique_lock<std::mutex>& lock, const domain::JobId& job,
                                  const std::string& replica);
    void report(Attempt& attempt, engine::Observation observation);

    std::mutex mu_;
    std::condition_variable started_;
    std::condition_variable asked_;
    // Guarded by mu_.
    std::vector<domain::Node> nodes_;
    engine::Usage usage_;
    int inventories_ = 0;
    std::string own_address_;
    Sink sink_;
    std::map<engine::AttemptId, Attempt> attempts_;
};

}  // namespace pintle::testing
