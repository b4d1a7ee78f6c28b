#include "store/store.hpp"

#include <sys/stat.h>

#include <cstdlib>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store_reader.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

std::unique_ptr<Store> in_memory() { return std::move(Store::open({})).value(); }
std::unique_ptr<StoreReader> reader_of(const Store& store) {
    return std::move(StoreReader::open(store.location())).value();
}

std::int64_t rows(Store& store, const std::string& table) {
    return store.connection().integer("SELECT count(*) FROM " + table).value().value();
}

// All that has happened, as if it happened now.
change::JobSaved whole(const JobStory& story) { return {std::make_shared<const Job>(story.job()), story.events()}; }

}  // namespace

TEST_CASE("what was committed comes back alive after a restart") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    Project digits = a_project("digits");
    JobStory first(digits, 1, at(1)), second(digits, 2, at(2));
    first.is_admitted(at(3)).is_prepared(at(4));
    const change::KeyUsed key{"key", "print", "result", at(1)};
    const Chore chore{"chore-1", chore::MoveProjectData{"a", "b"}};
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(
            store
                ->commit(
                    {change::ProjectSaved{digits}, change::BuildCounted{digits.id, 3}, key, change::ChoreAdded{chore},
                     change::ChoreAdded{{"chore-2", chore::MoveProjectData{"c", "d"}}}, second.save(), first.save()},
                    at(4))
                .has_value());
        REQUIRE(store->commit({change::ChoreDone{"chore-2"}}, at(5)).has_value());
    }
    const LiveState live = std::move(Store::open(options)).value()->load_live().value();
    digits.next_build = 3;
    CHECK(live.projects == std::vector{digits});
    // In the order in which they were stored first.
    CHECK(live.jobs == std::vector{second.job(), first.job()});
    REQUIRE(live.keys.size() == 1);
    CHECK(live.keys[0].result == "result");
    CHECK(live.keys[0].at == at(1));
    CHECK(live.chores == std::vector{chore});
}

TEST_CASE("the database is readable by its owner alone") {
    const testing::TempFolder folder;
    auto store = std::move(Store::open({.path = folder.path() + "/state.db"})).value();
    REQUIRE(store->commit({change::ProjectSaved{a_project("digits")}}, at(0)).has_value());
    const auto names = os::list_folder(folder.path()).value();
    for (const std::string& name : names) {
        CAPTURE(name);
        struct stat info {};
        REQUIRE(::stat((folder.path() + "/" + name).c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0600);
    }
}

TEST_CASE("replaying the stored events gives the stored job") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    REQUIRE(store->commit({change::ProjectSaved{project}, story.save()}, at(1)).has_value());
    REQUIRE(store->commit({story.is_admitted(at(2)).is_prepared(at(3)).save()}, at(3)).has_value());
    story.starts(at(4)).happens(
        event::PropertiesSet{{{"accuracy", 0.5}, {"good", true}, {"path", std::string("/m \"x\"")}}}, at(5));
    REQUIRE(store->commit({story.save()}, at(5)).has_value());
    REQUIRE(store->commit({story.exits(0, at(6)).ends(JobState::kComplete, at(7)).save()}, at(7)).has_value());

    auto reader = reader_of(*store);
    const std::vector<JobEvent> events = reader->job_events(story.job().id, 0, 100).value();
    CHECK(events == story.events());
    Job replayed;
    for (const JobEvent& event : events) replayed = domain::apply(std::move(replayed), event).value();
    CHECK(replayed == reader->find_job(story.job().id).value().value());
    CHECK(replayed == story.job());
    CHECK(reader->job_events(story.job().id, 5, 2).value() == std::vector{events[5], events[6]});
    CHECK(reader->job_events(JobId("none"), 0, 100).value().empty());
    CHECK(store->load_live().value().jobs.empty());
}

