#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>

#include "base/rng.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

Store::Options options_in(const std::string& folder) { return {.path = folder + "/state.db"}; }

/// Commits job after job and writes the number of each that was acknowledged.
[[noreturn]] void commit_until_killed(const std::string& folder, int first_build, int pipe) {
    auto store = Store::open(options_in(folder));
    if (!store) ::_exit(3);
    const Project project = a_project("digits");
    if (!(*store)->commit({change::ProjectSaved{project}}, time_from_ms(1))) ::_exit(4);
    for (int build = first_build;; ++build) {
        JobStory story(project, build, time_from_ms(build));
        if (!(*store)->commit({story.save()}, time_from_ms(build))) ::_exit(5);
        if (!(*store)->commit({story.completes(time_from_ms(build)).save()}, time_from_ms(build))) ::_exit(6);
        if (::write(pipe, &build, sizeof build) != sizeof build) ::_exit(7);
    }
}

/// Starts a committing process, kills it after some acknowledgements, and returns the last one.
int run_and_kill(const std::string& folder, int first_build, int acknowledgements) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        commit_until_killed(folder, first_build, ends[1]);
    }
    ::close(ends[1]);
    int last = first_build - 1;
    int build = 0;
    for (int i = 0; i < acknowledgements && ::read(ends[0], &build, sizeof build) == sizeof build; ++i) last = build;
    ::kill(child, SIGKILL);
    // What was acknowledged until the kill counts as well.
    while (::read(ends[0], &build, sizeof build) == sizeof build) last = build;
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    return last;
}

}  // namespace

TEST_CASE("what was acknowledged is there after a kill, at whatever moment it comes") {
    const testing::TempFolder folder;
    Rng rng(4711);
    int first = 1;
    for (int round = 0; round < 6; ++round) {
        const int last = run_and_kill(folder.path(), first, 1 + static_cast<int>(rng.below(40)));
        REQUIRE(last >= first);
        auto store = std::move(Store::open(options_in(folder.path()))).value();
        CHECK(store->connection()
                  .integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")
                  .value() == 1);
        const LiveState live = store->load_live().value();
        REQUIRE(live.projects.size() == 1);
        // Of this round at most the job whose end was under way is still alive.
        const auto of_this_round = [&](const Job& job) { return job.build >= first; };
        CHECK(std::count_if(live.jobs.begin(), live.jobs.end(), of_this_round) <= 1);
        auto reader = std::move(StoreReader::open(store->location())).value();
        for (int build = first; build <= last; ++build) {
            const auto job = reader->find_job(live.projects[0].id, build).value();
            REQUIRE(job.has_value());
            CHECK(job->state == JobState::kComplete);
            CHECK(reader->job_events(job->id, 0, 100).value().size() == static_cast<std::size_t>(job->event_count));
        }
        first = last + 2;
        if (reader->find_job(live.projects[0].id, last + 1).value()) continue;
        first = last + 1;
    }
}

TEST_CASE("a copy of the files between two commits is the state of that moment") {
    const testing::TempFolder folder;
    const Project project = a_project("digits");
    auto store = std::move(Store::open(options_in(folder.path()))).value();
    REQUIRE(store->commit({change::ProjectSaved{project}}, time_from_ms(1)).has_value());
    std::vector<Job> expected;
    for (int build = 1; build <= 10; ++build) {
        JobStory story(project, build, time_from_ms(build));
        REQUIRE(store->commit({story.save()}, time_from_ms(build)).has_value());
        expected.push_back(story.job());
        const testing::TempFolder copy;
        for (const char* name : {"state.db", "state.db-wal"}) {
            std::filesystem::copy_file(folder.path() + "/" + name, copy.path() + "/" + name);
        }
        auto restored = std::move(Store::open(options_in(copy.path()))).value();
        CHECK(restored->load_live().value().jobs == expected);
        CHECK(restored->last_change() == store->last_change());
    }
}

TEST_CASE("a log that was torn off in the middle of a commit gives the state before it") {
    const testing::TempFolder folder;
    const Project project = a_project("digits");
    auto store = std::move(Store::open(options_in(folder.path()))).value();
    JobStory first(project, 1, time_from_ms(1)), second(project, 2, time_from_ms(2));
    REQUIRE(store->commit({change::ProjectSaved{project}, first.save()}, time_from_ms(1)).has_value());
    const auto size_before = std::filesystem::file_size(folder.path() + "/state.db-wal");
    REQUIRE(store->commit({second.save()}, time_from_ms(2)).has_value());
    const auto size_after = std::filesystem::file_size(folder.path() + "/state.db-wal");
    REQUIRE(size_after > size_before);
    Rng rng(5);
    for (int i = 0; i < 10; ++i) {
        const testing::TempFolder copy;
        for (const char* name : {"state.db", "state.db-wal"}) {
            std::filesystem::copy_file(folder.path() + "/" + name, copy.path() + "/" + name);
        }
        std::filesystem::resize_file(copy.path() + "/state.db-wal", size_before + rng.below(size_after - size_before));
        auto restored = std::move(Store::open(options_in(copy.path()))).value();
        CHECK(restored->load_live().value().jobs == std::vector{first.job()});
        const change::JobSaved whole{std::make_shared<const Job>(second.job()), second.events()};
        CHECK(restored->commit({whole}, time_from_ms(2)).has_value());
    }
}
