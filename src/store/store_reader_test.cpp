#include "store/store_reader.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include "base/rng.hpp"
#include "store/reader_pool.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

/// A store with projects and jobs in many states, several of them submitted in the same millisecond.
struct Filled {
    std::unique_ptr<Store> store = std::move(Store::open({})).value();
    std::unique_ptr<StoreReader> reader = std::move(StoreReader::open(store->location())).value();
    std::vector<Project> projects{a_project("digits"), a_project("faces"), a_project("words")};
    std::vector<Job> jobs;  // in the order of submission

    explicit Filled(int count) {
        Rng rng(1);
        Changes changes;
        for (const Project& project : projects) changes.push_back(change::ProjectSaved{project});
        for (int i = 0; i < count; ++i) changes.push_back(some_job(rng, i));
        REQUIRE(store->commit(changes, at(count)).has_value());
    }
    change::JobSaved some_job(Rng& rng, int i) {
        JobStory story(projects[rng.below(projects.size())], i + 1, at(i / 5), rng.chance(30) ? "evaluate" : "train");
        if (rng.chance(80)) story.is_admitted(at(i)).is_prepared(at(i));
        if (rng.chance(70) && story.job().state == JobState::kStarting) {
            story.starts(at(i)).exits(rng.chance(20) ? 1 : 0, at(i));
        }
        if (rng.chance(90)) story.ends(rng.chance(20) ? JobState::kError : JobState::kComplete, at(i));
        jobs.push_back(story.job());
        return story.save();
    }
    /// The ids of all pages, one after the other.
    [[nodiscard]] std::vector<std::string> all(const JobFilter& filter, std::size_t limit,
                                               JobOrder order = JobOrder::kNewestFirst) const {
        std::vector<std::string> ids;
        PageRequest request{"", limit};
        do {
            const Page<JobSummary> page = reader->list_jobs(filter, request, order).value();
            CHECK(page.items.size() <= limit);
            for (const JobSummary& job : page.items) ids.push_back(job.id.str());
            request.cursor = page.next;
        } while (!request.cursor.empty());
        return ids;
    }
    template <class F>
    [[nodiscard]] std::vector<std::string> expected(F&& wanted) const {
        std::vector<std::string> ids;
        for (const Job& job : jobs) {
            if (wanted(job)) ids.insert(ids.begin(), job.id.str());
        }
        return ids;
    }
};

}  // namespace

TEST_CASE("every filter gives the same jobs, in order, whatever the size of the pages") {
    const Filled filled(300);
    struct Case {
        const char* name;
        JobFilter filter;
        std::function<bool(const Job&)> wanted;
    };
    const ProjectId digits = filled.projects[0].id, faces = filled.projects[1].id;
    std::vector<ProjectId> many{digits};
    for (int i = 0; i < 100; ++i) many.emplace_back(id_of('P', i));
    const auto is = [](const Job& job, JobState state) { return job.state == state; };
    const Case cases[] = {
        {"all", {}, [](const Job&) { return true; }},
        {"one project", {.projects = {digits}}, [&](const Job& job) { return job.project_id == digits; }},
        {"two projects",
         {.projects = {digits, faces}},
         [&](const Job& job) { return job.project_id == digits || job.project_id == faces; }},
        {"a task", {.task = "evaluate"}, [&](const Job& job) { return job.spec.task.name == "evaluate"; }},
        {"a task of a project",
         {.projects = {faces}, .task = "train"},
         [&](const Job& job) { return job.project_id == faces && job.spec.task.name == "train"; }},
        {"a state", {.states = {JobState::kError}}, [&](const Job& job) { return is(job, JobState::kError); }},
        {"two states of a project",
         {.projects = {digits}, .states = {JobState::kError, JobState::kQueued}},
         [&](const Job& job) {
             return job.project_id == digits && (is(job, JobState::kError) || is(job, JobState::kQueued));
         }},
        {"a state of a task",
         {.projects = {digits}, .task = "train", .states = {JobState::kComplete}},
         [&](const Job& job) {
             return job.project_id == digits && job.spec.task.name == "train" && is(job, JobState::kComplete);
         }},
        {"live", {.live_only = true}, [](const Job& job) { return !is_final(job.state); }},
        {"live of a project",
         {.projects = {faces}, .live_only = true},
         [&](const Job& job) { return job.project_id == faces && !is_final(job.state); }},
        {"live and complete", {.states = {JobState::kComplete}, .live_only = true}, [](const Job&) { return false; }},
        {"a time",
         {.since = at(10), .until = at(30)},
         [&](const Job& job) { return job.submitted_at >= at(10) && job.submitted_at < at(30); }},
        {"a text in any case",
         {.text = "FACES/Train:1"},
         [&](const Job& job) { return job.display_name().starts_with("faces/train:1"); }},
        {"more projects than walks", {.projects = many}, [&](const Job& job) { return job.project_id == digits; }},
        {"more projects than walks, and a state",
         {.projects = many, .states = {JobState::kError}},
         [&](const Job& job) { return job.project_id == digits && is(job, JobState::kError); }},
        {"nothing", {.projects = {ProjectId("none")}}, [](const Job&) { return false; }},
    };
    for (const Case& one : cases) {
        CAPTURE(one.name);
        std::vector<std::string> expected = filled.expected(one.wanted);
        CHECK(filled.all(one.filter, 7) == expected);
        CHECK(filled.all(one.filter, 1000) == expected);
        std::reverse(expected.begin(), expected.end());
        CHECK(filled.all(one.filter, 10, JobOrder::kOldestFirst) == expected);
    }
}

