#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "domain/job_transition.hpp"

using namespace pintle;
using namespace pintle::domain;

namespace {

constexpr auto Q = JobState::kQueued, W = JobState::kWaitingForGpus, S = JobState::kStarting, R = JobState::kRunning,
               T = JobState::kTraining, P = JobState::kStopping, C = JobState::kComplete, E = JobState::kError,
               X = JobState::kStopped;
constexpr std::optional<JobState> no = std::nullopt;  // a conflict

// Every (state, event) pair of a training job: what it is then. Ended and EndBegun are tried with Complete, the
// others with a replica to which that event can happen.
struct Row {
    JobState state;
    std::array<std::optional<JobState>, std::variant_size_v<JobEventBody>> next;
};
// clang-format off
const std::vector<Row> kTable{
    //   submitted
    //   |   gpus_awaited
    //   |   |   held
    //   |   |   |   released
    //   |   |   |   |   reordered
    //   |   |   |   |   |   regrouped
    //   |   |   |   |   |   |   admitted
    //   |   |   |   |   |   |   |   prepared
    //   |   |   |   |   |   |   |   |   sources_delayed
    //   |   |   |   |   |   |   |   |   |   replica_started
    //   |   |   |   |   |   |   |   |   |   |   replica_ended
    //   |   |   |   |   |   |   |   |   |   |   |   replica_retried
    //   |   |   |   |   |   |   |   |   |   |   |   |   properties_set
    //   |   |   |   |   |   |   |   |   |   |   |   |   |   end_begun
    //   |   |   |   |   |   |   |   |   |   |   |   |   |   |   requeued
    //   |   |   |   |   |   |   |   |   |   |   |   |   |   |   |   ended
    {Q, {Q,  W,  Q,  no, Q,  Q,  S,  no, no, no, no, no, no, P,  no, C}},
    {W, {Q,  W,  Q,  no, W,  Q,  S,  no, no, no, no, no, no, P,  no, C}},
    {S, {Q,  no, no, no, no, no, no, S,  S,  R,  S,  S,  S,  P,  Q,  C}},
    {R, {Q,  no, no, no, no, no, no, no, no, R,  R,  R,  T,  P,  Q,  C}},
    {T, {Q,  no, no, no, no, no, no, no, no, T,  T,  T,  T,  P,  Q,  C}},
    {P, {Q,  no, no, no, no, no, no, no, no, P,  P,  no, P,  no, Q,  C}},
    {C, {Q,  no, no, no, no, no, no, no, no, no, no, no, C,  no, no, no}},
    {E, {Q,  no, no, no, no, no, no, no, no, no, no, no, E,  no, no, no}},
    {X, {Q,  no, no, no, no, no, no, no, no, no, no, no, X,  no, no, no}},
};
// clang-format on

event::Submitted submitted(TaskKind kind, int replicas = 1) {
    Resource worker;
    worker.name = "worker";
    worker.replicas = replicas;
    event::Submitted body;
    body.id = JobId("J");
    body.build = 3;
    body.by = "ada";
    body.spec.project_name = "digits";
    body.spec.task.name = "train";
    body.spec.task.kind = kind;
    body.spec.task.resources = {worker};
    return body;
}

// Plays events one after another, a second apart.
struct Player {
    explicit Player(event::Submitted body) { play(std::move(body)); }
    Result<Job> attempt(JobEventBody body) const {
        return apply(job,
                     {JobId("J"), job.event_count + 1, time_from_ms((job.event_count + 1) * 1000), std::move(body)});
    }
    Player& play(JobEventBody body) {
        job = attempt(std::move(body)).value();
        return *this;
    }
    bool refuses(JobEventBody body) const {
        const auto next = attempt(std::move(body));
        return !next && next.error().code == ErrorCode::kConflict &&
               next.error().message.starts_with(job.display_name() + " is ");
    }
    Job job;
};

event::Admitted admitted(int replicas = 1) {
    event::Admitted body;
    for (int i = 0; i < replicas; ++i) {
        body.placements.push_back({fmt::format("worker-{}", i), "n1", {}, fmt::format("127.8.0.{}", i + 1)});
    }
    body.network_slot = 4;
    return body;
}

event::ReplicaEnded ended(const std::string& replica, int attempt, int exit_code) {
    return {replica, attempt, {exit_code, false, "", Time{}}};
}

// The job in a state, with its replica as the event needs it.
Job job_for(JobState state, std::size_t event, TaskKind kind) {
    Job job = Player(submitted(kind)).job;
    job.state = state;
    constexpr std::array kReplica{
        ReplicaState::kPending, ReplicaState::kPending,  ReplicaState::kPending, ReplicaState::kPending,
        ReplicaState::kPending, ReplicaState::kPending,  ReplicaState::kPending, ReplicaState::kPending,
        ReplicaState::kPending,
        ReplicaState::kStarting, ReplicaState::kRunning, ReplicaState::kFailed,  ReplicaState::kRunning,
        ReplicaState::kRunning, ReplicaState::kSucceeded, ReplicaState::kRunning};
    job.replicas[0].state = kReplica.at(event);
    return job;
}

std::vector<JobEventBody> one_of_each() {
    return {submitted(TaskKind::kTraining),
            event::GpusAwaited{1, "busy"},
            event::Held{"for now", "ada", false},
            event::Released{"ada"},
            event::Reordered{5, 1, "ada"},
            event::Regrouped{GroupId("research"), PoolId("research"), "moved"},
            admitted(),
            event::Prepared{},
            event::SourcesDelayed{"source data: no answer", 2, time_from_ms(1)},
            event::ReplicaStarted{"worker-0", 1},
            ended("worker-0", 1, 0),
            event::ReplicaRetried{"worker-0", 2},
            event::PropertiesSet{{{"accuracy", 0.5}}},
            event::EndBegun{JobState::kComplete, "", ""},
            event::Requeued{"its GPUs went back"},
            event::Ended{JobState::kComplete, ""}};
}

}  // namespace

