#include <doctest/doctest.h>

#include <algorithm>

#include "core/core.hpp"
#include "core/scenario/live_fold.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::core;
using namespace pintle::domain;
using namespace pintle::testing;

namespace {

Component custom(std::string name, int gpus = 0) {
    Component component;
    component.name = component.resource.name = std::move(name);
    component.resource.command = "serve";
    component.resource.port = 8000;
    component.resource.gpus = gpus;
    return component;
}

ProjectSpec with(std::vector<Component> components) {
    ProjectSpec spec = a_project("digits", {a_task("train", {a_resource("worker")})});
    spec.components = std::move(components);
    return spec;
}

/// A core with one project of ana, and all that its database would hold.
class Bench {
public:
    explicit Bench(ProjectSpec spec, int gpus = 0) : core_(std::make_unique<Core>(CoreOptions{}, LiveState{})) {
        send(input::NodesChanged{{a_node("local", 4, 8, gpus)}});
        send(input::BeginUsers{UserId("root"), "root", {}});
        send(input::OnboardUser{UserId("ana"), "ana", Role::kDataScientist, kDefaultGroup, std::nullopt, std::nullopt});
        REQUIRE(send(input::CreateProject{project, UserId("ana"), std::move(spec), "", ""}).has_value());
    }

    Result<std::string> send(InputBody body) {
        step({Input{std::move(body), 7, Actor{UserId("ana"), "ana", "", "", false}}});
        if (last.replies.empty()) return fail(ErrorCode::kInternal, "no answer");
        return last.replies.back().result;
    }
    void step(const std::vector<Input>& batch) {
        last = core_->step(batch, now);
        store_.apply(last.changes);
        for (const Change& change : last.changes) keep(change);
        const auto fault = core_->sanity_fault();
        CHECK_MESSAGE(!fault, fault.value_or(""));
    }
    void pass(Duration time) {
        now += time;
        step({});
    }
    /// The server is killed and starts again.
    void restart() {
        core_ = std::make_unique<Core>(CoreOptions{}, store_.live());
        step({Input{input::NodesChanged{nodes}, 0, {}}});
    }

    Result<std::string> enable(const std::string& name, std::optional<int> gpus = {}) {
        return send(input::EnableComponent{project, name, gpus});
    }
    [[nodiscard]] ComponentView view(const std::string& name) const {
        for (ComponentView& found : core_->components(project)) {
            if (found.component.name == name) return found;
        }
        FAIL("there is no component " << name);
        return {};
    }
    [[nodiscard]] std::string state(const std::string& name) const {
        return std::string(to_string(state_of(view(name))));
    }
    [[nodiscard]] std::string reason(const std::string& name) const { return reason_of(view(name), now); }
    [[nodiscard]] JobId job(const std::string& name) const { return view(name).record.job; }

    /// Its sources are ready, and it runs.
    void run(const std::string& name) {
        const JobId id = job(name);
        send(input::PreparationDone{id, {}});
        send(input::ReplicaSeen{id, name + "-0", 1, std::nullopt});
        CHECK(state(name) == "Running");
    }
    void exit(const std::string& name, int code) { exit(name, job(name), code); }
    void exit(const std::string& name, const JobId& id, int code) {
        send(input::ReplicaSeen{id, name + "-0", 1, ReplicaExit{code, false, "", now}});
    }
    template <class T>
    [[nodiscard]] std::vector<T> effects() const {
        std::vector<T> found;
        for (const Effect& effect : last.effects) {
            if (const auto* match = std::get_if<T>(&effect)) found.push_back(*match);
        }
        return found;
    }
    [[nodiscard]] Core& core() { return *core_; }
    [[nodiscard]] int gpus_in_use() const { return core_->use_by_user()[UserId("ana")].gpus; }