TEST_CASE("a retried replica leaves both attempts in the history") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    const auto run = [&](bool in_one_commit) {
        Changes changes{change::ProjectSaved{project}};
        const auto save = [&] {
            changes.push_back(story.save());
            if (in_one_commit) return;
            REQUIRE(store->commit(changes, at(99)).has_value());
            changes.clear();
        };
        story.is_admitted(at(2));
        save();
        story.is_prepared(at(3)).starts(at(4));
        save();
        story.exits(7, at(5));
        save();
        story.happens(event::ReplicaRetried{"worker-0", 2}, at(6));
        save();
        story.starts(at(7), 2).exits(0, at(8), 2).ends(JobState::kComplete, at(9));
        save();
        if (in_one_commit) {
            REQUIRE(
                store->commit({changes.front(), whole(story)}, at(99)).has_value());
        }
    };
    SUBCASE("in one commit") { run(true); }
    SUBCASE("in several") { run(false); }

    const auto history = reader_of(*store)->list_history({.job = story.job().id}, {}).value().items;
    REQUIRE(history.size() == 2);
    const AttemptRecord &second = history[0], &first = history[1];
    CHECK(first.attempt == 1);
    CHECK(first.state == ReplicaState::kFailed);
    CHECK(first.exit_code == 7);
    CHECK(first.started_at == at(4));
    CHECK(first.ended_at == at(5));
    CHECK(second.attempt == 2);
    CHECK(second.state == ReplicaState::kSucceeded);
    CHECK(second.exit_code == 0);
    CHECK(second.started_at == at(7));
    CHECK(second.ended_at == at(8));
    CHECK(second.node == "node-a");
    CHECK(second.devices == std::vector{0});
    CHECK(second.limits == Quantities{1000, 2LL << 30});
    CHECK(second.image.empty());
}

TEST_CASE("replicas that never ran end with their job, and a job that never got a place has no history") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory placed(project, 1, at(1), "train", 3), queued(project, 2, at(1));
    placed.is_admitted(at(2)).ends(JobState::kStopped, at(3));
    queued.ends(JobState::kStopped, at(3));
    REQUIRE(store->commit({change::ProjectSaved{project}, placed.save(), queued.save()}, at(3)).has_value());
    const auto history = reader_of(*store)->list_history({}, {}).value().items;
    REQUIRE(history.size() == 3);
    for (const AttemptRecord& attempt : history) {
        CHECK(attempt.job == placed.job().id);
        CHECK(attempt.state == ReplicaState::kStopped);
        CHECK(attempt.started_at == Time{});
        CHECK(attempt.ended_at == at(3));
        CHECK_FALSE(attempt.exit_code.has_value());
    }
}

TEST_CASE("equal notices count up, whether they come before or after their job in a commit") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    Notice notice{story.job().id, project.id, true, "OutOfMemory", "engine", "worker-0 used too much", at(1)};
    REQUIRE(
        store->commit({change::ProjectSaved{project}, change::NoticeAdded{notice}, story.save()}, at(1)).has_value());
    notice.at = at(9);
    REQUIRE(store->commit({change::NoticeAdded{notice}}, at(9)).has_value());
    Notice other = notice;
    other.message = "worker-1 used too much";
    other.at = at(4);
    REQUIRE(store->commit({change::NoticeAdded{other}}, at(4)).has_value());
    Notice of_project{JobId(), project.id, false, "Moved", "core", "renamed", at(10)};
    REQUIRE(store->commit({change::NoticeAdded{of_project}, change::NoticeAdded{of_project}}, at(10)).has_value());

    auto reader = reader_of(*store);
    const auto notices = reader->notices(story.job().id, 10).value();
    REQUIRE(notices.size() == 2);
    CHECK(notices[0].notice == notice);
    CHECK(notices[0].count == 2);
    CHECK(notices[0].first_seen == at(1));
    CHECK(notices[1].notice == other);
    const auto all = reader->notices(project.id, 10).value();
    REQUIRE(all.size() == 3);
    CHECK(all[0].notice == of_project);
    CHECK(all[0].count == 2);
}

TEST_CASE("a notice of a job that is not stored is dropped") {
    auto store = in_memory();
    const Project project = a_project("digits");
    REQUIRE(store
                ->commit({change::ProjectSaved{project},
                          change::NoticeAdded{{JobId("gone"), project.id, true, "R", "s", "m", at(1)}}},
                         at(1))
                .has_value());
    CHECK(rows(*store, "notices") == 0);
    CHECK(rows(*store, "change_log") == 1);
}

TEST_CASE("a job keeps only its newest notices") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    Changes changes{change::ProjectSaved{project}, story.save()};
    for (int i = 0; i < 500; ++i) {
        changes.push_back(change::NoticeAdded{
            {story.job().id, project.id, false, "Preparing", "sources", fmt::format("step {}", i), at(i)}});
    }
    REQUIRE(store->commit(changes, at(500)).has_value());
    const auto notices = reader_of(*store)->notices(story.job().id, 1000).value();
    CHECK(notices.size() == 200);
    CHECK(notices.front().notice.message == "step 499");
}