TEST_CASE("a project given twice does not give its jobs twice") {
    const Filled filled(50);
    const ProjectId digits = filled.projects[0].id;
    CHECK(filled.all({.projects = {digits, digits}}, 10) ==
          filled.expected([&](const Job& job) { return job.project_id == digits; }));
}

TEST_CASE("no job is missed or given twice while others are submitted and end") {
    Filled filled(200);
    const std::vector<std::string> before = filled.expected([](const Job&) { return true; });
    Rng rng(9);
    for (const JobOrder order : {JobOrder::kNewestFirst, JobOrder::kOldestFirst}) {
        std::vector<std::string> seen;
        PageRequest request{"", 13};
        int number = 1000 + static_cast<int>(order) * 1000;
        do {
            const Page<JobSummary> page = filled.reader->list_jobs({}, request, order).value();
            for (const JobSummary& job : page.items) seen.push_back(job.id.str());
            request.cursor = page.next;
            if (number % 1000 < 50) {
                REQUIRE(filled.store->commit({filled.some_job(rng, number++)}, at(number)).has_value());
            }
        } while (!request.cursor.empty());
        CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == seen.size());
        for (const std::string& id : before) CHECK(std::count(seen.begin(), seen.end(), id) == 1);
    }
}

TEST_CASE("a summary says of a job what the job says") {
    auto store = std::move(Store::open({})).value();
    const Project project = a_project("digits");
    JobStory story(project, 3, at(1), "train", 2);
    story.is_admitted(at(2)).is_prepared(at(3)).happens(
        event::PropertiesSet{{{"accuracy", 0.97}, {"done", true}, {"path", std::string("/m")}}}, at(4));
    REQUIRE(store->commit({change::ProjectSaved{project}, story.save()}, at(4)).has_value());
    auto reader = std::move(StoreReader::open(store->location())).value();
    const JobSummary job = reader->list_jobs({}, {}).value().items.at(0);
    CHECK(job.id == story.job().id);
    CHECK(job.display_name() == "digits/train:3");
    CHECK(job.kind == TaskKind::kTraining);
    CHECK(job.state == JobState::kStarting);
    CHECK(job.reason == "starting its replicas");
    CHECK(job.submitted_by == "ada");
    CHECK(job.replicas == 2);
    CHECK(job.gpus == 2);
    CHECK(job.properties == story.job().properties);
    CHECK(job.revision == 4);
    CHECK(job.submitted_at == at(1));
    CHECK(job.started_at == at(2));
    CHECK(job.running_at == Time{});
    CHECK(reader->find_job(project.id, 3).value() == story.job());
    CHECK_FALSE(reader->find_job(project.id, 4).value().has_value());
    CHECK_FALSE(reader->find_job(JobId("none")).value().has_value());
}

