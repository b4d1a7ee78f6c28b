#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "core/core.hpp"

namespace pintle::sim {

/// What can go wrong in the simulated world, in percent of the cases.
struct Faults {
    unsigned lost = 10;          ///< An observation never arrives; only listing tells.
    unsigned duplicated = 10;    ///< It arrives twice.
    unsigned replica_fails = 15;
    unsigned preparation_fails = 10;  ///< Or writing back does.
    unsigned written_back = 20;       ///< Not a fault: the job has a source that gets what was written at the end.
    bool operator==(const Faults&) const = default;
};

/// The outside of the core without threads, clock or machine: engines, sources and files that answer after a
/// simulated while, wrongly or never. It survives crashes of the simulated server, as real replicas do.
///
/// Deterministic: everything comes from the generator it is given. Not thread safe.
class SimWorld {
public:
    SimWorld(Rng& rng, Faults faults) : rng_(rng), faults_(faults) {}

    void carry_out(const core::Effect& effect, Time now);
    /// What arrives at the server up to `now`, in order of arrival.
    [[nodiscard]] std::vector<core::Input> arrived(Time now);
    /// When the next thing happens or arrives; nothing when the world is at rest.
    [[nodiscard]] std::optional<Time> next() const;
    /// Everything the engine knows.
    [[nodiscard]] core::Input listing(Time now);
    /// The server is gone: what was on its way to it, and what it had begun itself, is lost. Replicas go on.
    void server_crashed();
    void set_faults(Faults faults) { faults_ = faults; }
    /// A machine is gone with everything that ran on it; nobody will tell. Starts on it come to nothing.
    void lose_node(const std::string& node);
    void return_node(const std::string& node) { lost_.erase(node); }

    /// Attempts that run now, as (job, replica, attempt).
    using Attempt = std::tuple<domain::JobId, std::string, int>;
    [[nodiscard]] std::vector<Attempt> running(Time now);
    /// The first attempt that was started twice on machines that lived on meanwhile, in words, or nothing.
    [[nodiscard]] const std::string& double_start() const { return double_start_; }
    /// How many attempts the engine remembers.
    [[nodiscard]] std::size_t remembered() const { return attempts_.size(); }

private:
    struct State {
        bool started = false;
        bool ends_by_itself = true;
        int exit_code = 0;
        Time ends_at{};
        std::string node;
        std::optional<domain::ReplicaExit> exit;
    };

    void on(const core::effect::Prepare& effect, Time now);
    void on(const core::effect::FinishSources& effect, Time now);
    void on(const core::effect::StartReplica& effect, Time now);
    void on(const core::effect::StopReplica& effect, Time now);
    void on(const core::effect::ForgetReplica& effect, Time now);
    void on(const core::effect::ForgetJob&, Time) {}
    void on(const core::effect::DoChore& effect, Time now);
    void advance(Time now);
    void report(const Attempt& attempt, const State& state, Time now);
    void deliver(core::InputBody body, Time at) { mail_.emplace(at, std::move(body)); }
    [[nodiscard]] Duration delay(std::int64_t most_ms) {
        return Duration(static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(most_ms))));
    }

    Rng& rng_;
    Faults faults_;
    std::map<Attempt, State> attempts_;
    std::set<Attempt> ever_started_;
    std::set<std::string> lost_;
    std::multimap<Time, core::InputBody> mail_;
    std::string double_start_;
};

}  // namespace pintle::sim
