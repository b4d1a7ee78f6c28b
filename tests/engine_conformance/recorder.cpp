#include "engine_conformance/recorder.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "base/synchronized.hpp"

namespace pintle::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

/// What was observed last by anybody: it says why a replica from which a test waits for a line says nothing.
Synchronized<std::string>& last_observed() {
    static Synchronized<std::string> text;
    return text;
}

}  // namespace

engine::Engine::Sink Recorder::sink() {
    return [this](engine::Observation observation) {
        last_observed().with([&](std::string& text) {
            text = fmt::format("{} {}", observation.id.str(),
                               observation.kind == engine::Observation::Kind::kRunning ? "runs" : "has ended: " + observation.exit.message);
        });
        const std::lock_guard lock(mu_);
        observations_.push_back(std::move(observation));
        heard_.notify_all();
    };
}

engine::Observation Recorder::wait(const engine::AttemptId& id, engine::Observation::Kind kind) {
    std::unique_lock lock(mu_);
    engine::Observation found;
    const bool came = heard_.wait_for(lock, kPatience, [&] {
        const auto at = std::find_if(observations_.begin(), observations_.end(),
                                     [&](const auto& seen) { return seen.id == id && seen.kind == kind; });
        if (at != observations_.end()) found = *at;
        return at != observations_.end();
    });
    REQUIRE_MESSAGE(came, "nothing was heard of " << id.str());
    return found;
}

domain::ReplicaExit Recorder::exit_of(const engine::AttemptId& id) {
    return wait(id, engine::Observation::Kind::kExited).exit;
}
void Recorder::wait_until_running(const engine::AttemptId& id) { wait(id, engine::Observation::Kind::kRunning); }

int Recorder::count(const engine::AttemptId& id, engine::Observation::Kind kind) const {
    const std::lock_guard lock(mu_);
    return static_cast<int>(std::count_if(observations_.begin(), observations_.end(),
                                          [&](const auto& seen) { return seen.id == id && seen.kind == kind; }));
}

std::vector<engine::Observation> Recorder::all() const {
    const std::lock_guard lock(mu_);
    return observations_;
}

Signal::Signal(std::string path) : path_(std::move(path)) {
    REQUIRE(::mkfifo(path_.c_str(), 0666) == 0);
    fd_ = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(fd_ >= 0);
}

Signal::~Signal() { ::close(fd_); }

std::string Signal::wait() {
    std::size_t end = 0;
    while ((end = unread_.find('\n')) == std::string::npos) {
        pollfd polled{fd_, POLLIN, 0};
        const int ready = ::poll(&polled, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
        REQUIRE_MESSAGE(ready == 1, "nothing came through " << path_ << "; the last that was observed: "
                                                            << last_observed().with([](const std::string& text) { return text; }));
        char buffer[4096];
        const ssize_t got = ::read(fd_, buffer, sizeof buffer);
        if (got > 0) unread_.append(buffer, static_cast<std::size_t>(got));
    }
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
}

void Signal::send(const std::string& line) {
    REQUIRE(::write(fd_, (line + "\n").c_str(), line.size() + 1) == static_cast<ssize_t>(line.size() + 1));
}

}  // namespace pintle::testing