TEST_CASE("a commit that fails leaves nothing, and the store goes on") {
    std::optional<Store::FaultPoint> failing;
    Store::Options options;
    options.fault = [&](Store::FaultPoint point) -> Result<void> {
        if (failing == point) return fail(ErrorCode::kUnavailable, "pulled the plug");
        return {};
    };
    auto store = std::move(Store::open(options)).value();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    REQUIRE(store->commit({change::ProjectSaved{project}}, at(0)).value() == 1);

    SUBCASE("before it is on disk") {
        failing = Store::FaultPoint::kBeforeCommit;
        CHECK(store->commit({story.save()}, at(1)).error().message == "pulled the plug");
        failing.reset();
        CHECK(store->load_live().value().jobs.empty());
        for (const char* table : {"jobs", "job_documents", "job_events", "job_counts"}) CHECK(rows(*store, table) == 0);
        CHECK(store->last_change() == 1);
        CHECK(store->commit({whole(story)}, at(1)).value() == 2);
    }
    SUBCASE("or afterwards, when it stays") {
        failing = Store::FaultPoint::kAfterCommit;
        CHECK_FALSE(store->commit({story.save()}, at(1)).has_value());
        failing.reset();
        CHECK(store->load_live().value().jobs == std::vector{story.job()});
        CHECK(store->last_change() == 2);
    }
    SUBCASE("because core and store disagree") {
        CHECK(store->commit({story.save(), change::BuildCounted{ProjectId("none"), 2}}, at(1)).error().code ==
              ErrorCode::kInternal);
        CHECK(rows(*store, "jobs") == 0);
        // A job of a project that is not there, and an event twice.
        CHECK_FALSE(store->commit({JobStory(a_project("none"), 1, at(1)).save()}, at(1)).has_value());
        REQUIRE(store->commit({whole(story)}, at(1)).has_value());
        CHECK_FALSE(store->commit({whole(story)}, at(1)).has_value());
        CHECK(rows(*store, "job_events") == 1);
    }
}

TEST_CASE("a deleted project takes everything with it") {
    auto store = in_memory();
    const Project gone = a_project("gone"), kept = a_project("kept");
    JobStory ended(gone, 1, at(1)), other(kept, 1, at(1));
    ended.completes(at(2));
    const Notice notice{ended.job().id, gone.id, true, "R", "s", "m", at(1)};
    REQUIRE(store
                ->commit({change::ProjectSaved{gone}, change::ProjectSaved{kept}, change::NoticeAdded{notice},
                          change::KeyUsed{gone.id.str() + "/k", "f", "r", at(1)},
                          change::KeyUsed{kept.id.str() + "/k", "f", "r", at(1)}, ended.save(), other.save()},
                         at(2))
                .has_value());
    CHECK(store->commit({change::ProjectDeleted{gone.id}}, at(3)).value() == 5);
    for (const char* table : {"projects", "jobs", "job_documents", "job_events", "idempotency_keys"}) {
        CAPTURE(table);
        CHECK(rows(*store, table) == 1);
    }
    CHECK(rows(*store, "attempts") == 0);
    CHECK(rows(*store, "notices") == 0);
    auto reader = reader_of(*store);
    CHECK(reader->count_jobs().value() == StateCounts{{JobState::kQueued, 1}});
    CHECK(reader->count_jobs(gone.id).value().empty());
    const ChangeRecord last = reader->changes_after(4, 10).value().changes.at(0);
    CHECK(last.kind == ChangeRecord::Kind::kProject);
    CHECK(last.subject == gone.id.str());
    CHECK(last.deleted);
    // Deleting it again is no error: there is nothing to do.
    CHECK(store->commit({change::ProjectDeleted{gone.id}}, at(4)).value() == 5);
}