    const ProjectId project{"P"};
    StepResult last;
    Time now = Time(std::chrono::hours(1));
    std::map<ProjectId, Project> projects;
    std::map<JobId, Job> jobs;
    std::map<std::pair<ProjectId, std::string>, ComponentRecord> records;
    std::vector<Node> nodes{a_node("local", 4, 8)};
    std::vector<std::string> audited;

private:
    void keep(const Change& change) {
        if (const auto* saved = std::get_if<change::ProjectSaved>(&change))
            projects.insert_or_assign(saved->project.id, saved->project);
        if (const auto* gone = std::get_if<change::ProjectDeleted>(&change)) projects.erase(gone->id);
        if (const auto* saved = std::get_if<change::JobSaved>(&change))
            jobs.insert_or_assign(saved->job->id, *saved->job);
        if (const auto* gone = std::get_if<change::JobDeleted>(&change)) jobs.erase(gone->id);
        if (const auto* saved = std::get_if<change::ComponentSaved>(&change)) {
            records.insert_or_assign({saved->record.project, saved->record.name}, saved->record);
        }
        if (const auto* gone = std::get_if<change::ComponentDeleted>(&change))
            records.erase({gone->project, gone->name});
        if (const auto* entry = std::get_if<change::Audited>(&change)) audited.push_back(entry->entry.action);
    }

    scenario::LiveFold store_;
    std::unique_ptr<Core> core_;
};

}  // namespace

TEST_CASE("jupyter is enabled in a project that never wrote it, and runs as a job without a number") {
    Bench bench(with({}));
    CHECK(bench.state("jupyter") == "Disabled");
    REQUIRE(bench.enable("jupyter").has_value());
    CHECK(bench.state("jupyter") == "Starting");
    const Job job = bench.jobs.at(bench.job("jupyter"));
    CHECK(job.kind == JobKind::kComponent);
    CHECK(job.display_name() == "digits/jupyter:component");
    CHECK(job.owner == UserId("ana"));
    CHECK(job.build < 0);
    CHECK(bench.projects.at(bench.project).next_build == 1);
    CHECK(bench.effects<effect::Prepare>().size() == 1);
    bench.run("jupyter");
    CHECK(bench.audited.back() == "component.enable");
    SUBCASE("asking again changes nothing") {
        REQUIRE(bench.enable("jupyter").has_value());
        CHECK(bench.state("jupyter") == "Running");
    }
}

TEST_CASE("a component that is not there is refused with the nearest one") {
    Bench bench(with({custom("board")}));
    const auto answer = bench.enable("bord");
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().message == "the project digits has no component \"bord\"; did you mean \"board\"?");
}

TEST_CASE("a component that the document enables runs from the beginning") {
    Component board = custom("board");
    board.enabled = true;
    Bench bench(with({board}));
    CHECK(bench.state("board") == "Starting");
    SUBCASE("and stops when somebody disables it, which later edits do not undo") {
        bench.run("board");
        REQUIRE(bench.send(input::DisableComponent{bench.project, "board"}).has_value());
        CHECK(bench.effects<effect::StopReplica>().size() == 1);
        bench.exit("board", 0);
        CHECK(bench.state("board") == "Disabled");
        CHECK(bench.reason("board") == "disabled by ana");
        ProjectSpec spec = with({board});
        spec.summary = "new";
        REQUIRE(bench.send(input::ReplaceProject{bench.project, spec, std::nullopt}).has_value());
        CHECK(bench.state("board") == "Disabled");
    }
    SUBCASE("and stops when the document says something else") {
        bench.run("board");
        board.enabled = false;
        REQUIRE(bench.send(input::ReplaceProject{bench.project, with({board}), std::nullopt}).has_value());
        CHECK(bench.state("board") == "Stopping");
    }
}

TEST_CASE("a component that is removed from the document is stopped and forgotten") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId job = bench.job("board");
    REQUIRE(bench.send(input::ReplaceProject{bench.project, with({}), std::nullopt}).has_value());
    bench.exit("board", job, 0);
    CHECK(bench.records.empty());
    CHECK(bench.jobs.count(job) == 0);
    CHECK(bench.core().live_jobs() == 0);
}

