#include "store/tag_table.hpp"

#include <doctest/doctest.h>

#include "store/sample_jobs.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

std::vector<int> builds(StoreReader& reader, JobFilter filter, std::size_t limit = 100) {
    std::vector<int> found;
    PageRequest request{"", limit};
    do {
        const auto page = reader.list_jobs(filter, request).value();
        for (const JobSummary& job : page.items) found.push_back(job.build);
        request.cursor = page.next;
    } while (!request.cursor.empty());
    return found;
}

}  // namespace

TEST_CASE("jobs are found by their tags, by all of them, while these come and go") {
    auto store = std::move(Store::open({})).value();
    const auto reader = std::move(StoreReader::open(store->location())).value();
    const Project project = a_project("digits");
    const Project other = a_project("faces");
    Changes changes{change::ProjectSaved{project}, change::ProjectSaved{other}};
    std::vector<JobId> ids;
    for (int i = 1; i <= 20; ++i) {
        JobStory story(i % 5 == 0 ? other : project, i, at(i / 3));
        ids.push_back(story.job().id);
        std::vector<std::string> tags;
        if (i % 2 == 0) tags.emplace_back("even");
        if (i % 3 == 0) tags.emplace_back("three, \"times\"");
        // The tags of a new job come before the job does.
        if (!tags.empty()) changes.push_back(change::JobTagged{ids.back(), tags});
        changes.push_back(story.completes(at(i)).save());
    }
    REQUIRE(store->commit(changes, at(1)).has_value());

    CHECK(builds(*reader, {.tags = {"three, \"times\""}}) == std::vector<int>{18, 15, 12, 9, 6, 3});
    CHECK(builds(*reader, {.tags = {"three, \"times\"", "even"}}, 1) == std::vector<int>{18, 12, 6});
    CHECK(builds(*reader, {.projects = {other.id}, .tags = {"even"}}) == std::vector<int>{20, 10});
    CHECK(builds(*reader, {.until = at(3), .tags = {"even"}}) == std::vector<int>{8, 6, 4, 2});
    CHECK(builds(*reader, {.tags = {"eve"}}).empty());
    CHECK(builds(*reader, {.tags = {"even", "none"}}).empty());
    CHECK(reader->tags_of(ids[5]).value() == std::vector<std::string>{"even", "three, \"times\""});
    CHECK(reader->tags_of(ids[0]).value().empty());
    CHECK(reader->tags_of(JobId("none")).value().empty());

    const std::int64_t last = reader->changes_after(0, 1).value().last;
    REQUIRE(store->commit({change::JobTagged{ids[5], {"new"}}, change::JobTagged{JobId("none"), {"new"}}}, at(2))
                .has_value());
    CHECK(builds(*reader, {.tags = {"new"}}) == std::vector<int>{6});
    CHECK(builds(*reader, {.tags = {"three, \"times\"", "even"}}) == std::vector<int>{18, 12});
    const ChangeList told = reader->changes_after(last, 10).value();
    REQUIRE(told.changes.size() == 1);
    CHECK(told.changes[0].subject == ids[5].str());
    CHECK(told.changes[0].state == JobState::kComplete);

    REQUIRE(store->commit({change::JobDeleted{ids[5]}, change::JobTagged{ids[11], {}}}, at(3)).has_value());
    CHECK(builds(*reader, {.tags = {"new"}}).empty());
    CHECK(builds(*reader, {.tags = {"three, \"times\"", "even"}}) == std::vector<int>{18});
    CHECK(store->connection().integer("SELECT count(*) FROM job_tags WHERE job IN (6, 12)").value() == 0);
}

TEST_CASE("a tag of very many jobs makes no page slow, whoever looks") {
    auto store = std::move(Store::open({})).value();
    const auto reader = std::move(StoreReader::open(store->location())).value();
    const Project project = a_project("digits");
    const Project other = a_project("faces");
    Changes changes{change::ProjectSaved{project}, change::ProjectSaved{other}};
    for (int i = 1; i <= 5100; ++i) {
        JobStory story(i % 1000 == 0 ? other : project, i, at(i));
        changes.push_back(change::JobTagged{story.job().id, {"common"}});
        changes.push_back(story.save());
    }
    REQUIRE(store->commit(changes, at(1)).has_value());
    CHECK(builds(*reader, {.projects = {other.id}, .tags = {"common"}}, 3) ==
          std::vector<int>{5000, 4000, 3000, 2000, 1000});
    CHECK(builds(*reader, {.tags = {"common"}}, 1000).size() == 5100);
}