TEST_CASE("every pair of a state and an event gives the next state or a conflict") {
    const std::vector<JobEventBody> events = one_of_each();
    REQUIRE(kTable.size() == kJobStateCount);
    for (std::size_t row = 0; row < kTable.size(); ++row) {
        REQUIRE(kTable[row].state == static_cast<JobState>(row));
        for (std::size_t i = 0; i < events.size(); ++i) {
            REQUIRE(events[i].index() == i);
            CAPTURE(to_string(kTable[row].state));
            CAPTURE(kind_of(events[i]));
            const Job job = job_for(kTable[row].state, i, TaskKind::kTraining);
            const auto next = apply(job, {job.id, 2, time_from_ms(5), events[i]});
            REQUIRE(next.has_value() == kTable[row].next[i].has_value());
            if (next) {
                CHECK(next->state == *kTable[row].next[i]);
                CHECK(next->event_count == (i == 0 ? 1 : job.event_count + 1));
            } else {
                CHECK(next.error().code == ErrorCode::kConflict);
                CHECK(next.error().message.find(to_string(kTable[row].state)) != std::string::npos);
            }
        }
    }
}

TEST_CASE("only a training job is seen as training, and only once all of it has run") {
    for (const TaskKind kind : {TaskKind::kGeneral, TaskKind::kInit, TaskKind::kExport}) {
        const Job job = job_for(JobState::kRunning, 12, kind);
        CHECK(apply(job, {job.id, 2, Time{}, event::PropertiesSet{{{"accuracy", 0.5}}}})->state == JobState::kRunning);
    }
}