TEST_CASE("a component that ends by itself holds nothing and is started again later and later") {
    Bench bench(with({custom("board", 1)}), 1);
    REQUIRE(bench.enable("board").has_value());
    for (const int seconds : {1, 2, 4, 8}) {
        bench.run("board");
        CHECK(bench.gpus_in_use() == 1);
        bench.exit("board", 3);
        CHECK(bench.state("board") == "CrashLoopBackOff");
        CHECK(bench.gpus_in_use() == 0);
        CHECK(bench.core().live_jobs() == 0);
        CHECK(bench.last.next_wakeup == bench.now + std::chrono::seconds(seconds));
        bench.pass(std::chrono::seconds(seconds) - Duration(1));
        CHECK(bench.state("board") == "CrashLoopBackOff");
        bench.pass(Duration(1));
        CHECK(bench.state("board") == "Starting");
    }
    bench.run("board");
    bench.exit("board", 3);
    CHECK(bench.reason("board") ==
          "it ended 5 times in a row: board-0 ended with exit code 3; it is started again in 16 s");
    SUBCASE("who enables it again need not wait") {
        REQUIRE(bench.enable("board").has_value());
        CHECK(bench.state("board") == "Starting");
    }
    SUBCASE("after a restart of the server it waits for the rest of its time") {
        bench.nodes = {a_node("local", 4, 8, 1)};
        bench.pass(std::chrono::seconds(6));
        bench.restart();
        CHECK(bench.state("board") == "CrashLoopBackOff");
        CHECK(bench.last.next_wakeup == bench.now + std::chrono::seconds(10));
        bench.pass(std::chrono::seconds(10));
        CHECK(bench.state("board") == "Starting");
    }
    SUBCASE("only its last jobs are kept") {
        for (int i = 0; i < 5; ++i) {
            bench.pass(std::chrono::minutes(5));
            bench.run("board");
            bench.exit("board", 3);
        }
        CHECK(bench.jobs.size() == kComponentJobsKept);
        CHECK(bench.view("board").record.ended.size() == kComponentJobsKept);
    }
    SUBCASE("what ran for ten minutes begins with a second again") {
        bench.pass(std::chrono::seconds(16));
        bench.run("board");
        bench.now += std::chrono::minutes(10);
        bench.exit("board", 3);
        CHECK(bench.last.next_wakeup == bench.now + std::chrono::seconds(1));
    }
}

TEST_CASE("a running component is adopted after a restart of the server, not started again") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId job = bench.job("board");
    bench.restart();
    CHECK(bench.state("board") == "Running");
    CHECK(bench.job("board") == job);
    CHECK(bench.effects<effect::StartReplica>().empty());
}

TEST_CASE("restarting ends the job, and the next one begins at once") {
    Bench bench(with({custom("board")}));
    const auto refused = bench.send(input::RestartComponent{bench.project, "board"});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "digits/board is disabled; enable it to start it");
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId first = bench.job("board");
    REQUIRE(bench.send(input::RestartComponent{bench.project, "board"}).has_value());
    CHECK(bench.state("board") == "Stopping");
    CHECK(bench.reason("board") == "restarted by ana");
    bench.exit("board", 143);
    CHECK(bench.state("board") == "Starting");
    CHECK(bench.job("board") != first);
    CHECK(bench.view("board").record.failures == 0);
}

TEST_CASE("a component waits for GPUs in the queue, and another number of them starts it again") {
    Bench bench(with({custom("board", 1)}), 1);
    bench.nodes = {a_node("local", 4, 8, 1)};
    ProjectSpec spec = with({custom("board", 1), custom("other", 1)});
    REQUIRE(bench.send(input::ReplaceProject{bench.project, spec, std::nullopt}).has_value());
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    REQUIRE(bench.enable("other").has_value());
    CHECK(bench.state("other") == "Waiting");
    CHECK_FALSE(bench.reason("other").empty());
    REQUIRE(bench.enable("other", 0).has_value());
    CHECK(bench.state("other") == "Starting");
    CHECK(bench.view("other").component.resource.gpus == 0);
    const auto refused = bench.enable("other", 5);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("can never run here") != std::string::npos);
    CHECK(bench.state("other") == "Starting");
}

