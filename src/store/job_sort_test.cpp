#include <algorithm>
#include <map>

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

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

constexpr JobOrder kOrders[] = {JobOrder::kLongestFirst, JobOrder::kShortestFirst, JobOrder::kByName,
                                JobOrder::kByState,      JobOrder::kByOwner,       JobOrder::kLastEndedFirst};

User a_user(int number, const GroupId& group) {
    User user;
    user.id = UserId(id_of('U', number));
    user.name = fmt::format("user-{}", 9 - number);
    user.status = UserStatus::kOnboarded;
    user.group = group;
    return user;
}

/// Jobs of six users in two groups, in projects of which some are called alike, in every state.
struct Many {
    std::unique_ptr<Store> store = std::move(Store::open({})).value();
    std::unique_ptr<StoreReader> reader = std::move(StoreReader::open(store->location())).value();
    std::vector<User> users;
    std::vector<Project> projects;
    std::vector<Job> jobs;  // in the order of submission
    Rng rng{1};

    explicit Many(int count) {
        Changes changes;
        for (int i = 0; i < 6; ++i) {
            users.push_back(a_user(i, GroupId(i < 2 ? "few" : "many")));
            changes.push_back(change::UserSaved{users.back()});
        }
        for (int i = 0; i < 9; ++i) {
            Project project = a_project(fmt::format("project-{}", i));
            project.spec.name = fmt::format("project-{}", 8 - i / 2);
            project.owner = users[static_cast<std::size_t>(i % 6)].id;
            project.home = GroupId(i % 2 == 0 ? "one" : "other");
            projects.push_back(project);
            changes.push_back(change::ProjectSaved{project});
        }
        for (int i = 0; i < count; ++i) changes.push_back(some_job(i));
        REQUIRE(store->commit(changes, at(count)).has_value());
    }
    change::JobSaved some_job(int i) {
        // Few of the jobs are in projects of the first group, and some people work in projects of the other.
        const Project& project = projects[rng.chance(90) ? 2 + rng.below(4) : rng.below(projects.size())];
        const bool own = rng.chance(95);
        const UserId owner = rng.chance(1) ? UserId() : own ? project.owner : users[rng.below(users.size())].id;
        JobStory story(project, i + 1, at(i / 3), "train", 1, owner);
        if (rng.chance(90)) story.is_admitted(at(i)).is_prepared(at(i));
        if (rng.chance(90) && story.job().state == JobState::kStarting) story.starts(at(i)).exits(0, at(i));
        const JobState ends[] = {JobState::kComplete, JobState::kError, JobState::kStopped};
        if (rng.chance(97)) story.ends(ends[rng.below(3)], at(i + static_cast<std::int64_t>(rng.below(40))));
        jobs.push_back(story.job());
        return story.save();
    }

