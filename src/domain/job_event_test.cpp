#include <set>

#include <doctest/doctest.h>

#include "domain/job_event.hpp"

using namespace pintle;
using namespace pintle::domain;

namespace {

std::vector<JobEventBody> one_of_each() {
    return {event::Submitted{},      event::GpusAwaited{},    event::Held{},         event::Released{},
            event::Reordered{},      event::Regrouped{},      event::Admitted{},     event::Prepared{},
            event::SourcesDelayed{}, event::ReplicaStarted{}, event::ReplicaEnded{}, event::ReplicaRetried{},
            event::PropertiesSet{},  event::EndBegun{},       event::Requeued{},     event::Ended{}};
}

}  // namespace

TEST_CASE("every kind of event has its own name and a sentence") {
    std::set<std::string_view> kinds;
    const std::vector<JobEventBody> bodies = one_of_each();
    REQUIRE(bodies.size() == std::variant_size_v<JobEventBody>);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        CHECK(bodies[i].index() == i);
        CHECK(kinds.insert(kind_of(bodies[i])).second);
        CHECK_FALSE(in_words(bodies[i]).empty());
    }
}

TEST_CASE("events read as lines of the job's log") {
    event::Submitted submitted;
    submitted.by = "ada";
    submitted.build = 3;
    CHECK(in_words(submitted) == "Submitted by ada as build 3.");
    submitted.cloned_from = "J1";
    submitted.spec.image_ignored = true;
    CHECK(
        in_words(submitted) ==
        "Submitted by ada as build 3. It is a clone of an earlier job. The engine is \"process\" because it was asked "
          "for: commands "
          "run on the host and the "
        "images that the task names are ignored.");
    CHECK(in_words(event::GpusAwaited{1, "all are in use."}) == "Waiting for 1 GPU: all are in use.");
    CHECK(
        in_words(event::Admitted{{{"worker-0", "n1", {0, 1}, "127.8.0.1"}, {"worker-1", "n1", {}, "127.8.0.2"}}, 0}) ==
        "Resources allocated: worker-0 on n1 (127.8.0.1) gpu 0 gpu 1, worker-1 on n1 (127.8.0.2).");
    CHECK(in_words(event::Prepared{{{}, {{"src", "abc"}}, {}}}) ==
          "Sources are ready. src is at commit abc. Starting the replicas.");
    CHECK(in_words(event::SourcesDelayed{"source data: no answer", 1, Time{}}) ==
          "source data: no answer; it is tried again.");
    CHECK(in_words(event::SourcesDelayed{"source data: no answer", 3, time_from_ms(1'700'000'000'000)}) ==
          "source data: no answer; tried 3 times since 2023-11-14T22:13:20Z, and again.");
    CHECK(in_words(event::ReplicaStarted{"worker-0", 1}) == "worker-0 is running.");
    CHECK(in_words(event::ReplicaStarted{"worker-0", 2}) == "worker-0 is running (attempt 2).");
    CHECK(in_words(event::ReplicaEnded{"worker-0", 1, {137, true, "it used more memory than its limit", Time{}}}) ==
          "worker-0 has ended: it used more memory than its limit.");
    CHECK(in_words(event::ReplicaEnded{"worker-0", 1, {3, false, "", Time{}}}) == "worker-0 has ended: exit code 3.");
    CHECK(in_words(event::ReplicaRetried{"worker-0", 2}) == "worker-0 is started again (attempt 2).");
    CHECK(in_words(event::PropertiesSet{{{"accuracy", 0.5}, {"done", true}, {"path", std::string("m")}}}) ==
          "Reported: accuracy=0.5, done=true, path=m.");
    CHECK(in_words(event::EndBegun{JobState::kStopped, "", "ada"}) == "Stop asked for by ada.");
    CHECK(in_words(event::Ended{JobState::kError, "worker-0 failed."}) == "The job is Error: worker-0 failed.");
}

TEST_CASE("states keep their names on the way out and in") {
    for (int i = 0; i < kJobStateCount; ++i) {
        CHECK(job_state_from(to_string(static_cast<JobState>(i))) == static_cast<JobState>(i));
    }
    for (int i = 0; i <= static_cast<int>(ReplicaState::kStopped); ++i) {
        CHECK(replica_state_from(to_string(static_cast<ReplicaState>(i))) == static_cast<ReplicaState>(i));
    }
    CHECK_FALSE(job_state_from("running").has_value());
    CHECK_FALSE(replica_state_from("").has_value());
}
