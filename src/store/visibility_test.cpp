#include <algorithm>

#include <doctest/doctest.h>

#include "base/rng.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

using Look = Viewer::Scope;
using Names = std::vector<std::string>;

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

User a_user(const std::string& name, const std::string& group) {
    User user;
    user.id = UserId("U-" + name);
    user.name = name;
    user.status = UserStatus::kOnboarded;
    user.group = GroupId(group);
    return user;
}

/// Two groups: ana and ben of "red", cleo of "blue". Everybody owns projects, some nobody owns; jobs of all of them
/// were submitted in all of them.
struct World {
    std::unique_ptr<Store> store = std::move(Store::open({})).value();
    std::unique_ptr<StoreReader> reader = std::move(StoreReader::open(store->location())).value();
    std::map<UserId, GroupId> groups;
    std::vector<Project> projects;
    std::vector<Job> jobs;  // in the order of submission

    World() {
        Changes changes;
        for (const User& user : {a_user("ana", "red"), a_user("ben", "red"), a_user("cleo", "blue")}) {
            groups[user.id] = user.group;
            changes.push_back(change::UserSaved{user});
        }
        for (const char* name : {"a-ana", "b-ben", "c-cleo", "d-ana", "e-nobody"}) {
            Project project = a_project(name);
            const std::string owner = std::string(name).substr(2);
            if (owner != "nobody") project.owner = UserId("U-" + owner);
            projects.push_back(project);
            changes.push_back(change::ProjectSaved{project});
        }
        Rng rng(7);
        for (int i = 0; i < 300; ++i) changes.push_back(some_job(rng, i));
        REQUIRE(store->commit(changes, at(300)).has_value());
    }
    change::JobSaved some_job(Rng& rng, int i) {
        const char* const owners[] = {"U-ana", "U-ben", "U-cleo", ""};
        JobStory story(projects[rng.below(projects.size())], i + 1, at(i / 4), rng.chance(40) ? "evaluate" : "train", 1,
                       UserId(owners[rng.below(4)]));
        if (rng.chance(70)) story.is_admitted(at(i)).is_prepared(at(i)).starts(at(i)).exits(0, at(i));
        if (rng.chance(70)) story.ends(rng.chance(20) ? JobState::kError : JobState::kComplete, at(i));
        jobs.push_back(story.job());
        return story.save();
    }
    void move(const std::string& name, const std::string& group) {
        const User user = a_user(name, group);
        groups[user.id] = user.group;
        REQUIRE(store->commit({change::UserSaved{user}}, at(400)).has_value());
    }

    [[nodiscard]] bool sees(const Viewer& viewer, const Project& project) const {
        return !project.owner.empty() && (project.owner == viewer.user || groups.at(project.owner) == viewer.group);
    }
    [[nodiscard]] bool expects(const Viewer& viewer, const Project& project) const {
        const bool mine = project.owner == viewer.user;
        switch (viewer.scope) {
            case Look::kOwned: return sees(viewer, project) && mine;
            case Look::kShared: return sees(viewer, project) && !mine;
            case Look::kAll: return sees(viewer, project);
            case Look::kEvery: return true;
        }
        return false;
    }
    [[nodiscard]] bool expects(const Viewer& viewer, const Job& job) const {
        const auto project = std::find_if(projects.begin(), projects.end(),
                                          [&](const Project& one) { return one.id == job.project_id; });
        const bool mine = !viewer.user.empty() && job.owner == viewer.user, seen = sees(viewer, *project);
        switch (viewer.scope) {
            case Look::kOwned: return mine;
            case Look::kShared: return seen && !mine;
            case Look::kAll: return seen || mine;
            case Look::kEvery: return true;
        }
        return false;
    }
    [[nodiscard]] static std::vector<Viewer> viewers() {
        std::vector<Viewer> all;
        for (const Look scope : {Look::kOwned, Look::kShared, Look::kAll, Look::kEvery}) {
            for (const char* user : {"U-ana", "U-ben", "U-cleo", "U-stranger", ""}) {
                for (const char* group : {"red", "blue", "green", ""}) {
                    all.push_back({UserId(user), GroupId(group), scope});
                }
            }
        }
        return all;
    }
};

template <class Read>
Names all_pages(const Read& read) {
    Names ids;
    PageRequest request{"", 17};
    do {
        const auto page = read(request).value();
        for (const auto& item : page.items) ids.push_back(item.id.str());
        request.cursor = page.next;
    } while (!request.cursor.empty());
    return ids;
}

template <class Items, class Wanted>
Names ids_of(const Items& items, const Wanted& wanted) {
    Names ids;
    for (const auto& item : items) {
        if (wanted(item)) ids.push_back(item.id.str());
    }
    return ids;
}

}  // namespace