TEST_CASE("disabling the project stops its components, and enabling it starts them again") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    REQUIRE(bench.send(input::DisableProject{bench.project}).has_value());
    bench.exit("board", 0);
    CHECK(bench.state("board") == "Disabled");
    CHECK(bench.reason("board") == "the project is disabled");
    CHECK_FALSE(bench.enable("board").has_value());
    REQUIRE(bench.send(input::EnableProject{bench.project}).has_value());
    CHECK(bench.state("board") == "Starting");
}

TEST_CASE("deleting a project ends its components first and answers then") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId job = bench.job("board");
    CHECK_FALSE(bench.send(input::DeleteProject{bench.project}).has_value());
    CHECK(bench.last.replies.empty());
    CHECK(bench.effects<effect::StopReplica>().size() == 1);
    CHECK(bench.projects.count(bench.project) == 1);
    CHECK_FALSE(bench.enable("board").has_value());
    bench.exit("board", job, 0);
    REQUIRE(bench.last.replies.size() == 1);
    CHECK(bench.last.replies.front().result.has_value());
    CHECK(bench.projects.empty());
    CHECK(bench.core().live_jobs() == 0);
}

TEST_CASE("a deletion that waits for components is on disk at once and goes on after the server was killed") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId job = bench.job("board");
    CHECK_FALSE(bench.send(input::DeleteProject{bench.project}).has_value());
    CHECK(bench.projects.at(bench.project).deleting_at == bench.now);
    CHECK(bench.audited.back() == "project.delete");
    SUBCASE("before the component ended") {
        bench.restart();
        CHECK(bench.core().held_tickets().empty());
        CHECK(bench.reason("board") == "the project is being deleted");
    }
    SUBCASE("and who asks again waits for the same") {
        const std::size_t audited = bench.audited.size();
        CHECK_FALSE(bench.send(input::DeleteProject{bench.project}).has_value());
        CHECK(bench.core().held_tickets().size() == 2);
        CHECK(bench.audited.size() == audited);
    }
    bench.exit("board", job, 0);
    CHECK(bench.projects.empty());
    CHECK(bench.core().live_jobs() == 0);
    bench.restart();
    CHECK(bench.core().find_project(bench.project) == nullptr);
}

TEST_CASE("a project that is being deleted takes no other command") {
    Bench bench(with({custom("board")}));
    bench.send(input::OnboardUser{UserId("bo"), "bo", Role::kDataScientist, kDefaultGroup, std::nullopt, std::nullopt});
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    bench.send(input::DeleteProject{bench.project});
    const auto refused = [&](InputBody body) {
        const auto answer = bench.send(std::move(body));
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().code == ErrorCode::kConflict);
        CHECK(answer.error().message == "the project digits is being deleted");
    };
    refused(input::ReplaceProject{bench.project, with({}), std::nullopt});
    refused(input::TransferProject{bench.project, UserId("bo")});
    refused(input::DisableProject{bench.project});
    refused(input::ResetProject{bench.project, 1, {}, true});
    refused(input::EnableComponent{bench.project, "board", std::nullopt});
    refused(input::ResumeComponent{bench.project, "board"});
    input::SubmitJob job;
    job.id = JobId("J");
    job.project = bench.project;
    job.owner = UserId("ana");
    job.task = "train";
    refused(job);
}

