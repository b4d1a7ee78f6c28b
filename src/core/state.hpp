#pragma once

#include <deque>
#include <map>
#include <set>

#include "core/core.hpp"

namespace pintle::core {

/// A waiting job in the queue's order, which is the order of submission.
using Queue = std::map<std::int64_t, scheduling::QueuedJob>;

/// What the core knows. Private to this module.
struct State {
    CoreOptions options;
    std::map<domain::ProjectId, domain::Project> projects;
    std::map<std::string, domain::ProjectId> project_ids;  ///< By name.
    std::map<domain::JobId, std::shared_ptr<const domain::Job>> jobs;  ///< Those that are not final.
    std::map<domain::ProjectId, int> live_jobs_of;
    Queue queue;
    std::map<domain::JobId, std::int64_t> queue_order;
    std::int64_t next_order = 1;
    std::set<std::pair<Time, domain::JobId>> deadlines;  ///< Of waiting jobs.
    std::vector<scheduling::NodeLoad> nodes;
    std::set<int> slots;
    std::map<std::string, domain::change::KeyUsed> keys;
    std::deque<std::string> key_order;
    std::map<std::string, domain::Chore> chores;
};

/// One step while it is being made.
struct Step {
    State& state;
    const Time now;
    StepResult result;
    std::vector<domain::JobId> touched;  ///< In the order of their first event.
    std::map<domain::JobId, std::vector<domain::JobEvent>> events;
    bool replan = false;

    void reply(std::uint64_t ticket, Result<std::string> result);
    void notice(const domain::Job& job, bool warning, std::string reason, std::string source, std::string message);
};

// jobs.cpp: the life of one job.

/// Applies an event that the caller knows to be legal and remembers it for the store. Takes the id by value: the
/// caller's is often that of the very job which is replaced here.
void record(Step& step, domain::JobId id, domain::JobEventBody body);
/// Decides what is next for a job whose replicas or wishes changed. Level-triggered: calling it twice does
/// nothing the second time.
void settle(Step& step, domain::JobId id);
/// Brings the job to its end: stops what runs, or ends it at once when nothing does.
void begin_end(Step& step, domain::JobId id, domain::JobState state, std::string reason, std::string by);
void expire_waiting(Step& step);
/// Writes the touched jobs into the result and drops those that have ended.
void flush(Step& step);

// admission.cpp: the queue and the books.

void enqueue(State& state, const domain::Job& job);
void dequeue(State& state, const domain::Job& job);
void admit_waiting(Step& step);
void book(State& state, const domain::Job& job);
void unbook(State& state, const domain::Job& job);
[[nodiscard]] std::vector<scheduling::ReplicaNeed> needs_of(const domain::Task& task);
[[nodiscard]] std::optional<Time> deadline_of(const domain::Job& job);

// One handler per input: projects.cpp, submission.cpp, jobs.cpp, observations.cpp.

void on(Step& step, const input::CreateProject& command, std::uint64_t ticket);
void on(Step& step, const input::ReplaceProject& command, std::uint64_t ticket);
void on(Step& step, const input::DeleteProject& command, std::uint64_t ticket);
void on(Step& step, const input::SubmitJob& command, std::uint64_t ticket);
void on(Step& step, const input::StopJob& command, std::uint64_t ticket);
void on(Step& step, const input::DeleteJob& command, std::uint64_t ticket);
void on(Step& step, const input::SetProperties& command, std::uint64_t ticket);
void on(Step& step, const input::PreparationDone& seen, std::uint64_t ticket);
void on(Step& step, const input::PreparationFailed& seen, std::uint64_t ticket);
void on(Step& step, const input::PreparationProgress& seen, std::uint64_t ticket);
void on(Step& step, const input::ReplicaSeen& seen, std::uint64_t ticket);
void on(Step& step, const input::EnginesListed& seen, std::uint64_t ticket);
void on(Step& step, const input::NodesChanged& seen, std::uint64_t ticket);
void on(Step& step, const input::ChoreDone& seen, std::uint64_t ticket);

/// A key that was used before: its result when the request is the same, an error when it is another.
[[nodiscard]] std::optional<Result<std::string>> replay_key(const State& state, const std::string& key, const std::string& fingerprint);
void remember_key(Step& step, const std::string& key, const std::string& fingerprint, const std::string& result);
void add_chore(Step& step, domain::Chore chore);

}  // namespace pintle::core