TEST_CASE("an ending job may become each of the final states, from any state that is not final") {
    for (int i = 0; i < kJobStateCount; ++i) {
        const auto state = static_cast<JobState>(i);
        if (is_final(state)) continue;
        for (const JobState last : {C, E, X}) {
            const Job job = job_for(state, 15, TaskKind::kGeneral);
            const Job done = apply(job, {job.id, 2, time_from_ms(9), event::Ended{last, "why"}}).value();
            CHECK(done.state == last);
            CHECK(done.reason == "why");
            CHECK(done.ended_at == time_from_ms(9));
            CHECK(done.network_slot == -1);
            CHECK(done.replicas[0].state == ReplicaState::kStopped);
            CHECK(done.replicas[0].ended_at == time_from_ms(9));
            if (state == JobState::kStopping) continue;
            const Job ending = apply(job, {job.id, 2, time_from_ms(9), event::EndBegun{last, "why", ""}}).value();
            CHECK(ending.ending == Ending{last, "why"});
            CHECK(ending.reason == "why");
        }
    }
}

TEST_CASE("a job's life is written down in its times, states and replicas") {
    Player player(submitted(TaskKind::kTraining, 2));
    CHECK(player.job.display_name() == "digits/train:3");
    CHECK(player.job.submitted_at == time_from_ms(1000));
    REQUIRE(player.job.replicas.size() == 2);
    player.play(event::GpusAwaited{2, "all GPUs are in use"});
    CHECK(player.job.reason == "all GPUs are in use");
    player.play(admitted(2));
    CHECK(player.job.started_at == time_from_ms(3000));
    CHECK(player.job.network_slot == 4);
    CHECK(player.job.replicas[1].placement.address == "127.8.0.2");
    player.play(event::Prepared{{{}, {{"src", "abc"}}, {}}});
    CHECK(player.job.preparation->revisions.at("src") == "abc");
    CHECK(player.job.replicas[0].state == ReplicaState::kStarting);
    player.play(event::ReplicaStarted{"worker-1", 1});
    CHECK(player.job.state == JobState::kStarting);
    player.play(event::ReplicaStarted{"worker-0", 1});
    CHECK(player.job.state == JobState::kRunning);
    CHECK(player.job.running_at == time_from_ms(6000));
    player.play(event::PropertiesSet{{{"accuracy", 0.5}, {"path", std::string("m")}}})
        .play(event::PropertiesSet{{{"accuracy", 0.6}}});
    CHECK(player.job.state == JobState::kTraining);
    CHECK(player.job.properties == std::map<std::string, PropertyValue>{{"accuracy", 0.6}, {"path", std::string("m")}});
    player.play(ended("worker-0", 1, 0))
        .play(event::EndBegun{JobState::kComplete, "", ""})
        .play(ended("worker-1", 1, 143));
    CHECK(player.job.replicas[0].state == ReplicaState::kSucceeded);
    CHECK_MESSAGE(player.job.replicas[1].state == ReplicaState::kStopped, "ended by us is not a failure");
    CHECK(player.job.replicas[1].exit->exit_code == 143);
    player.play(event::Ended{JobState::kComplete, ""});
    CHECK_FALSE(player.job.ending.has_value());
    CHECK(player.job.replicas[0].state == ReplicaState::kSucceeded);
    CHECK(player.job.event_count == 12);
}

TEST_CASE("replaying the events gives the same job") {
    const std::vector<JobEventBody> bodies{submitted(TaskKind::kGeneral),
                                           admitted(),
                                           event::Prepared{},
                                           event::ReplicaStarted{"worker-0", 1},
                                           ended("worker-0", 1, 1),
                                           event::ReplicaRetried{"worker-0", 2},
                                           event::ReplicaStarted{"worker-0", 2},
                                           event::EndBegun{JobState::kStopped, "", "ada"}};
    const auto replay = [&] {
        Player player(std::get<event::Submitted>(bodies[0]));
        for (std::size_t i = 1; i < bodies.size(); ++i) player.play(bodies[i]);
        return player.job;
    };
    CHECK(replay() == replay());
}