    [[nodiscard]] std::vector<std::string> all(const JobFilter& filter, JobOrder order, std::size_t limit) const {
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
    [[nodiscard]] std::string name_of(const UserId& id) const {
        for (const User& user : users) {
            if (user.id == id) return user.name;
        }
        return "";
    }
    [[nodiscard]] const Project& project_of(const Job& job) const {
        return *std::find_if(projects.begin(), projects.end(),
                             [&](const Project& p) { return p.id == job.project_id; });
    }
    [[nodiscard]] bool sees(const Viewer& viewer, const Job& job) const {
        if (viewer.scope == Viewer::Scope::kEvery) return true;
        const UserId& owner = project_of(job).owner;
        const bool seen = std::any_of(users.begin(), users.end(), [&](const User& user) {
            return user.id == owner && user.group == viewer.group;
        });
        const bool own = job.owner == viewer.user;
        if (viewer.scope == Viewer::Scope::kOwned) return own;
        if (viewer.scope == Viewer::Scope::kShared) return !own && seen;
        return own || seen;
    }
    /// As the order is described, in the plainest words.
    [[nodiscard]] bool before(JobOrder order, std::size_t left, std::size_t right) const {
        const auto key = [&](std::size_t i) {
            const Job& job = jobs[i];
            const bool live = !is_final(job.state);
            const auto seq = static_cast<std::int64_t>(i);
            const std::int64_t started = to_ms(job.started_at == Time{} ? job.ended_at : job.started_at);
            const std::int64_t took = to_ms(job.ended_at) - started;
            using Key = std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>;
            switch (order) {
                case JobOrder::kLongestFirst: return Key{"", "", live, live ? 0 : -took, -seq};
                case JobOrder::kShortestFirst: return Key{"", "", live, live ? 0 : took, live ? -seq : seq};
                case JobOrder::kLastEndedFirst: return Key{"", "", live, live ? 0 : -to_ms(job.ended_at), -seq};
                case JobOrder::kByName:
                    return Key{project_of(job).spec.name, project_of(job).home.str(), job.build, 0, 0};
                case JobOrder::kByState: return Key{"", "", static_cast<std::int64_t>(job.state), -seq, 0};
                case JobOrder::kByOwner: return Key{name_of(job.owner), job.owner.str(), !live, -seq, 0};
                default: return Key{"", "", -seq, 0, 0};
            }
        };
        return key(left) < key(right);
    }
    template <class F>
    [[nodiscard]] std::vector<std::string> expected(JobOrder order, F&& wanted) const {
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            if (wanted(jobs[i])) places.push_back(i);
        }
        std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) { return before(order, a, b); });
        std::vector<std::string> ids;
        for (const std::size_t place : places) ids.push_back(jobs[place].id.str());
        return ids;
    }
    [[nodiscard]] Viewer viewer(int user, Viewer::Scope scope) const {
        const User& who = users[static_cast<std::size_t>(user)];
        return {who.id, who.group, scope};
    }
    /// Lists, pages, totals and numbers of these jobs.
    template <class F>
    void check(const JobFilter& filter, F&& wanted, bool only_newest = false) const {
        std::size_t count = 0;
        for (const JobOrder order : kOrders) {
            CAPTURE(static_cast<int>(order));
            const std::vector<std::string> right = expected(order, wanted);
            count = right.size();
            CHECK(all(filter, order, 1000) == right);
            if (!only_newest) CHECK(all(filter, order, 97) == right);
        }
        const JobTotal total = reader->count_jobs(filter).value();
        CHECK(total.is_exact);
        CHECK(total.count == static_cast<std::int64_t>(count));
    }
};

constexpr Viewer::Scope kScopes[] = {Viewer::Scope::kOwned, Viewer::Scope::kShared, Viewer::Scope::kAll,
                                     Viewer::Scope::kEvery};

void check_all(const Many& many) {
    const auto any = [](const Job&) { return true; };
    many.check({}, any);
    many.check({.live_only = true}, [](const Job& job) { return !is_final(job.state); });
    many.check({.states = {JobState::kError, JobState::kQueued}},
               [](const Job& job) { return job.state == JobState::kError || job.state == JobState::kQueued; });
    many.check({.since = at(100), .until = at(200)},
               [](const Job& job) { return job.submitted_at >= at(100) && job.submitted_at < at(200); });
    many.check({.ended_since = at(200)},
               [](const Job& job) { return is_final(job.state) && job.ended_at >= at(200); });
    many.check({.projects = {many.projects[3].id, many.projects[4].id}}, [&](const Job& job) {
        return job.project_id == many.projects[3].id || job.project_id == many.projects[4].id;
    });
    JobFilter owned;
    owned.owner = many.users[3].id;
    many.check(owned, [&](const Job& job) { return job.owner == many.users[3].id; });
    for (const int user : {0, 3}) {
        for (const Viewer::Scope scope : kScopes) {
            CAPTURE(user);
            CAPTURE(static_cast<int>(scope));
            const Viewer viewer = many.viewer(user, scope);
            JobFilter filter;
            filter.viewer = viewer;
            many.check(filter, [&](const Job& job) { return many.sees(viewer, job); });
            filter.projects = {many.projects[0].id, many.projects[2].id};
            filter.states = {JobState::kComplete, JobState::kStarting};
            const auto is_asked = [&](const Job& job) {
                return (job.project_id == many.projects[0].id || job.project_id == many.projects[2].id) &&
                       (job.state == JobState::kComplete || job.state == JobState::kStarting) && many.sees(viewer, job);
            };
            many.check(filter, is_asked, true);
        }
    }
}

}  // namespace

TEST_CASE("few jobs are in every order what they should be, whoever looks, page by page") { check_all(Many(400)); }