TEST_CASE("the jobs of a deleted project are unseen at once and removed in portions, also after a restart") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    const Project gone = a_project("gone"), kept = a_project("kept");
    JobStory first(gone, 1, at(1)), other(kept, 1, at(1));
    Changes changes{change::ProjectSaved{gone}, change::ProjectSaved{kept}, other.save(),
                    first.completes(at(2)).save()};
    changes.push_back(change::NoticeAdded{{first.job().id, gone.id, true, "R", "s", "m", at(1)}});
    for (int build = 2; build <= 100; ++build) {
        changes.push_back(JobStory(gone, build, at(build)).completes(at(build)).save());
    }
    std::unique_ptr<Store> store = std::move(Store::open(options)).value();
    REQUIRE(store->commit(changes, at(100)).has_value());
    REQUIRE(store->commit({change::ProjectDeleted{gone.id}}, at(101)).has_value());
    CHECK(rows(*store, "jobs") == 81);

    auto reader = reader_of(*store);
    CHECK(reader->list_jobs({}, {}).value().items.size() == 1);
    CHECK(reader->list_jobs({.projects = {gone.id}}, {}).value().items.empty());
    CHECK(reader->list_history({}, {}).value().items.empty());
    CHECK(reader->count_jobs().value() == StateCounts{{JobState::kQueued, 1}});
    const JobId still_stored(
        store->connection()
            .prepare("SELECT id FROM jobs WHERE project_id LIKE '%gone' LIMIT 1")
            .and_then([](Statement&& row) { return row.step().map([&](bool) { return row.text(0); }); })
            .value());
    CHECK_FALSE(reader->find_job(still_stored).value().has_value());
    CHECK_FALSE(reader->find_job(gone.id, 100).value().has_value());
    CHECK(reader->job_events(still_stored, 0, 10).value().empty());
    CHECK(reader->notices(gone.id, 10).value().empty());

    reader.reset();
    store.reset();
    store = std::move(Store::open(options)).value();
    REQUIRE(store->commit({change::ProjectSaved{kept}}, at(102)).has_value());
    CHECK(rows(*store, "jobs") == 61);
    int portions = 1;
    while (store->tidy().value()) ++portions;
    CHECK(portions == 4);
    CHECK_FALSE(store->tidy().value());
    for (const char* table : {"jobs", "job_documents", "job_events"}) CHECK(rows(*store, table) == 1);
    for (const char* table : {"attempts", "notices", "deleted_projects"}) CHECK(rows(*store, table) == 0);
}

TEST_CASE("a project that waits to be deleted is one after a crash, and lists say so") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    Project digits = a_project("digits");
    digits.deleting_at = at(3);
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(store->commit({change::ProjectSaved{digits}}, at(3)).has_value());
        CHECK(reader_of(*store)->list_projects("", kEverything, {"", 10})->items.at(0).deleting_at == at(3));
    }
    auto store = std::move(Store::open(options)).value();
    CHECK(store->load_live().value().projects == std::vector{digits});
    REQUIRE(store->commit({change::ProjectDeleted{digits.id}}, at(4)).has_value());
    CHECK(store->load_live().value().projects.empty());
}

TEST_CASE("a reset project keeps its document and begins to count again") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    Project digits = a_project("digits");
    digits.disabled_at = at(3);
    JobStory before(digits, 1, at(1)), after(digits, 1, at(9));
    before.completes(at(4));
    {
        auto store = std::move(Store::open(options)).value();
        const change::KeyUsed key{digits.id.str() + "/key", "print", "result", at(1)};
        const Notice notice{{}, digits.id, true, "Reason", "server", "Words.", at(2)};
        REQUIRE(store
                    ->commit({change::ProjectSaved{digits}, change::BuildCounted{digits.id, 2}, before.save(), key,
                              change::NoticeAdded{notice}, change::RunTimesSaved{{digits.id, "train", {1}}}},
                             at(4))
                    .has_value());
        REQUIRE(
            store->commit({change::JobDeleted{before.job().id}, change::ProjectReset{digits.id}}, at(5)).has_value());
        for (const char* table : {"jobs", "attempts", "job_events", "notices", "idempotency_keys", "run_times"}) {
            CAPTURE(table);
            CHECK(rows(*store, table) == 0);
        }
        const auto reader = reader_of(*store);
        CHECK(reader->list_projects("", kEverything, {"", 10})->items.at(0).disabled_at == at(3));
        REQUIRE(store->commit({change::BuildCounted{digits.id, 2}, after.save()}, at(9)).has_value());
        CHECK(reader->count_jobs(digits.id).value().size() == 1);
        digits.disabled_at = {};
        REQUIRE(store->commit({change::ProjectSaved{digits}, change::BuildCounted{digits.id, 2}}, at(10)).has_value());
        CHECK(reader->list_projects("", kEverything, {"", 10})->items.at(0).disabled_at == Time{});
    }
    digits.next_build = 2;
    CHECK(std::move(Store::open(options)).value()->load_live().value().projects == std::vector{digits});
}