TEST_CASE("the data of a project that is being deleted does not follow its owner to another group") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId job = bench.job("board");
    bench.send(input::DeleteProject{bench.project});
    REQUIRE(bench.send(input::SavePool{PoolId("vision"), true, "vision", std::nullopt, std::nullopt, std::nullopt})
                .has_value());
    REQUIRE(
        bench.send(input::SaveGroup{GroupId("vision"), true, "vision", PoolId("vision"), std::nullopt, std::nullopt})
            .has_value());
    REQUIRE(bench.send(input::MoveUser{UserId("ana"), GroupId("vision")}).has_value());
    bench.exit("board", job, 0);
    CHECK(bench.projects.empty());
    const auto chores = bench.effects<effect::DoChore>();
    REQUIRE(chores.size() == 1);
    CHECK(std::get<chore::RemoveProjectData>(chores.front().chore.work).home == kDefaultGroup);
    // Its name is free in both groups.
    CHECK(bench.send(input::CreateProject{ProjectId("Q"), UserId("ana"), with({}), "", ""}).has_value());
}

TEST_CASE("a project with a running component is not renamed, and may be reset") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    ProjectSpec spec = with({custom("board")});
    spec.name = "numbers";
    const auto renamed = bench.send(input::ReplaceProject{bench.project, spec, std::nullopt});
    REQUIRE_FALSE(renamed.has_value());
    CHECK(renamed.error().message ==
          "1 component of the project runs; disable it first, a project is renamed when nothing of it runs");
    CHECK(bench.send(input::ResetProject{bench.project, 1, {}, true}).has_value());
    CHECK(bench.state("board") == "Starting");
}

TEST_CASE("a component runs for the project's owner, whoever that is") {
    Bench bench(with({custom("board")}));
    bench.send(input::OnboardUser{UserId("bo"), "bo", Role::kDataScientist, kDefaultGroup, std::nullopt, std::nullopt});
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    REQUIRE(bench.send(input::TransferProject{bench.project, UserId("bo")}).has_value());
    CHECK(bench.state("board") == "Stopping");
    bench.exit("board", 0);
    CHECK(bench.state("board") == "Starting");
    CHECK(bench.jobs.at(bench.job("board")).owner == UserId("bo"));
}

TEST_CASE("a component whose owner has gone runs for whom the project is given to") {
    Bench bench(with({custom("board")}));
    bench.send(input::OnboardUser{UserId("bo"), "bo", Role::kDataScientist, kDefaultGroup, std::nullopt, std::nullopt});
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    REQUIRE(bench.send(input::OffboardUser{UserId("ana"), true}).has_value());
    bench.exit("board", 0);
    REQUIRE(bench.job("board").empty());
    REQUIRE(bench.send(input::TransferProject{bench.project, UserId("bo")}).has_value());
    CHECK(bench.state("board") == "Starting");
    CHECK(bench.jobs.at(bench.job("board")).owner == UserId("bo"));
}

TEST_CASE("a component follows its owner to another group, after the project's data") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.send(input::SavePool{PoolId("vision"), true, "vision", std::nullopt, std::nullopt, std::nullopt})
                .has_value());
    REQUIRE(
        bench.send(input::SaveGroup{GroupId("vision"), true, "vision", PoolId("vision"), std::nullopt, std::nullopt})
            .has_value());
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const auto moved = bench.send(input::MoveUser{UserId("ana"), GroupId("vision")});
    REQUIRE_MESSAGE(moved.has_value(), moved.error().message);
    CHECK(bench.state("board") == "Stopping");
    bench.exit("board", 0);
    CHECK(bench.state("board") == "Waiting");
    const auto chores = bench.effects<effect::DoChore>();
    REQUIRE(chores.size() == 1);
    bench.send(input::ChoreDone{chores.front().chore.id});
    CHECK(bench.state("board") == "Starting");
    CHECK(bench.jobs.at(bench.job("board")).group == GroupId("vision"));
}

