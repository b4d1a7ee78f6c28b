// How much of the processor pages of the list of jobs take: list_bench FOLDER [JOBS]. Makes the database unless it is
// there already; then all of it is in the cache of the disk.

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/check.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

constexpr int kProjects = 200;
constexpr int kUsers = 50;
const GroupId kLargeGroup("large");  // has most of the jobs
const GroupId kSmallGroup("small");  // has one of a thousand

UserId user_id(int number) { return UserId(id_of('U', number)); }

void fill(Store& store, int jobs) {
    Rng rng(1);
    Changes people;
    std::vector<Project> projects;
    for (int i = 0; i < kUsers; ++i) {
        User user;
        user.id = user_id(i);
        user.name = fmt::format("user-{:02}", i);
        user.status = UserStatus::kOnboarded;
        user.group = i == 0 ? kSmallGroup : i < 40 ? kLargeGroup : kDefaultGroup;
        people.push_back(change::UserSaved{user});
    }
    for (int i = 0; i < kProjects; ++i) {
        Project project = a_project(fmt::format("project-{:03}", i));
        project.owner = user_id(i % kUsers);
        people.push_back(change::ProjectSaved{project});
        projects.push_back(std::move(project));
    }
    check(store.commit(people, time_from_ms(1)).has_value(), "the people are stored");
    const Time begin = time_from_ms(1'700'000'000'000);
    std::vector<int> builds(kProjects, 0);
    Changes changes;
    for (int i = 0; i < jobs; ++i) {
        std::size_t number = rng.below(kProjects);
        if (number % kUsers == 0 && !rng.chance(5)) ++number;
        const Project& project = projects[number];
        const Time at = begin + Duration(i) * 500;
        JobStory story(project, ++builds[number], at, rng.chance(30) ? "evaluate" : "train", 1, project.owner);
        if (i < jobs - 1000) {
            const Time end = at + Duration(static_cast<std::int64_t>(1000 + rng.below(50'000'000)));
            story.is_admitted(at).is_prepared(at).starts(at).exits(0, end).ends(
                rng.chance(1) ? JobState::kStopped : rng.chance(10) ? JobState::kError : JobState::kComplete, end);
        }
        if (rng.chance(10)) changes.push_back(change::JobTagged{story.job().id, {rng.chance(1) ? "rare" : "common"}});
        changes.push_back(story.save());
        if (i % 500 == 499 || i + 1 == jobs) {
            check(store.commit(changes, at).has_value(), "the jobs are stored");
            changes.clear();
        }
    }
}

double ms_of(const std::function<void()>& work) {
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
    };
    const double start = now();
    work();
    return now() - start;
}

void report(const std::string& what, std::vector<double> times, const std::string& note = "") {
    std::sort(times.begin(), times.end());
    fmt::print("{:<44} {:>5} times  p50 {:>6.2f} ms  p99 {:>6.2f} ms  most {:>6.2f} ms  {}\n", what, times.size(),
               times[times.size() / 2], times[times.size() * 99 / 100], times.back(), note);
}

void pages(StoreReader& reader, const std::string& what, const JobFilter& filter, JobOrder order) {
    constexpr std::size_t kPages = 300;
    std::vector<double> times;
    PageRequest request{"", 100};
    std::size_t jobs = 0;
    for (std::size_t i = 0; i < kPages; ++i) {
        times.push_back(ms_of([&] {
            const auto page = reader.list_jobs(filter, request, order);
            check(page.has_value(), page ? "" : page.error().message);
            jobs += page->items.size();
            request.cursor = page->next;
        }));
        if (request.cursor.empty()) break;
    }
    report(what, std::move(times), fmt::format("{} jobs", jobs));
}

void counts(StoreReader& reader, const std::string& what, const JobFilter& filter) {
    std::vector<double> times;
    JobTotal total;
    for (int i = 0; i < 100; ++i) times.push_back(ms_of([&] { total = reader.count_jobs(filter).value(); }));
    report("count " + what, std::move(times), fmt::format("{}{}", total.is_exact ? "" : "at least ", total.count));
}

void numbers(StoreReader& reader, const std::string& what, const Viewer& viewer, Time since) {
    std::vector<double> times;
    for (int i = 0; i < 100; ++i)
        times.push_back(ms_of([&] { check(reader.job_numbers(viewer, {}, since).has_value(), "counted"); }));
    report("summary " + what, std::move(times));
}

JobFilter seen_by(const Viewer& viewer) {
    JobFilter filter;
    filter.viewer = viewer;
    return filter;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: list_bench FOLDER [JOBS]\n");
        return 2;
    }
    const int jobs = static_cast<int>(argc > 2 ? parse_int(argv[2]).value_or(0) : 100'000);
    check(jobs > 0, "there are jobs to be listed");
    const std::string path = std::string(argv[1]) + "/list.db";
    auto store = Store::open({.path = path});
    check(store.has_value(), store ? "" : store.error().message);
    if ((*store)->connection().integer("SELECT seq FROM jobs LIMIT 1").value() == std::nullopt) fill(**store, jobs);
    const auto reader = std::move(StoreReader::open((*store)->location())).value();

    const std::pair<const char*, JobOrder> orders[] = {
        {"newest", JobOrder::kNewestFirst}, {"oldest", JobOrder::kOldestFirst}, {"longest", JobOrder::kLongestFirst},
        {"shortest", JobOrder::kShortestFirst}, {"name", JobOrder::kByName}, {"state", JobOrder::kByState},
        {"owner", JobOrder::kByOwner}, {"ended", JobOrder::kLastEndedFirst}};
    const Viewer large{user_id(1), kLargeGroup, Viewer::Scope::kAll};
    const Viewer small{user_id(0), kSmallGroup, Viewer::Scope::kAll};
    JobFilter errors;
    errors.states = {JobState::kError};
    JobFilter stopped;
    stopped.states = {JobState::kStopped};
    JobFilter common;
    common.tags = {"common"};
    for (const auto& [name, order] : orders) {
        pages(*reader, fmt::format("{}, everything", name), {}, order);
        pages(*reader, fmt::format("{}, a group with most", name), seen_by(large), order);
        pages(*reader, fmt::format("{}, a group with few", name), seen_by(small), order);
        pages(*reader, fmt::format("{}, in Error", name), errors, order);
        pages(*reader, fmt::format("{}, Stopped", name), stopped, order);
        pages(*reader, fmt::format("{}, a common tag", name), common, order);
    }
    JobFilter text;
    text.text = "project-01";
    const std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
    counts(*reader, "everything", {});
    counts(*reader, "a group with most", seen_by(large));
    counts(*reader, "in Error", errors);
    counts(*reader, "a common tag", common);
    counts(*reader, "a text", text);
    const Time end = time_from_ms(1'700'000'000'000 + static_cast<std::int64_t>(jobs) * 500);
    numbers(*reader, "everything, the last hour", kEverything, end - Duration(3'600'000));
    numbers(*reader, "everything, a week", kEverything, end - Duration(week_ms));
    numbers(*reader, "a group with most, a week", large, end - Duration(week_ms));
    numbers(*reader, "a group with few, a week", small, end - Duration(week_ms));
    return 0;
}
