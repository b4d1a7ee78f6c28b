#include <doctest/doctest.h>

#include "api/wait_history.hpp"
#include "domain/job_transition.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;
using namespace pintle::domain;

namespace {

const JobId kJob("J");
constexpr std::int64_t kNever = -1'000;

// Seconds from when the job was submitted.
Time at(std::int64_t seconds) { return time_from_ms(1'000'000 + seconds * 1000); }

/// A job that asks for four GPUs, with what happened to it.
struct Story {
    std::vector<JobEvent> events;
    Job job;

    explicit Story(int gpus = 4, int priority = 0) {
        event::Submitted submitted;
        submitted.id = kJob;
        Resource worker = testing::a_resource("worker");
        worker.gpus = gpus;
        submitted.spec.project_name = "digits";
        submitted.spec.task = testing::a_task("train", {worker});
        submitted.wish.priority = priority;
        submitted.rank = 100;
        happens(0, submitted);
    }
    void happens(std::int64_t seconds, JobEventBody body) {
        events.push_back({kJob, static_cast<std::int64_t>(events.size()) + 1, at(seconds), std::move(body)});
        job = *apply(job, events.back());
    }
    void starts(std::int64_t seconds) {
        happens(seconds, event::Admitted{{{"worker-0", "node", {0, 1, 2, 3}, ""}}, 0});
    }
    [[nodiscard]] WaitHistory told(std::vector<PoolUser> users = {}) const { return wait_history(job, events, users); }
};

PoolUser user(const std::string& name, int gpus, std::int64_t from, std::int64_t to, std::int64_t rank = 1,
              int priority = 0) {
    return {JobId(name), name, gpus, priority, rank, at(from), to == kNever ? Time{} : at(to)};
}

using Sentences = std::vector<std::string>;

}  // namespace

TEST_CASE("a job that found its GPUs free started at once") {
    Story story;
    story.starts(0);
    const WaitHistory history = story.told({user("a/t:1", 4, -100, -50), user("a/t:2", 2, -5, kNever)});
    CHECK(history.waited == Duration(0));
    CHECK(history.sentences == Sentences{"It started at once."});
    CHECK(history.blockers.empty());
}

TEST_CASE("a job that was held for less than a second did not start at once") {
    Story story;
    story.happens(0, event::Held{"not yet", "ana", false});
    story.events.push_back({kJob, 3, at(0) + Duration(400), event::Released{"ana"}});
    story.events.push_back(
        {kJob, 4, at(0) + Duration(400), event::Admitted{{{"worker-0", "node", {0, 1, 2, 3}, ""}}, 0}});
    CHECK(story.told().sentences ==
          Sentences{"It waited 400 ms.", "It was held by ana for 400 ms: not yet."});
}

TEST_CASE("the job whose end let it start is named") {
    Story story;
    story.happens(0, event::GpusAwaited{4, "4 GPUs are missing"});
    story.starts(192);
    const WaitHistory history =
        story.told({user("a/t:1", 4, -100, 192), user("a/t:2", 4, -100, kNever), user("a/t:3", 2, -100, kNever)});
    CHECK(history.waited == std::chrono::seconds(192));
    REQUIRE(history.blockers.size() == 1);
    CHECK(history.blockers[0] == user("a/t:1", 4, -100, 192));
    CHECK(history.sentences == Sentences{"It waited 3 min 12 s.", "At once it was its turn, and it waited for 4 GPUs.",
                                         "It could start when a/t:1 (4 GPUs) ended."});
}

TEST_CASE("of those that ended meanwhile only as many count as its GPUs need, the last to end first") {
    Story story;
    story.starts(100);
    const WaitHistory history =
        story.told({user("a/t:1", 2, -9, 10), user("a/t:2", 2, -9, 60), user("a/t:3", 2, -9, 99),
                    user("a/t:4", 8, -9, kNever), user("a/t:5", 0, -9, 98)});
    REQUIRE(history.blockers.size() == 2);
    CHECK(history.blockers[0].name == "a/t:3");
    CHECK(history.blockers[1].name == "a/t:2");
    CHECK(history.sentences.back() == "It could start when a/t:3 (2 GPUs) and a/t:2 (2 GPUs) ended.");
}

TEST_CASE("a job without GPUs waited for the last of those that ended") {
    Story story(0);
    story.starts(100);
    const WaitHistory history = story.told({user("a/t:1", 0, -9, 10), user("a/t:2", 0, -9, 60)});
    CHECK(history.sentences == Sentences{"It waited 1 min 40 s.", "It could start when a/t:2 ended."});
}