TEST_CASE("a viewer sees projects of theirs and of their group, and nothing that is nobody's") {
    World world;
    const auto check_all = [&] {
        for (const Viewer& viewer : World::viewers()) {
            CAPTURE(viewer.user.str());
            CAPTURE(viewer.group.str());
            CAPTURE(static_cast<int>(viewer.scope));
            const auto wanted = [&](const Project& project) { return world.expects(viewer, project); };
            for (const std::size_t limit : {1, 2, 100}) {
                const auto listed = [&](ProjectOrder order) {
                    Names seen;
                    PageRequest request{"", limit};
                    do {
                        const auto page = world.reader->list_projects("", viewer, request, order).value();
                        for (const ProjectSummary& project : page.items) seen.push_back(project.id.str());
                        request.cursor = page.next;
                    } while (!request.cursor.empty());
                    return seen;
                };
                CHECK(listed(ProjectOrder::kName) == ids_of(world.projects, wanted));
                Names by_change = listed(ProjectOrder::kChange);
                Names all = ids_of(world.projects, wanted);
                std::sort(by_change.begin(), by_change.end());
                std::sort(all.begin(), all.end());
                CHECK(by_change == all);
                CHECK(world.reader->count_projects(viewer).value() == static_cast<std::int64_t>(all.size()));
            }
            StateCounts sum;
            for (const Project& project : world.projects) {
                CHECK(world.reader->may_see_project(viewer, project.id).value() == wanted(project));
                const auto named = world.reader->find_projects_named(project.spec.name, viewer).value();
                CHECK(named.size() == (wanted(project) ? 1 : 0));
                const StateCounts counts = world.reader->count_jobs(project.id).value();
                for (const auto& [state, count] : counts) sum[state] += wanted(project) ? count : 0;
            }
            std::erase_if(sum, [](const auto& count) { return count.second == 0; });
            CHECK(world.reader->count_jobs(viewer).value() == sum);
        }
    };
    check_all();
    SUBCASE("and when somebody moves, at once what the new group sees") {
        world.move("ben", "blue");
        check_all();
    }
    SUBCASE("and when a project is given away, its new owner's group") {
        world.projects[0].owner = UserId("U-cleo");
        REQUIRE(world.store->commit({change::ProjectSaved{world.projects[0]}}, at(401)).has_value());
        check_all();
    }
    CHECK_FALSE(world.reader->may_see_project(kEverything, ProjectId("none")).value());
    const ProjectSummary first = world.reader->list_projects("A-ANA", kEverything, {}).value().items.at(0);
    CHECK(first.owner == world.projects[0].owner);
    CHECK(first.owner_name == (first.owner == UserId("U-cleo") ? "cleo" : "ana"));
    CHECK(first.home == kDefaultGroup);
}

TEST_CASE("a viewer sees jobs of the projects they see and their own wherever they are, whatever else is asked") {
    World world;
    for (const Viewer& viewer : World::viewers()) {
        CAPTURE(viewer.user.str());
        CAPTURE(viewer.group.str());
        CAPTURE(static_cast<int>(viewer.scope));
        const ProjectId digits = world.projects[0].id, others = world.projects[2].id;
        const auto check_that = [&](JobFilter filter, auto&& wanted) {
            filter.viewer = viewer;
            Names expected =
                ids_of(world.jobs, [&](const Job& job) { return world.expects(viewer, job) && wanted(job); });
            const auto read = [&](JobOrder order) {
                return all_pages([&](const PageRequest& page) { return world.reader->list_jobs(filter, page, order); });
            };
            CHECK(read(JobOrder::kOldestFirst) == expected);
            std::reverse(expected.begin(), expected.end());
            CHECK(read(JobOrder::kNewestFirst) == expected);
        };
        check_that({}, [](const Job&) { return true; });
        check_that({.projects = {digits}}, [&](const Job& job) { return job.project_id == digits; });
        check_that({.projects = {digits, others}},
                   [&](const Job& job) { return job.project_id == digits || job.project_id == others; });
        check_that({.task = "evaluate"}, [](const Job& job) { return job.spec.task.name == "evaluate"; });
        check_that({.states = {JobState::kError}}, [](const Job& job) { return job.state == JobState::kError; });
        check_that({.states = {JobState::kError, JobState::kQueued}},
                   [](const Job& job) { return job.state == JobState::kError || job.state == JobState::kQueued; });
        check_that({.live_only = true}, [](const Job& job) { return !is_final(job.state); });
        check_that({.owner = UserId("U-ben")}, [](const Job& job) { return job.owner == UserId("U-ben"); });
        check_that({.projects = {others}, .owner = UserId("U-ben")},
                   [&](const Job& job) { return job.owner == UserId("U-ben") && job.project_id == others; });
        check_that({.pool = kDefaultPool}, [](const Job&) { return true; });
        check_that({.pool = PoolId("P1")}, [](const Job&) { return false; });

        const auto history = [&](AttemptFilter filter, auto&& wanted) {
            filter.viewer = viewer;
            Names seen;
            PageRequest request{"", 17};
            do {
                const auto page = world.reader->list_history(filter, request).value();
                for (const AttemptRecord& attempt : page.items) seen.push_back(attempt.job.str());
                request.cursor = page.next;
            } while (!request.cursor.empty());
            std::reverse(seen.begin(), seen.end());
            CHECK(seen == ids_of(world.jobs, [&](const Job& job) {
                      return world.expects(viewer, job) && !job.replicas[0].placement.node.empty() && wanted(job);
                  }));
        };
        history({}, [](const Job&) { return true; });
        history({.project = others}, [&](const Job& job) { return job.project_id == others; });
        history({.job = world.jobs[5].id}, [&](const Job& job) { return job.id == world.jobs[5].id; });
        history({.state = ReplicaState::kSucceeded},
                [](const Job& job) { return job.replicas[0].state == ReplicaState::kSucceeded; });
    }
}