TEST_CASE("a component runs again when its owner comes back before the data followed") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    input::SubmitJob task;
    task.id = JobId("J");
    task.project = bench.project;
    task.owner = UserId("ana");
    task.task = "train";
    REQUIRE(bench.send(task).has_value());
    REQUIRE(bench.send(input::SavePool{PoolId("vision"), true, "vision", std::nullopt, std::nullopt, std::nullopt})
                .has_value());
    REQUIRE(bench.send(input::SaveGroup{GroupId("vision"), true, "vision", PoolId("vision"), std::nullopt, std::nullopt})
                .has_value());
    REQUIRE(bench.send(input::MoveUser{UserId("ana"), GroupId("vision")}).has_value());
    bench.exit("board", 0);
    CHECK(bench.job("board").empty());
    REQUIRE(bench.send(input::MoveUser{UserId("ana"), kDefaultGroup}).has_value());
    CHECK_FALSE(bench.job("board").empty());
}

TEST_CASE("stopping the job of a component by hand disables it") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    REQUIRE(bench.send(input::StopJob{bench.job("board"), "ana"}).has_value());
    bench.exit("board", 0);
    CHECK(bench.state("board") == "Disabled");
}

TEST_CASE("an idle component is paused, and runs again when somebody asks for it") {
    Component board = custom("board");
    board.idle_pause = std::chrono::hours(1);
    Bench bench(with({board}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const Time started = bench.now;
    const JobId job = bench.job("board");
    bench.now += std::chrono::minutes(59);
    bench.send(input::ComponentActivity{job, Time{}, false});
    CHECK(bench.state("board") == "Running");
    bench.now += std::chrono::minutes(1);
    bench.send(input::ComponentActivity{job, started, true});
    CHECK(bench.state("board") == "Running");
    bench.send(input::ComponentActivity{job, started, false});
    CHECK(bench.state("board") == "Stopping");
    bench.exit("board", 0);
    CHECK(bench.state("board") == "Paused");
    CHECK(bench.reason("board") == "it was idle; it runs again when somebody opens it");
    REQUIRE(bench.send(input::ResumeComponent{bench.project, "board"}).has_value());
    CHECK(bench.state("board") == "Starting");
}

TEST_CASE("a component whose programs compute is not idle, though nobody says anything") {
    Component board = custom("board");
    board.idle_pause = std::chrono::hours(1);
    Bench bench(with({board}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    const JobId job = bench.job("board");
    const auto look = [&](ComponentLoad load) { bench.send(input::ComponentActivity{job, Time{}, false, load}); };
    for (int hour = 0; hour < 3; ++hour) {
        bench.now += std::chrono::hours(1);
        look({100, std::nullopt});
        CHECK(bench.state("board") == "Running");
    }
    SUBCASE("its time begins when they stop") {
        bench.now += std::chrono::minutes(59);
        look({1.5, 0});
        CHECK(bench.state("board") == "Running");
        bench.now += std::chrono::minutes(1);
        look({1.5, 0});
        CHECK(bench.state("board") == "Stopping");
    }
    SUBCASE("a GPU that computes counts as well") {
        bench.now += std::chrono::hours(1);
        look({1.5, 40});
        CHECK(bench.state("board") == "Running");
    }
    SUBCASE("after a restart of the server it gets its time anew, since nobody knows what it did") {
        bench.restart();
        bench.now += std::chrono::hours(1);
        look({1.5, 0});
        CHECK(bench.state("board") == "Running");
        bench.now += std::chrono::hours(1);
        look({1.5, 0});
        CHECK(bench.state("board") == "Stopping");
    }
}

TEST_CASE("components of somebody who is off-boarded end with their jobs and stay ended") {
    Bench bench(with({custom("board")}));
    REQUIRE(bench.enable("board").has_value());
    bench.run("board");
    REQUIRE(bench.send(input::OffboardUser{UserId("ana"), true}).has_value());
    bench.exit("board", 0);
    CHECK(bench.core().live_jobs() == 0);
    bench.pass(std::chrono::hours(1));
    CHECK(bench.core().live_jobs() == 0);
}