TEST_CASE("jobs ahead of it that started meanwhile are counted, by priority and place") {
    Story story(4, 10);
    story.starts(100);
    const WaitHistory history =
        story.told({user("ahead", 1, 20, kNever, 50, 10), user("more important", 1, 30, kNever, 900, 20),
                    user("behind", 1, 30, kNever, 200, 10), user("less important", 1, 30, kNever, 1, 0),
                    user("ran before", 1, -5, kNever, 1, 10), user("later", 1, 101, kNever, 1, 10)});
    CHECK(history.jobs_ahead == 2);
    CHECK(history.sentences == Sentences{"It waited 1 min 40 s.", "2 jobs ahead of it started first."});
}

TEST_CASE("the time that it was held is told, and what ended before its release did not let it start") {
    Story story;
    story.happens(10, event::Held{"wait for the data", "ana", false});
    story.happens(60, event::Released{"ana"});
    story.starts(60);
    const WaitHistory history = story.told({user("a/t:1", 4, -9, 30)});
    CHECK(history.blockers.empty());
    REQUIRE(history.held.size() == 1);
    CHECK(history.held[0] == HeldSpan{at(10), at(60), "ana", "wait for the data"});
    CHECK(history.sentences == Sentences{"It waited 1 min 0 s.", "It was held by ana for 50 s: wait for the data."});
}

TEST_CASE("after its release a job may still have waited for others") {
    Story story;
    story.happens(10, event::Held{"", "ana", false});
    story.happens(20, event::Released{"ana"});
    story.starts(60);
    const WaitHistory history = story.told({user("a/t:1", 4, -9, 60), user("a/t:2", 4, -9, 15)});
    REQUIRE(history.blockers.size() == 1);
    CHECK(history.sentences ==
          Sentences{"It waited 1 min 0 s.", "It was held by ana for 10 s.",
                    "It could start when a/t:1 (4 GPUs) ended."});
}

TEST_CASE("a job that had to go back is explained by its last wait, with the sum of all") {
    Story story;
    story.starts(10);
    story.happens(20, event::Requeued{"its GPUs were lent by another group"});
    story.starts(50);
    CHECK(last_wait_began(story.job, story.events) == at(20));
    CHECK(last_requeue(story.events) == RequeuedAt{at(20), "its GPUs were lent by another group"});
    CHECK_FALSE(last_requeue(Story().events).has_value());
    const WaitHistory history = story.told({user("a/t:1", 4, 20, 50), user("a/t:0", 4, -9, 10)});
    CHECK(history.waited == std::chrono::seconds(40));
    REQUIRE(history.requeues.size() == 1);
    CHECK(history.requeues[0] == RequeuedAt{at(20), "its GPUs were lent by another group"});
    REQUIRE(history.blockers.size() == 1);
    CHECK(history.blockers[0].name == "a/t:1");
    CHECK(history.sentences[0] == "It waited 40 s in all, in 2 waits.");
    CHECK(history.sentences[1] == "It had to go back to the queue: its GPUs were lent by another group.");
}

TEST_CASE("moves in the queue are told, each mover once") {
    Story story;
    story.happens(1, event::Reordered{5, 1, "olga"});
    story.happens(2, event::Reordered{5, 2, "olga"});
    story.happens(3, event::Regrouped{GroupId("g"), PoolId("p"), "ana came into the group research"});
    story.starts(30);
    CHECK(story.told().sentences ==
          Sentences{"It waited 30 s.", "It came into another queue: ana came into the group research.",
                    "It was given another place in the queue by olga."});
}

TEST_CASE("a job that ended while it waited has no one whose end let it start") {
    Story story;
    story.happens(30, event::Held{"", "ana", false});
    story.happens(90, event::Ended{JobState::kStopped, "stopped by ana"});
    const WaitHistory history = story.told({user("a/t:1", 4, -9, 60)});
    CHECK(history.blockers.empty());
    CHECK(history.held[0].to == at(90));
    CHECK(history.sentences ==
          Sentences{"It waited 1 min 30 s, and ended without having started.", "It was held by ana for 1 min 0 s."});

    Story brief;
    brief.happens(0, event::Ended{JobState::kStopped, ""});
    CHECK(brief.told().sentences == Sentences{"It ended at once, without having started."});
}

TEST_CASE("of very many blockers the first are named and all are counted") {
    Story story(40);
    story.starts(100);
    std::vector<PoolUser> users;
    for (int i = 0; i < 40; ++i) users.push_back(user(fmt::format("a/t:{}", i), 1, -9, 50 + i));
    const WaitHistory history = story.told(users);
    CHECK(history.blockers.size() == kPastBlockersMost);
    CHECK(history.blockers_in_all == 40);
    CHECK(history.sentences.back().ends_with("a/t:30 (1 GPU) and 30 more ended."));
}