TEST_CASE("a viewer hears of what they see, and that what they saw is gone") {
    World world;
    REQUIRE(world.store->commit({change::ProjectDeleted{world.projects[0].id}}, at(500)).has_value());
    const ChangeList list = world.reader->changes_after(0, 1000).value();
    const ChangeRecord& gone = list.changes.back();
    CHECK(gone.deleted);
    CHECK(gone.owner == UserId("U-ana"));
    for (const Viewer& viewer : World::viewers()) {
        CAPTURE(viewer.user.str());
        CAPTURE(viewer.group.str());
        CAPTURE(static_cast<int>(viewer.scope));
        CHECK(world.reader->may_see_change(viewer, gone).value() == world.expects(viewer, world.projects[0]));
        for (const ChangeRecord& change : list.changes) {
            if (change.project_id == world.projects[0].id || viewer.scope == Look::kEvery) continue;
            const bool heard = world.reader->may_see_change(viewer, change).value();
            if (change.kind == ChangeRecord::Kind::kProject) {
                const auto project = std::find_if(world.projects.begin(), world.projects.end(),
                                                  [&](const Project& one) { return one.id.str() == change.subject; });
                CHECK(heard == world.expects(viewer, *project));
            } else {
                const auto job = std::find_if(world.jobs.begin(), world.jobs.end(),
                                              [&](const Job& one) { return one.id.str() == change.subject; });
                CHECK(heard == world.expects(viewer, *job));
            }
        }
    }
}

namespace {

/// A hundred thousand jobs in a thousand projects of a hundred owners. The first of them, whose jobs are the oldest, is
/// in the group "few", the others are in "many".
struct Crowd {
    std::unique_ptr<Store> store = std::move(Store::open({})).value();
    std::unique_ptr<StoreReader> reader = std::move(StoreReader::open(store->location())).value();

    Crowd() {
        const auto run = [&](const char* sql) { REQUIRE(store->connection().run(sql).has_value()); };
        run("INSERT INTO users (id, name, role, status, group_id, password_hash, created_at, updated_at) "
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99) "
            "SELECT 'U' || i, 'user ' || i, 'data scientist', 'onboarded', iif(i < 1, 'few', 'many'), '', 1, 1 FROM n");
        run("INSERT INTO projects (id, name, owner, home, summary, tasks, revision, next_build, created_at, "
            "updated_at, document) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
            "SELECT 'P' || i, 'project-' || i, 'U' || (i / 10), 'default', '', 'train', 1, 1, 1, 1, '{}' FROM n");
        run("INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, submitted_by, "
            "cloned_from, replicas, gpus, properties, revision, submitted_at, owner) "
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) "
            "SELECT 'J' || i, 'P' || (i / 100), 'digits', 'train', 'general', i, "
            "iif(i % 10 = 0, 'Error', 'Complete'), 0, '', 'ada', '', 1, 0, '', 1, i, 'U' || (i / 1000) FROM n");
        run("INSERT INTO job_counts (project_id, state, count) SELECT project_id, state, count(*) FROM jobs "
            "GROUP BY project_id, state");
    }
};

}  // namespace