TEST_CASE("replica events that come twice, late, early or for nobody are refused and change nothing") {
    Player player(submitted(TaskKind::kGeneral, 2));
    player.play(admitted(2));
    CHECK_MESSAGE(player.refuses(event::ReplicaStarted{"worker-0", 1}), "not yet asked to start");
    player.play(event::Prepared{});
    CHECK_MESSAGE(player.refuses(event::Prepared{}), "prepared twice");
    CHECK_MESSAGE(player.refuses(event::ReplicaRetried{"worker-0", 2}), "it has not failed");
    player.play(event::ReplicaStarted{"worker-0", 1});
    CHECK_MESSAGE(player.refuses(event::ReplicaStarted{"worker-0", 1}), "started twice");
    for (const std::string nobody : {"worker-2", "worker", "ps-0", ""}) {
        CHECK(player.refuses(event::ReplicaStarted{nobody, 1}));
        CHECK(player.refuses(ended(nobody, 1, 0)));
        CHECK(player.refuses(event::ReplicaRetried{nobody, 2}));
    }
    CHECK_MESSAGE(player.refuses(event::ReplicaStarted{"worker-1", 2}), "an attempt that was never made");
    CHECK(player.refuses(ended("worker-0", 2, 0)));
    player.play(ended("worker-0", 1, 1));
    CHECK_MESSAGE(player.refuses(ended("worker-0", 1, 1)), "ended twice");
    CHECK_MESSAGE(player.refuses(event::ReplicaStarted{"worker-0", 1}), "started after its end");
    for (const int attempt : {0, 1, 3}) CHECK(player.refuses(event::ReplicaRetried{"worker-0", attempt}));
    player.play(event::ReplicaRetried{"worker-0", 2});
    CHECK_MESSAGE(player.refuses(ended("worker-0", 1, 1)), "the first attempt's end once more");
    CHECK(player.refuses(event::ReplicaStarted{"worker-0", 1}));
}

TEST_CASE("an end may come without a start, when a replica could not be started at all") {
    Player player(submitted(TaskKind::kGeneral));
    player.play(admitted()).play(event::Prepared{}).play(ended("worker-0", 1, 127));
    CHECK(player.job.state == JobState::kStarting);
    CHECK(player.job.replicas[0].state == ReplicaState::kFailed);
    CHECK(player.refuses(event::ReplicaStarted{"worker-0", 1}));
}

TEST_CASE("a replica that is started again counts its attempts and keeps the job running") {
    Player player(submitted(TaskKind::kGeneral));
    player.play(admitted()).play(event::Prepared{}).play(event::ReplicaStarted{"worker-0", 1});
    for (int attempt = 1; attempt <= 3; ++attempt) {
        player.play(ended("worker-0", attempt, 1));
        CHECK(player.job.replicas[0].state == ReplicaState::kFailed);
        player.play(event::ReplicaRetried{"worker-0", attempt + 1});
        CHECK(player.job.replicas[0].state == ReplicaState::kStarting);
        CHECK(player.job.replicas[0].attempt == attempt + 1);
        CHECK_FALSE(player.job.replicas[0].exit.has_value());
        player.play(event::ReplicaStarted{"worker-0", attempt + 1});
        CHECK(player.job.state == JobState::kRunning);
    }
    player.play(ended("worker-0", 4, 0));
    CHECK_MESSAGE(player.refuses(event::ReplicaRetried{"worker-0", 5}), "it has succeeded");
    player.play(event::EndBegun{JobState::kComplete, "", ""});
    CHECK(player.refuses(event::ReplicaRetried{"worker-0", 5}));
}

TEST_CASE("the time of an end is the engine's when it knows it") {
    Player player(submitted(TaskKind::kGeneral));
    player.play(admitted()).play(event::Prepared{}).play(event::ReplicaStarted{"worker-0", 1});
    player.play(event::ReplicaEnded{"worker-0", 1, {0, false, "", time_from_ms(4321)}});
    CHECK(player.job.replicas[0].ended_at == time_from_ms(4321));
}

