#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "engine/engine.hpp"

namespace pintle::testing {

/// Hears what an engine observes and lets a test wait for it. Thread safe; outlives the engines it is given to.
class Recorder {
public:
    [[nodiscard]] engine::Engine::Sink sink();

    /// Waits for the report; a test that waits in vain fails after a minute.
    domain::ReplicaExit exit_of(const engine::AttemptId& id);
    void wait_until_running(const engine::AttemptId& id);

    [[nodiscard]] int count(const engine::AttemptId& id, engine::Observation::Kind kind) const;
    [[nodiscard]] std::vector<engine::Observation> all() const;

private:
    engine::Observation wait(const engine::AttemptId& id, engine::Observation::Kind kind);

    mutable std::mutex mu_;
    std::condition_variable heard_;
    std::vector<engine::Observation> observations_;  // guarded by mu_
};

/// A pipe with a name, through which a replica tells a test how far it has come.
class Signal {
public:
    explicit Signal(std::string path);
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Waits for a line that somebody wrote into it.
    std::string wait();
    /// Writes a line, for a replica that reads from it.
    void send(const std::string& line);

private:
    std::string path_;
    int fd_ = -1;
    std::string unread_;
};

}  // namespace pintle::testing