TEST_CASE("a viewer who sees little of very much reads little, and one who sees nothing reads nothing") {
    Crowd crowd;
    const auto pages_of = [&](const JobFilter& filter) {
        std::size_t pages = 0, jobs = 0;
        PageRequest request{"", 1000};
        do {
            const auto page = crowd.reader->list_jobs(filter, request).value();
            ++pages;
            jobs += page.items.size();
            request.cursor = page.next;
        } while (!request.cursor.empty());
        return std::pair(pages, jobs);
    };
    using Found = std::pair<std::size_t, std::size_t>;  // pages, jobs
    // Were it found by walking over all jobs, its first pages would be empty.
    const Viewer few{UserId("U0"), GroupId("few")}, nobody{UserId("none"), GroupId("none")};
    CHECK(pages_of({.viewer = few}) == Found{1, 1000});
    CHECK(pages_of({.states = {JobState::kError}, .viewer = few}) == Found{1, 100});
    CHECK(pages_of({.viewer = Viewer{UserId("U0"), GroupId("none"), Look::kOwned}}) == Found{1, 1000});
    CHECK(pages_of({.viewer = nobody}) == Found{1, 0});
    CHECK(pages_of({.states = {JobState::kError}, .viewer = nobody}) == Found{1, 0});
    CHECK(pages_of({.projects = {ProjectId("P999")}, .viewer = few}) == Found{1, 0});
    CHECK(pages_of({.owner = UserId("U0")}) == Found{1, 1000});
    // Of one who sees nearly everything the walk is bounded, as it is for any filter.
    CHECK(crowd.reader->list_jobs({.viewer = Viewer{UserId("U5"), GroupId("many")}}, {}).value().items.size() == 100);
    CHECK(crowd.reader->list_jobs({.viewer = Viewer{UserId("U0"), GroupId("many"), Look::kShared}}, {})
              .value()
              .items.size() == 100);
    const auto projects = crowd.reader->list_projects("", few, {}).value();
    CHECK(projects.items.size() == 10);
    CHECK(projects.next.empty());
    CHECK(crowd.reader->list_projects("", nobody, {}).value().next.empty());
    CHECK(crowd.reader->list_history({.viewer = nobody}, {}).value().next.empty());
}

TEST_CASE("no read for a viewer walks over a table") {
    World world;
    StoreReader& reader = *world.reader;
    const ProjectId project = world.projects[0].id;
    for (const Viewer& viewer : World::viewers()) {
        for (const bool live_only : {false, true}) {
            for (const std::vector<JobState>& states : {std::vector<JobState>{}, {JobState::kError}}) {
                JobFilter filter{.states = states, .live_only = live_only, .viewer = viewer};
                REQUIRE(reader.list_jobs(filter, {}).has_value());
                filter.projects = {project};
                REQUIRE(reader.list_jobs(filter, {}, JobOrder::kOldestFirst).has_value());
                filter.owner = UserId("U-ana");
                filter.pool = kDefaultPool;
                REQUIRE(reader.list_jobs(filter, {}).has_value());
            }
        }
        REQUIRE(reader.list_projects("a", viewer, {}).has_value());
        REQUIRE(reader.find_projects_named("a-ana", viewer).has_value());
        REQUIRE(reader.list_history({.viewer = viewer}, {}).has_value());
        REQUIRE(reader.list_history({.project = project, .viewer = viewer}, {}).has_value());
        if (viewer.scope != Look::kEvery) REQUIRE(reader.count_jobs(viewer).has_value());
        REQUIRE(reader.may_see_change(viewer, {1, at(1), ChangeRecord::Kind::kJob, "J", project, {}, false, {}}));
    }
    REQUIRE(reader.jobs_of_pool_between(kDefaultPool, at(1), at(2), 10).has_value());
    REQUIRE(reader.find_user(UserId("U-ana")).has_value());
    REQUIRE(reader.find_user_named("ana").has_value());
    REQUIRE(reader.find_user_external({"a", "b"}).has_value());
    for (const std::optional<GroupId>& group : {std::optional<GroupId>(), std::optional(GroupId("red"))}) {
        REQUIRE(reader.list_users({"a", group, true}, {}).has_value());
    }
    REQUIRE(reader.find_token("x").has_value());
    REQUIRE(reader.find_session("x").has_value());
    REQUIRE(reader.find_invite("x").has_value());
    REQUIRE(reader.list_tokens(UserId("U-ana")).has_value());
    REQUIRE(reader.list_sessions(UserId("U-ana")).has_value());
    REQUIRE(reader.list_audit({}, {}).has_value());
    REQUIRE(reader.list_audit({.actor = "ana"}, {}).has_value());
    int seen = 0;
    const auto all_plans = reader.connection().query_plans().value();
    for (const auto& [sql, lines] : all_plans) {
        for (const std::string& line : lines) {
            CAPTURE(sql);
            CAPTURE(line);
            ++seen;
            // The newest of the whole history of attempts is at the end of its table.
            const bool walks =
                line.find("SCAN ") != std::string::npos &&
                line != "SCAN deleted_projects USING COVERING INDEX sqlite_autoindex_deleted_projects_1";
            CHECK_FALSE(walks);
            CHECK(line.find("TEMP B-TREE") == std::string::npos);
        }
    }
    CHECK(seen > 30);
}