namespace {

std::string_view sentence_of(JobState state) {
    switch (state) {
        case JobState::kQueued: return "Accepted; its turn or its resources have not come.";
        case JobState::kWaitingForGpus: return "It is its turn, and GPUs are what is missing.";
        case JobState::kStarting:
            return "Its resources are its own; its sources are prepared and its replicas started.";
        case JobState::kRunning: return "Every replica has started.";
        case JobState::kTraining: return "As Running, for a training task whose program has reported values.";
        case JobState::kStopping: return "Its replicas are being ended; what it will be then is already decided.";
        case JobState::kComplete: return "It ended well, and stays so.";
        case JobState::kError: return "It ended badly, and stays so; the reason says why.";
        case JobState::kStopped: return "It ended because somebody asked, and stays so.";
    }
    return "";
}

std::string document() {
    std::string text =
        "# The states of a job\n\nMade from `src/domain/job_transition.cpp` by its test; to write it anew, run\n"
        "`UPDATE_GOLDEN=1 build/dev/src/domain/domain_test`.\n\n";
    text += fmt::format("```mermaid\n{}```\n\n| State | Meaning |\n|---|---|\n", job_state_diagram());
    for (int i = 0; i < kJobStateCount; ++i) {
        text +=
            fmt::format("| {} | {} |\n", to_string(static_cast<JobState>(i)), sentence_of(static_cast<JobState>(i)));
    }
    return text +
           "\nEvery event in every state, with what follows or why it is refused, is the table in\n"
           "`src/domain/job_transition_test.cpp`.\n";
}

}  // namespace

TEST_CASE("docs/job-states.md shows the states as the code has them") {
    const std::string path = PINTLE_SOURCE_DIR "/docs/job-states.md";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << document();
    std::stringstream written;
    written << std::ifstream(path).rdbuf();
    CHECK_MESSAGE(written.str() == document(), "run this test with UPDATE_GOLDEN=1 to write the document anew");
}

TEST_CASE("a held job does not start, and is released with its place in the queue") {
    Player player(submitted(TaskKind::kGeneral));
    player.play(event::Held{"until the data is there", "ada", false});
    CHECK(player.job.reason == "held by ada: until the data is there");
    CHECK(player.refuses(admitted()));
    player.play(event::Reordered{7, 42, "root"}).play(event::Released{"ada"});
    CHECK(player.job.reason.empty());
    CHECK(player.job.wish.priority == 7);
    CHECK(player.job.rank == 42);
    CHECK(player.play(admitted()).job.state == JobState::kStarting);
}

TEST_CASE("a job that gave its resources back begins anew, with new attempts") {
    Player player(submitted(TaskKind::kTraining));
    player.play(admitted()).play(event::Prepared{}).play(event::ReplicaStarted{"worker-0", 1});
    player.play(event::EndBegun{JobState::kQueued, "its GPUs are needed", ""});
    CHECK(player.job.state == JobState::kStopping);
    CHECK(player.refuses(event::Requeued{"too early"}));
    player.play(ended("worker-0", 1, 143)).play(event::Requeued{"its GPUs are needed"});
    CHECK(player.job.state == JobState::kQueued);
    CHECK(player.job.requeues == 1);
    CHECK(player.job.network_slot == -1);
    CHECK_FALSE(player.job.preparation.has_value());
    CHECK(player.job.replicas[0].attempt == 2);
    CHECK(player.job.replicas[0].restarts == 0);
    CHECK(player.job.replicas[0].placement == Placement{});
    CHECK(player.play(admitted()).play(event::Prepared{}).play(event::ReplicaStarted{"worker-0", 2}).job.state ==
          JobState::kRunning);
}

TEST_CASE("a job on its way back to the queue can still be stopped for good") {
    Player player(submitted(TaskKind::kGeneral));
    player.play(admitted()).play(event::Prepared{}).play(event::EndBegun{JobState::kQueued, "", ""});
    CHECK(player.refuses(event::EndBegun{JobState::kQueued, "", ""}));
    player.play(event::EndBegun{JobState::kStopped, "", "ada"});
    CHECK(player.job.ending->state == JobState::kStopped);
}