TEST_CASE("a deleted job is gone, its project stays") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    REQUIRE(store->commit({change::ProjectSaved{project}, story.completes(at(2)).save()}, at(2)).has_value());
    REQUIRE(store->commit({change::JobDeleted{story.job().id}}, at(3)).has_value());
    for (const char* table : {"jobs", "job_documents", "job_events", "attempts"}) CHECK(rows(*store, table) == 0);
    auto reader = reader_of(*store);
    CHECK(reader->count_jobs().value().empty());
    const ChangeRecord last = reader->changes_after(2, 10).value().changes.at(0);
    CHECK(last.subject == story.job().id.str());
    CHECK(last.project_id == project.id);
    CHECK(last.deleted);
}

TEST_CASE("the counts of jobs follow their states") {
    auto store = in_memory();
    const Project project = a_project("digits"), other = a_project("other");
    JobStory first(project, 1, at(1)), second(project, 2, at(1)), third(other, 1, at(1));
    REQUIRE(store
                ->commit({change::ProjectSaved{project}, change::ProjectSaved{other}, first.save(), second.save(),
                          third.save()},
                         at(1))
                .has_value());
    REQUIRE(store->commit({first.completes(at(2)).save()}, at(2)).has_value());
    auto reader = reader_of(*store);
    CHECK(reader->count_jobs(project.id).value() == StateCounts{{JobState::kQueued, 1}, {JobState::kComplete, 1}});
    CHECK(reader->count_jobs().value() == StateCounts{{JobState::kQueued, 2}, {JobState::kComplete, 1}});
    CHECK(reader->count_jobs_by_project(kEverything).value().at(other.id) == StateCounts{{JobState::kQueued, 1}});
}

TEST_CASE("keys older than a day go, a portion with each commit") {
    auto store = in_memory();
    Changes changes;
    for (int i = 0; i < 250; ++i) changes.push_back(change::KeyUsed{fmt::format("old-{}", i), "f", "r", at(i)});
    REQUIRE(store->commit(changes, at(300)).has_value());
    const Time later = at(300) + std::chrono::hours(25);
    const auto commit_key = [&](const std::string& name, Time now) {
        REQUIRE(store->commit({change::KeyUsed{name, "f", "r", now}}, now).has_value());
    };
    commit_key("a", later);
    CHECK(rows(*store, "idempotency_keys") == 151);
    commit_key("b", later);
    commit_key("c", later);
    CHECK(rows(*store, "idempotency_keys") == 3);
    auto reader = reader_of(*store);
    CHECK(reader->find_key("b").value()->at == later);
    CHECK_FALSE(reader->find_key("old-1").value().has_value());
}

TEST_CASE("keys are loaded oldest first, and only the newest of very many") {
    auto store = std::move(Store::open({.keys_most = 3})).value();
    Changes changes;
    for (const char* name : {"a", "b", "c", "d", "a"}) changes.push_back(change::KeyUsed{name, "f", "r", at(1)});
    REQUIRE(store->commit(changes, at(1)).has_value());
    std::string order;
    const LiveState live = store->load_live().value();
    for (const change::KeyUsed& key : live.keys) order += key.key;
    CHECK(order == "cda");
}

TEST_CASE("the change log has one row for each thing a commit changed, and is bounded") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db", .changes_kept = 500};
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    {
        auto store = std::move(Store::open(options)).value();
        CHECK(store->commit({}, at(0)).value() == 0);
        CHECK(
            store
                ->commit({change::ProjectSaved{project},
                          change::NoticeAdded{{story.job().id, project.id, false, "R", "s", "m", at(1)}}, story.save()},
                         at(1))
                .value() == 2);
        auto reader = reader_of(*store);
        const ChangeList list = reader->changes_after(0, 10).value();
        REQUIRE(list.changes.size() == 2);
        CHECK(list.first_available == 1);
        CHECK(list.last == 2);
        CHECK(list.changes[0].kind == ChangeRecord::Kind::kProject);
        CHECK(list.changes[1].subject == story.job().id.str());
        CHECK(list.changes[1].state == JobState::kQueued);
        CHECK(list.changes[1].at == at(1));
        // A notice alone is a change of its job as well.
        CHECK(store->commit({change::NoticeAdded{{story.job().id, project.id, false, "R", "s", "m", at(2)}}}, at(2))
                  .value() == 3);
        CHECK(reader->changes_after(2, 10).value().changes.at(0).state == JobState::kQueued);
        Changes many;
        for (int i = 0; i < 200; ++i) many.push_back(change::ProjectSaved{a_project(fmt::format("project-{}", i))});
        for (int i = 0; i < 10; ++i) REQUIRE(store->commit(many, at(3)).has_value());
        const ChangeList trimmed = reader->changes_after(0, 1000).value();
        CHECK(trimmed.last == 2003);
        CHECK(trimmed.first_available == 1504);
        CHECK(trimmed.changes.front().sequence == 1504);
    }
    auto store = std::move(Store::open(options)).value();
    CHECK(store->commit({change::ProjectSaved{project}}, at(3)).value() == 2004);
}

