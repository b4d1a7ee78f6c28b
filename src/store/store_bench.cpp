// How many lives of small jobs a second the store commits: store_bench FOLDER [LIVES [JOBS_OF_A_COMMIT]]. The database
// is a file in the folder, which should lie on the disk that is to be measured.

#include <cstdio>
#include <ctime>

#include "base/check.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

constexpr int kProjects = 20;
constexpr int kUsers = 10;

/// Measures commits and nothing else.
class Stopwatch {
public:
    void commit(Store& store, const Changes& changes, Time now) {
        const auto start = std::chrono::steady_clock::now();
        const std::clock_t cpu_start = std::clock();
        const auto outcome = store.commit(changes, now);
        spent_ += std::chrono::steady_clock::now() - start;
        cpu_ += std::clock() - cpu_start;
        ++commits_;
        check(outcome.has_value(), outcome ? "" : outcome.error().message);
    }
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(spent_).count(); }
    [[nodiscard]] double cpu_seconds() const { return static_cast<double>(cpu_) / CLOCKS_PER_SEC; }
    [[nodiscard]] int commits() const { return commits_; }

private:
    std::chrono::steady_clock::duration spent_{};
    std::clock_t cpu_ = 0;
    int commits_ = 0;
};

/// What this process has written so far.
std::int64_t bytes_written() {
    const std::string io = os::read_file("/proc/self/io").value();
    const std::size_t at = io.find("wchar: ");
    return at == std::string::npos ? 0 : parse_int(io.substr(at + 7, io.find('\n', at) - at - 7)).value_or(0);
}

User a_user(int number) {
    User user;
    user.id = UserId(id_of('U', number));
    user.name = fmt::format("user-{}", number);
    user.status = UserStatus::kOnboarded;
    user.group = kDefaultGroup;
    return user;
}

std::vector<Project> some_projects(Store& store) {
    Changes changes;
    for (int i = 0; i < kUsers; ++i) changes.push_back(change::UserSaved{a_user(i)});
    std::vector<Project> projects;
    for (int i = 0; i < kProjects; ++i) {
        Project project = a_project(fmt::format("project-{:02}", i));
        project.owner = UserId(id_of('U', i % kUsers));
        changes.push_back(change::ProjectSaved{project});
        projects.push_back(std::move(project));
    }
    check(store.commit(changes, time_from_ms(1)).has_value(), "the projects are stored");
    return projects;
}

/// `jobs` jobs from their submission to their end, in three commits, as the core gives them when all goes well.
void live(Store& store, const std::vector<Project>& projects, int first, int jobs, Stopwatch& stopwatch) {
    const Time now = time_from_ms(1'700'000'000'000 + first);
    std::vector<JobStory> stories;
    Changes submitted, started, ended;
    for (int i = first; i < first + jobs; ++i) {
        const Project& project = projects[static_cast<std::size_t>(i % kProjects)];
        JobStory& story = stories.emplace_back(project, i / kProjects + 1, now, "train", 1, project.owner);
        submitted.push_back(change::BuildCounted{project.id, i / kProjects + 2});
        submitted.push_back(story.is_admitted(now).save());
        started.push_back(story.is_prepared(now).starts(now).save());
        ended.push_back(story.exits(0, now).ends(JobState::kComplete, now).save());
        ended.push_back(change::RunTimesSaved{{project.id, "train", {1000, 2000, 3000}}});
    }
    for (const Changes* changes : {&submitted, &started, &ended}) stopwatch.commit(store, *changes, now);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: store_bench FOLDER [LIVES [JOBS_OF_A_COMMIT]]\n");
        return 2;
    }
    const int lives = static_cast<int>(argc > 2 ? parse_int(argv[2]).value_or(0) : 60'000);
    const int batch = static_cast<int>(argc > 3 ? parse_int(argv[3]).value_or(0) : 100);
    check(lives > 0 && batch > 0, "there are lives to be measured");
    const std::string path = std::string(argv[1]) + "/state.db";
    for (const char* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
    auto store = Store::open({.path = path});
    check(store.has_value(), store ? "" : store.error().message);
    const std::vector<Project> projects = some_projects(**store);
    Stopwatch stopwatch;
    for (int first = 0; first < lives; first += batch) {
        live(**store, projects, first, std::min(batch, lives - first), stopwatch);
    }
    const std::int64_t pages = (*store)->connection().integer("PRAGMA page_count").value().value_or(0);
    fmt::print("{} lives in {} commits: {:.0f} a second, {:.2f} ms a commit\n", lives, stopwatch.commits(),
               lives / stopwatch.seconds(), 1000 * stopwatch.seconds() / stopwatch.commits());
    fmt::print("each life: {:.0f} µs of processor, {} bytes written, {} bytes of database\n",
               1e6 * stopwatch.cpu_seconds() / lives, bytes_written() / lives, pages * 4096 / lives);
    return 0;
}