TEST_CASE("many jobs are in every order what they should be, whoever looks, page by page") {
    const Many many(2600);
    check_all(many);
    const auto plans = many.reader->connection().query_plans().value();
    for (const auto& [sql, lines] : plans) {
        if (sql.find("FROM job_counts") != std::string::npos) continue;  // a few rows for each project
        for (const std::string& line : lines) {
            CAPTURE(sql);
            CAPTURE(line);
            CHECK(line.find("TEMP B-TREE") == std::string::npos);
            CHECK_FALSE(line.starts_with("SCAN jobs"));
            CHECK_FALSE(line.starts_with("SCAN projects"));
            CHECK_FALSE(line.starts_with("SCAN users"));
        }
    }
}

TEST_CASE("numbers for home pages are those of the jobs that one sees") {
    const Many many(600);
    for (const int user : {0, 3}) {
        for (const Viewer::Scope scope : kScopes) {
            CAPTURE(user);
            CAPTURE(static_cast<int>(scope));
            const Viewer viewer = many.viewer(user, scope);
            JobNumbers right;
            for (const Job& job : many.jobs) {
                if (!many.sees(viewer, job)) continue;
                ++right.by_state[job.state];
                if (job.ended_at < at(300)) continue;
                if (job.state == JobState::kError) ++right.failed;
                if (job.state == JobState::kComplete) ++right.complete;
            }
            const JobNumbers found = many.reader->job_numbers(viewer, {}, at(300)).value();
            std::map<JobState, std::int64_t> by_state = found.by_state;
            std::erase_if(by_state, [](const auto& entry) { return entry.second == 0; });
            CHECK(by_state == right.by_state);
            CHECK(found.failed == right.failed);
            CHECK(found.complete == right.complete);
            CHECK(found.since == at(300));
        }
    }
}

TEST_CASE("counts of ended jobs follow jobs that end, are adopted and are deleted") {
    auto store = std::move(Store::open({})).value();
    const auto reader = std::move(StoreReader::open(store->location())).value();
    const Project project = a_project("digits");
    JobStory first(project, 1, at(0)), second(project, 2, at(0));
    REQUIRE(store->commit({change::ProjectSaved{project}, first.save(), second.completes(at(1)).save()}, at(1))
                .has_value());
    REQUIRE(store->commit({first.completes(at(2)).save()}, at(2)).has_value());
    const auto owned = [&](const UserId& user) {
        return reader->job_numbers({user, GroupId("none"), Viewer::Scope::kOwned}, {}, at(0)).value().by_state;
    };
    CHECK(owned(UserId("U1")).empty());
    User root = a_user(1, kDefaultGroup);
    root.role = Role::kOperator;
    REQUIRE(store->commit({change::UserSaved{root}}, at(3)).has_value());
    CHECK(owned(root.id) == StateCounts{{JobState::kComplete, 2}});
    REQUIRE(store->commit({change::JobDeleted{first.job().id}}, at(4)).has_value());
    CHECK(owned(root.id) == StateCounts{{JobState::kComplete, 1}});
    REQUIRE(store->commit({change::JobDeleted{second.job().id}}, at(5)).has_value());
    CHECK(owned(root.id).empty());
    CHECK(store->connection().integer("SELECT count(*) FROM ended_counts").value() == 0);
}

TEST_CASE("a cursor of one order is none of another, and nonsense is refused") {
    const Many many(10);
    for (const JobOrder order : kOrders) {
        const std::string cursor = many.reader->list_jobs({}, {"", 2}, order).value().next;
        REQUIRE_FALSE(cursor.empty());
        CHECK(many.reader->list_jobs({}, {cursor, 2}, order).has_value());
        for (const JobOrder other : kOrders) {
            if (other != order) CHECK_FALSE(many.reader->list_jobs({}, {cursor, 2}, other).has_value());
        }
        for (const std::string& wrong :
             {cursor.substr(0, 1), cursor.substr(0, 1) + "1.2.3", cursor.substr(0, 1) + "x.2.3..",
              cursor.substr(0, 1) + "-9223372036854775808.0.0..", std::string(2000, 'x')}) {
            CAPTURE(wrong);
            CHECK_FALSE(many.reader->list_jobs({}, {wrong, 2}, order).has_value());
        }
    }
}