TEST_CASE("a hostile filter finds nothing and breaks nothing") {
    const Filled filled(20);
    for (const std::string& text : {std::string("'; DROP TABLE jobs; --"), std::string("%"), std::string("_"),
                                    std::string("\0x", 2), std::string("\xff\xfe"), std::string("\\")}) {
        CHECK(filled.reader->list_jobs({.text = text}, {}).value().items.empty());
        CHECK(filled.reader->list_jobs({.task = text}, {}).value().items.empty());
        CHECK(filled.reader->list_jobs({.projects = {ProjectId(text)}, .task = text}, {}).value().items.empty());
        CHECK(filled.reader->list_projects(text, kEverything, {}).value().items.empty());
        CHECK(filled.reader->list_history({.task = text}, {}).value().items.empty());
        CHECK_FALSE(filled.reader->find_project_named(text, kDefaultGroup).value().has_value());
        CHECK_FALSE(filled.reader->find_key(text).value().has_value());
    }
    CHECK(filled.reader->list_jobs({}, {}).value().items.size() == 20);
    CHECK(filled.reader->list_jobs({.text = std::string(201, 'x')}, {}).error().code == ErrorCode::kInvalid);
    CHECK(filled.reader->list_jobs({.projects = std::vector<ProjectId>(10'001)}, {}).error().code ==
          ErrorCode::kInvalid);
}

TEST_CASE("a wrong cursor or limit is refused with what is right") {
    const Filled filled(20);
    const std::string newest = filled.reader->list_jobs({}, {.limit = 5}).value().next;
    REQUIRE_FALSE(newest.empty());
    for (const std::string& cursor : {std::string("x"), std::string("n"), std::string("n1"), std::string("n1.2.3"),
                                      std::string("n99999999999999999999.1"), std::string("a1.1"),
                                      std::string(1000, 'n'), std::string("n1.\xff")}) {
        CAPTURE(cursor);
        CHECK(filled.reader->list_jobs({}, {.cursor = cursor}).error().code == ErrorCode::kInvalid);
    }
    CHECK(filled.reader->list_jobs({}, {.cursor = newest}, JobOrder::kOldestFirst).error().code == ErrorCode::kInvalid);
    CHECK(filled.reader->list_history({}, {.cursor = newest}).error().code == ErrorCode::kInvalid);
    CHECK(filled.reader->list_projects("", kEverything, {.cursor = newest}).error().code == ErrorCode::kInvalid);
    CHECK(filled.reader->list_jobs({}, {.limit = 0}).error().code == ErrorCode::kInvalid);
    CHECK(filled.reader->list_jobs({}, {.limit = 1001}).error().message ==
          "limit: expected a whole number from 1 to 1000, got 1001");
    CHECK(filled.reader->notices(filled.projects[0].id, 1001).error().code == ErrorCode::kInvalid);
    CHECK(filled.reader->changes_after(0, 0).error().code == ErrorCode::kInvalid);
}

TEST_CASE("projects are listed by name and found by id and name") {
    const Filled filled(0);
    const Page<ProjectSummary> first = filled.reader->list_projects("", kEverything, {.limit = 2}).value();
    REQUIRE(first.items.size() == 2);
    CHECK(first.items[0].name == "digits");
    CHECK(first.items[0].tasks == std::vector<std::string>{"train", "evaluate"});
    CHECK(first.items[1].name == "faces");
    const Page<ProjectSummary> second =
        filled.reader->list_projects("", kEverything, {.cursor = first.next, .limit = 2}).value();
    REQUIRE(second.items.size() == 1);
    CHECK(second.next.empty());
    CHECK(filled.reader->list_projects("what FACES", kEverything, {}).value().items.at(0).name == "faces");
    CHECK(filled.reader->find_project(filled.projects[2].id).value() == filled.projects[2]);
    CHECK(filled.reader->find_project_named("words", kDefaultGroup).value() == filled.projects[2]);
    CHECK_FALSE(filled.reader->find_project_named("nothing", kDefaultGroup).value().has_value());
}

TEST_CASE("projects are listed by what changed last, in pages that go on where the last one ended") {
    Filled filled(0);
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < filled.projects.size(); ++i) {
        filled.projects[i].updated_at = at(static_cast<int>(i + 1));
        REQUIRE(filled.store->commit({change::ProjectSaved{filled.projects[i]}}, at(10)).has_value());
        expected.insert(expected.begin(), filled.projects[i].spec.name);
    }
    std::vector<std::string> seen;
    PageRequest request{"", 1};
    do {
        const auto page = filled.reader->list_projects("", kEverything, request, ProjectOrder::kChange).value();
        for (const ProjectSummary& project : page.items) seen.push_back(project.name);
        request.cursor = page.next;
    } while (!request.cursor.empty());
    CHECK(seen == expected);
    CHECK(filled.reader->count_projects(kEverything).value() == 3);
    const auto plans = filled.reader->connection().query_plans().value();
    for (const auto& [sql, lines] : plans) {
        for (const std::string& line : lines) CHECK_MESSAGE(line.find("TEMP B-TREE") == std::string::npos, sql);
    }
    // Cursors of another order, and those that are nobody's.
    const std::string by_name = filled.reader->list_projects("", kEverything, {.limit = 1}).value().next;
    for (const std::string& cursor : {by_name, std::string("cP1.soon"), std::string("c"), std::string("cP1.")}) {
        CAPTURE(cursor);
        const auto page = filled.reader->list_projects("", kEverything, {.cursor = cursor}, ProjectOrder::kChange);
        if (cursor != "cP1.") CHECK(page.error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("a search of projects ends with one answer, however many do not match") {
    Filled filled(0);
    Changes changes;
    for (int i = 0; i < 6000; ++i)
        changes.push_back(change::ProjectSaved{a_project("other-" + std::to_string(10'000 + i))});
    changes.push_back(change::ProjectSaved{a_project("wanted")});
    REQUIRE(filled.store->commit(changes, at(1)).has_value());
    for (const ProjectOrder order : {ProjectOrder::kName, ProjectOrder::kChange}) {
        const auto page = filled.reader->list_projects("wanted", kEverything, {.limit = 6}, order).value();
        REQUIRE(page.items.size() == 1);
        CHECK(page.next.empty());
    }
}

TEST_CASE("a renamed project is found under its new name alone") {
    Filled filled(0);
    Project renamed = filled.projects[0];
    renamed.spec.name = "numbers";
    renamed.revision = 2;
    REQUIRE(filled.store->commit({change::ProjectSaved{renamed}}, at(1)).has_value());
    CHECK_FALSE(filled.reader->find_project_named("digits", kDefaultGroup).value().has_value());
    CHECK(filled.reader->find_project_named("numbers", kDefaultGroup).value() == renamed);
    CHECK(filled.reader->list_projects("", kEverything, {}).value().items.size() == 3);
}

TEST_CASE("the history can be narrowed and paged") {
    const Filled filled(200);
    const auto all_of = [&](const AttemptFilter& filter, std::size_t limit) {
        std::vector<AttemptRecord> found;
        PageRequest request{"", limit};
        do {
            const auto page = filled.reader->list_history(filter, request).value();
            found.insert(found.end(), page.items.begin(), page.items.end());
            request.cursor = page.next;
        } while (!request.cursor.empty());
        return found;
    };
    const auto everything = all_of({}, 1000);
    REQUIRE(everything.size() > 100);
    CHECK(all_of({}, 7).size() == everything.size());
    const auto count = [&](auto&& wanted) {
        return static_cast<std::size_t>(std::count_if(everything.begin(), everything.end(), wanted));
    };
    const ProjectId digits = filled.projects[0].id;
    CHECK(all_of({.project = digits}, 9).size() ==
          count([&](const AttemptRecord& a) { return a.project_id == digits; }));
    CHECK(all_of({.task = "evaluate"}, 9).size() ==
          count([&](const AttemptRecord& a) { return a.task == "evaluate"; }));
    CHECK(all_of({.state = ReplicaState::kFailed}, 9).size() ==
          count([&](const AttemptRecord& a) { return a.state == ReplicaState::kFailed; }));
    CHECK(all_of({.project = digits, .task = "train", .state = ReplicaState::kFailed}, 2).size() ==
          count([&](const AttemptRecord& a) {
              return a.project_id == digits && a.task == "train" && a.state == ReplicaState::kFailed;
          }));
    const JobId job = everything[0].job;
    REQUIRE(all_of({.job = job}, 9).size() == 1);
    CHECK(all_of({.project = filled.projects[0].id, .job = job}, 9).size() ==
          (everything[0].project_id == filled.projects[0].id ? 1 : 0));
}

TEST_CASE("no read walks over the jobs, the events or the history without an index") {
    const Filled filled(30);
    StoreReader& reader = *filled.reader;
    const ProjectId project = filled.projects[0].id;
    const std::vector<ProjectId> several{project, filled.projects[1].id};
    std::vector<ProjectId> many{project};
    for (int i = 0; i < 100; ++i) many.emplace_back(id_of('P', i));
    for (const JobOrder order : {JobOrder::kNewestFirst, JobOrder::kOldestFirst}) {
        for (const std::vector<ProjectId>& projects : {std::vector<ProjectId>{}, {project}, several, many}) {
            for (const char* task : {"", "train"}) {
                for (const std::vector<JobState>& states :
                     {std::vector<JobState>{}, {JobState::kError}, {JobState::kError, JobState::kComplete}}) {
                    for (const bool live_only : {false, true}) {
                        REQUIRE(reader.list_jobs({projects, task, states, live_only, "x", at(1), at(20)}, {}, order)
                                    .has_value());
                    }
                }
            }
        }
    }
    REQUIRE(reader.find_job(filled.jobs[0].id).has_value());
    REQUIRE(reader.find_job(project, 1).has_value());
    REQUIRE(reader.job_events(filled.jobs[0].id, 0, 10).has_value());
    REQUIRE(reader.notices(filled.jobs[0].id, 10).has_value());
    REQUIRE(reader.notices(project, 10).has_value());
    REQUIRE(reader.changes_after(3, 10).has_value());
    REQUIRE(reader.find_key("k").has_value());
    for (const AttemptFilter& filter :
         {AttemptFilter{}, AttemptFilter{.project = project}, AttemptFilter{.job = filled.jobs[0].id},
          AttemptFilter{.state = ReplicaState::kFailed},
          AttemptFilter{.project = project, .state = ReplicaState::kFailed}}) {
        REQUIRE(reader.list_history(filter, {}).has_value());
    }
    std::size_t lists = 0;
    const auto all_plans = reader.connection().query_plans().value();
    for (const auto& [sql, lines] : all_plans) {
        const bool one_end =
            sql.find("max(sequence)") != std::string::npos || sql.find("min(sequence)") != std::string::npos;
        if (one_end) continue;
        if (sql.find("FROM jobs INDEXED BY") != std::string::npos) ++lists;
        for (const std::string& line : lines) {
            CAPTURE(sql);
            CAPTURE(line);
            // The only table that is walked is the one that is nearly always empty.
            const bool walks =
                line.find("SCAN ") != std::string::npos &&
                line != "SCAN deleted_projects USING COVERING INDEX sqlite_autoindex_deleted_projects_1" &&
                line != "SCAN CONSTANT ROW";
            CHECK_FALSE(walks);
            CHECK(line.find("TEMP B-TREE") == std::string::npos);
        }
    }
    CHECK(lists == 10);
}

TEST_CASE("a page examines a bounded number of rows and says where to go on") {
    auto store = std::move(Store::open({})).value();
    const Project project = a_project("digits");
    JobStory wanted(project, 1, at(0), "needle");
    REQUIRE(store->commit({change::ProjectSaved{project}, wanted.save()}, at(0)).has_value());
    REQUIRE(store->connection()
                .run("INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, "
                     "submitted_by, cloned_from, replicas, gpus, properties, "
                     "revision, submitted_at) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i "
                     "<= 12000) "
                     "SELECT 'X' || i, ?1, 'digits', 'train', 'general', i, 'Complete', 0, '', 'ada', '', 1, 0, '', 1, "
                     "?2 + i FROM n",
                     project.id.str(), at(0))
                .has_value());
    auto reader = std::move(StoreReader::open(store->location())).value();
    PageRequest request;
    std::vector<std::size_t> sizes;
    do {
        const auto page = reader->list_jobs({.text = "needle"}, request).value();
        sizes.push_back(page.items.size());
        request.cursor = page.next;
    } while (!request.cursor.empty());
    CHECK(sizes == std::vector<std::size_t>{0, 0, 1});
}

TEST_CASE("a reader cannot write") {
    const Filled filled(0);
    CHECK(filled.reader->connection().run("DELETE FROM projects").error().code == ErrorCode::kDenied);
}

TEST_CASE("many threads read through a pool while the store commits, each seeing one moment") {
    const testing::TempFolder folder;
    auto store = std::move(Store::open({.path = folder.path() + "/state.db"})).value();
    const Project project = a_project("digits");
    REQUIRE(store->commit({change::ProjectSaved{project}}, at(0)).has_value());
    auto pool = std::move(ReaderPool::open(store->location(), 2)).value();
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0, reads = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            do {
                const Result<bool> whole = pool->with([&](StoreReader& reader) -> Result<bool> {
                    const std::int64_t counted = TRY(reader.count_jobs(project.id))[JobState::kQueued];
                    return static_cast<std::int64_t>(TRY(reader.list_jobs({}, {.limit = 1000})).items.size()) ==
                           counted;
                });
                if (!whole || !*whole) ++torn;
                ++reads;
            } while (!done);
        });
    }
    for (int build = 1; build <= 100; ++build) {
        CHECK(store->commit({JobStory(project, build, at(build)).save()}, at(build)).has_value());
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(torn == 0);
    CHECK(reads >= 4);
    CHECK(pool->with([](StoreReader& reader) { return reader.count_jobs(); }).value() ==
          StateCounts{{JobState::kQueued, 100}});
}