TEST_CASE("a full disk is said, and room on it lets the store go on") {
    const testing::TempFolder folder;
    auto store = std::move(Store::open({.path = folder.path() + "/state.db"})).value();
    Project project = a_project("digits");
    REQUIRE(store->commit({change::ProjectSaved{project}}, at(0)).has_value());
    const std::int64_t pages = store->connection().integer("PRAGMA page_count").value().value();
    REQUIRE(store->limit_pages(pages + 4).has_value());
    Result<std::int64_t> outcome = 0;
    int build = 0;
    std::optional<JobStory> refused;
    while (outcome && build < 1000) {
        ++build;
        refused.emplace(project, build, at(build));
        outcome = store->commit({refused->save()}, at(build));
    }
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == ErrorCode::kExhausted);
    CHECK(outcome.error().message.find("the disk is full") != std::string::npos);
    CHECK(store->load_live().value().jobs.size() == static_cast<std::size_t>(build - 1));
    REQUIRE(store->limit_pages(1'000'000).has_value());
    CHECK(store->commit({whole(*refused)}, at(build)).has_value());
    CHECK(store->load_live().value().jobs.size() == static_cast<std::size_t>(build));
}

TEST_CASE("starting reads nothing of the jobs that have ended") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory live(project, 1, at(1));
    REQUIRE(store->commit({change::ProjectSaved{project}, live.save()}, at(1)).has_value());
    // A hundred thousand that have ended, whose documents nobody could read.
    REQUIRE(store->connection()
                .run("INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, "
                     "submitted_by, cloned_from, replicas, gpus, properties, "
                     "revision, submitted_at) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i "
                     "<= 100000) "
                     "SELECT 'X' || i, ?1, 'digits', 'train', 'general', i, 'Complete', 0, '', 'ada', '', 1, 0, '', 1, "
                     "i FROM n",
                     project.id.str())
                .has_value());
    REQUIRE(store->connection()
                .run("INSERT INTO job_documents (job, document) SELECT seq, 'garbage' FROM jobs WHERE live = 0")
                .has_value());
    REQUIRE(store->connection()
                .run("INSERT INTO job_counts (project_id, state, count) SELECT project_id, state, count(*) FROM jobs "
                     "WHERE live = 0 GROUP BY project_id, state")
                .has_value());
    JobStory last(project, 200'000, at(2));
    REQUIRE(store->commit({last.save()}, at(2)).has_value());

    CHECK(store->load_live().value().jobs == std::vector{live.job(), last.job()});
    int plans = 0;
    const auto all_plans = store->connection().query_plans().value();
    for (const auto& [sql, lines] : all_plans) {
        if (sql.find("j.live = 1") == std::string::npos) continue;
        ++plans;
        REQUIRE(lines.size() == 3);
        CHECK(lines[0].find("USING INDEX jobs_live") != std::string::npos);
        CHECK(lines[1].find("USING INTEGER PRIMARY KEY") != std::string::npos);
        CHECK(lines[2].find("USING PRIMARY KEY (job=? AND sequence=?)") != std::string::npos);
    }
    CHECK(plans == 1);
    CHECK(reader_of(*store)->count_jobs().value() ==
          StateCounts{{JobState::kQueued, 2}, {JobState::kComplete, 100'000}});
}

TEST_CASE("no statement of a commit walks over a table") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    REQUIRE(store
                ->commit({change::ProjectSaved{project}, change::BuildCounted{project.id, 2},
                          change::KeyUsed{"k", "f", "r", at(1)},
                          change::ChoreAdded{{"c", chore::MoveProjectData{"a", "b"}}}, change::ChoreDone{"c"},
                          change::NoticeAdded{{story.job().id, project.id, false, "R", "s", "m", at(1)}},
                          story.is_admitted(at(2))
                              .is_prepared(at(2))
                              .starts(at(2))
                              .exits(1, at(2))
                              .happens(event::ReplicaRetried{"worker-0", 2}, at(2))
                              .save()},
                         at(2))
                .has_value());
    REQUIRE(store
                ->commit({story.ends(JobState::kError, at(3)).save(), change::JobDeleted{story.job().id},
                          change::ProjectDeleted{project.id}},
                         at(3))
                .has_value());
    int seen = 0;
    const auto all_plans = store->connection().query_plans().value();
    for (const auto& [sql, lines] : all_plans) {
        const bool at_start = sql.find("schema_migrations") != std::string::npos ||
                              sql.find("sqlite_master") != std::string::npos ||
                              sql.find("max(sequence)") != std::string::npos;
        if (at_start) continue;
        for (const std::string& line : lines) {
            CAPTURE(sql);
            CAPTURE(line);
            ++seen;
            // The only table that is walked is the one that is nearly always empty.
            const bool walks =
                line.find("SCAN ") != std::string::npos &&
                line != "SCAN deleted_projects USING COVERING INDEX sqlite_autoindex_deleted_projects_1" &&
                line != "SCAN CONSTANT ROW";
            CHECK_FALSE(walks);
        }
    }
    CHECK(seen > 10);
}

TEST_CASE("jobs are counted right when one commit adds, moves and deletes them") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory first(project, 1, at(1)), second(project, 2, at(1)), third(project, 3, at(1));
    REQUIRE(store->commit({change::ProjectSaved{project}, first.save(), second.save()}, at(1)).has_value());
    const change::JobSaved placed = first.is_admitted(at(2)).save();
    const change::JobSaved ended = second.ends(JobState::kStopped, at(2)).save();
    const JobId gone = third.job().id;
    REQUIRE(store->commit({placed, third.save(), ended, change::JobDeleted{gone}}, at(2)).has_value());
    CHECK(reader_of(*store)->count_jobs(project.id).value() ==
          StateCounts{{JobState::kStarting, 1}, {JobState::kStopped, 1}});
    REQUIRE(store->commit({first.ends(JobState::kStopped, at(3)).save(), change::JobDeleted{second.job().id}}, at(3))
                .has_value());
    CHECK(reader_of(*store)->count_jobs(project.id).value() == StateCounts{{JobState::kStopped, 1}});
}

TEST_CASE("docs/state-db.sql is the schema of a new database") {
    auto store = in_memory();
    std::string schema =
        "-- The schema of state.db, as the migrations in src/store/migrations make it. Generated by store_test "
        "with\n-- UPDATE_GOLDEN=1; do not edit.\n";
    Statement statement =
        store->connection().prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").value();
    while (statement.step().value()) schema += "\n" + statement.text(0) + ";\n";
    const std::string path = PINTLE_SOURCE_DIR "/docs/state-db.sql";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        REQUIRE(os::make_folders(PINTLE_SOURCE_DIR "/docs").has_value());
        REQUIRE(os::write_file_atomic(path, schema).has_value());
    }
    CHECK(os::read_file(path).value() == schema);
}

TEST_CASE("a store that cannot be opened says why") {
    const testing::TempFolder folder;
    CHECK(Store::open({.path = folder.path() + "/none/state.db"}).error().code == ErrorCode::kNotFound);
    REQUIRE(os::write_file_atomic(folder.path() + "/state.db", "this is not a database, only a text of some length")
                .has_value());
    const Error damaged = Store::open({.path = folder.path() + "/state.db"}).error();
    CHECK(damaged.code == ErrorCode::kCorrupt);
    CHECK(damaged.message.find(folder.path() + "/state.db") != std::string::npos);
}

TEST_CASE("two databases in memory are two") {
    auto one = in_memory(), two = in_memory();
    REQUIRE(one->commit({change::ProjectSaved{a_project("digits")}}, at(0)).has_value());
    CHECK(reader_of(*two)->list_projects("", kEverything, {}).value().items.empty());
    CHECK(reader_of(*one)->list_projects("", kEverything, {}).value().items.size() == 1);
}
