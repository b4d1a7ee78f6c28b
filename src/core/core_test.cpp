#include "core/core.hpp"

#include <doctest/doctest.h>

#include "domain/job_transition.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::core;
using namespace pintle::domain;
using namespace pintle::testing;

namespace {

/// A core with one project, fed one input at a time; keeps what came out.
class Bench {
public:
    explicit Bench(ProjectSpec spec, int gpus = 0, int cores = 4, CoreOptions options = {})
        : core_(std::move(options), LiveState{}) {
        send(input::NodesChanged{{a_node("local", cores, 8, gpus)}});
        send(input::CreateProject{project, {}, std::move(spec), "", ""});
        REQUIRE(last.replies.at(0).result.has_value());
    }

    void send(InputBody body) {
        now += Duration(1);
        last = core_.step({Input{std::move(body), 7}}, now);
        for (const Change& change : last.changes) {
            if (const auto* saved = std::get_if<change::JobSaved>(&change)) {
                jobs.insert_or_assign(saved->job->id.str(), *saved->job);
                auto& known = events[saved->job->id.str()];
                known.insert(known.end(), saved->events.begin(), saved->events.end());
            }
            if (const auto* added = std::get_if<change::NoticeAdded>(&change)) notices.push_back(added->notice);
        }
        const auto fault = core_.sanity_fault();
        CHECK_MESSAGE(!fault, fault.value_or(""));
    }
    Result<std::string> submit(std::string id, std::string task = "train", std::string key = "") {
        input::SubmitJob command;
        command.id = JobId(id);
        command.project = project;
        command.task = std::move(task);
        command.by = "tester";
        command.key = std::move(key);
        send(command);
        return last.replies.at(0).result;
    }
    void prepared(std::string id) { send(input::PreparationDone{JobId(id), {}}); }
    void running(std::string id, std::string replica, int attempt = 1) {
        send(input::ReplicaSeen{JobId(id), std::move(replica), attempt, std::nullopt});
    }
    void exited(std::string id, std::string replica, int code, int attempt = 1) {
        send(input::ReplicaSeen{JobId(id), std::move(replica), attempt, ReplicaExit{code, false, "", now}});
    }
    template <class T>
    [[nodiscard]] std::vector<T> effects() const {
        std::vector<T> found;
        for (const Effect& effect : last.effects) {
            if (const auto* match = std::get_if<T>(&effect)) found.push_back(*match);
        }
        return found;
    }
    [[nodiscard]] const Job& job(std::string id) const { return jobs.at(id); }
    [[nodiscard]] Core& core() { return core_; }

    const ProjectId project{"P"};
    StepResult last;
    Time now = time_from_ms(1'000'000);
    std::map<std::string, Job> jobs;
    std::map<std::string, std::vector<JobEvent>> events;
    std::vector<Notice> notices;

private:
    Core core_;
};

Resource with_gpus(Resource resource, int gpus) {
    resource.gpus = gpus;
    return resource;
}

Resource permanent(Resource resource) {
    resource.is_permanent = true;
    return resource;
}

Resource with_replicas(Resource resource, int replicas) {
    resource.replicas = replicas;
    return resource;
}

ProjectSpec simple() { return a_project("digits", {a_task("train", {a_resource("worker")})}); }

ProjectSpec distributed() {
    return a_project("digits",
                     {a_task("train", {permanent(a_resource("ps")), with_replicas(a_resource("worker"), 2)})});
}

}  // namespace

TEST_CASE("a job goes from submitted to complete and gives its resources back") {
    Bench bench(simple());
    REQUIRE(bench.submit("A").value() == "A");
    CHECK(bench.job("A").state == JobState::kStarting);
    CHECK(bench.job("A").build == 1);
    CHECK(bench.effects<effect::Prepare>().size() == 1);
    bench.prepared("A");
    CHECK(bench.effects<effect::StartReplica>().size() == 1);
    bench.running("A", "worker-0");
    CHECK(bench.job("A").state == JobState::kRunning);
    bench.exited("A", "worker-0", 0);
    CHECK(bench.job("A").state == JobState::kComplete);
    CHECK(bench.effects<effect::ForgetReplica>().size() == 1);
    CHECK(bench.effects<effect::ForgetJob>().size() == 1);
    CHECK(bench.core().snapshot().use_of_node("local").cpu_millis == 0);
    CHECK(bench.core().live_jobs() == 0);
}

TEST_CASE("the events of a job give the job again") {
    Bench bench(distributed());
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    bench.running("A", "ps-0");
    bench.exited("A", "worker-1", 0);
    bench.exited("A", "worker-0", 3);
    bench.exited("A", "ps-0", 143);
    Job replayed;
    for (const JobEvent& event : bench.events.at("A")) replayed = apply(replayed, event).value();
    CHECK(replayed == bench.job("A"));
    CHECK(replayed.state == JobState::kError);
}

TEST_CASE("build numbers count over the whole project") {
    Bench bench(a_project("digits", {a_task("one", {a_resource("r")}), a_task("two", {a_resource("r")})}));
    REQUIRE(bench.submit("A", "one").has_value());
    REQUIRE(bench.submit("B", "two").has_value());
    CHECK(bench.job("A").display_name() == "digits/one:1");
    CHECK(bench.job("B").display_name() == "digits/two:2");
}

TEST_CASE("permanent replicas are stopped when all others have finished, and the job is complete") {
    Bench bench(distributed());
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    CHECK(bench.effects<effect::StartReplica>().size() == 3);
    for (const char* replica : {"ps-0", "worker-0", "worker-1"}) bench.running("A", replica);
    bench.exited("A", "worker-0", 0);
    CHECK(bench.effects<effect::StopReplica>().empty());
    bench.exited("A", "worker-1", 0);
    REQUIRE(bench.effects<effect::StopReplica>().size() == 1);
    CHECK(bench.effects<effect::StopReplica>().at(0).replica == "ps-0");
    CHECK(bench.job("A").state == JobState::kStopping);
    bench.exited("A", "ps-0", 143);
    CHECK(bench.job("A").state == JobState::kComplete);
    CHECK(bench.job("A").find_replica("ps-0")->state == ReplicaState::kStopped);
}

TEST_CASE("a replica that fails ends the others and the job, with the reason in words") {
    Bench bench(distributed());
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    for (const char* replica : {"ps-0", "worker-0", "worker-1"}) bench.running("A", replica);
    bench.exited("A", "worker-1", 7);
    CHECK(bench.effects<effect::StopReplica>().size() == 2);
    bench.exited("A", "ps-0", 143);
    bench.exited("A", "worker-0", 0);
    CHECK(bench.job("A").state == JobState::kError);
    CHECK(bench.job("A").reason == "worker-1 ended with exit code 7");
    CHECK(bench.notices.back().reason == "ReplicaFailed");
}

TEST_CASE("a failed replica is started again as often as it may be, then the job fails") {
    Resource resource = a_resource("worker");
    resource.max_restart_count = 1;
    Bench bench(a_project("digits", {a_task("train", {resource})}));
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    bench.exited("A", "worker-0", 1);
    REQUIRE(bench.effects<effect::StartReplica>().size() == 1);
    CHECK(bench.effects<effect::StartReplica>().at(0).attempt == 2);
    bench.exited("A", "worker-0", 1, 1);  // the first attempt's end, reported twice
    CHECK(bench.job("A").state == JobState::kRunning);
    bench.exited("A", "worker-0", 1, 2);
    CHECK(bench.job("A").state == JobState::kError);
    CHECK(bench.job("A").reason == "worker-0 ended with exit code 1 (after 1 restart)");
}

TEST_CASE("a job that is stopped while it waits never starts") {
    Bench bench(a_project("digits", {a_task("train", {with_gpus(a_resource("worker"), 1)})}), 1);
    REQUIRE(bench.submit("A").has_value());
    REQUIRE(bench.submit("B").has_value());
    CHECK(bench.job("B").state == JobState::kWaitingForGpus);
    bench.send(input::StopJob{JobId("B"), "ana"});
    CHECK(bench.job("B").state == JobState::kStopped);
    CHECK(bench.job("B").reason == "stopped by ana");
    bench.prepared("A");
    bench.exited("A", "worker-0", 0);
    CHECK(bench.effects<effect::Prepare>().empty());
}

TEST_CASE("a job waits for GPUs until they are released") {
    Bench bench(a_project("digits", {a_task("train", {with_gpus(a_resource("worker"), 1)})}), 1);
    REQUIRE(bench.submit("A").has_value());
    REQUIRE(bench.submit("B").has_value());
    const auto why = bench.core().explain(JobId("B"), bench.now);
    REQUIRE(why.has_value());
    CHECK(why->code == scheduling::WaitCode::kGpus);
    CHECK(why->position == 1);
    REQUIRE(why->waits_for.size() == 1);
    CHECK(why->waits_for.at(0).name == "digits/train:1");
    bench.prepared("A");
    bench.exited("A", "worker-0", 0);
    CHECK(bench.job("B").state == JobState::kStarting);
    CHECK(bench.job("B").replicas.at(0).placement.devices == std::vector<int>{0});
}

TEST_CASE("a job whose timeout passes while it waits fails with that reason") {
    ProjectSpec spec = a_project("digits", {a_task("train", {with_gpus(a_resource("worker"), 1)})});
    spec.tasks[0].timeout = std::chrono::minutes(5);
    Bench bench(spec, 1);
    REQUIRE(bench.submit("A").has_value());
    REQUIRE(bench.submit("B").has_value());
    REQUIRE(bench.last.next_wakeup.has_value());
    bench.now = *bench.last.next_wakeup;
    bench.send(input::ChoreDone{"none"});
    CHECK(bench.job("B").state == JobState::kError);
    CHECK(bench.job("B").reason == "it waited 5 min 0 s for its resources, which is its timeout");
    CHECK(bench.job("A").state == JobState::kStarting);
    CHECK_FALSE(bench.last.next_wakeup.has_value());
}

TEST_CASE("what can never run is refused at submit and not queued") {
    Bench bench(a_project("digits", {a_task("train", {with_gpus(a_resource("worker"), 2)})}), 1);
    const auto refused = bench.submit("A");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kInvalid);
    CHECK(refused.error().message == "digits/train can never run here: it asks for 2 GPUs and the Default Pool has 1");
    CHECK(bench.last.changes.empty());
}

TEST_CASE("a resource with an image is refused with its remedies unless the process engine is asked for") {
    Resource resource = a_resource("worker");
    resource.images.cpu = "tensorflow:2";
    Bench bench(a_project("digits", {a_task("train", {resource})}));
    const auto refused = bench.submit("A");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("--engine process") != std::string::npos);
    input::SubmitJob command;
    command.id = JobId("B");
    command.project = bench.project;
    command.task = "train";
    command.engine = EngineKind::kProcess;
    bench.send(command);
    REQUIRE(bench.last.replies.at(0).result.has_value());
    CHECK(bench.job("B").spec.image_ignored);
    CHECK(in_words(bench.events.at("B").at(0).body).find("ignored") != std::string::npos);
}

TEST_CASE("with a container engine, a job with an image runs in containers, all of it") {
    Resource worker = a_resource("worker"), ps = a_resource("ps");
    worker.images.cpu = "tensorflow:2";
    CoreOptions options;
    options.engines.push_back(EngineKind::kContainer);
    const ProjectSpec mixed =
        a_project("digits", {a_task("train", {worker, ps}), a_task("plain", {a_resource("worker")})});
    Bench without(mixed, 0, 4, options);
    CHECK(without.submit("A").error().message ==
          "ps names no image, and all replicas of a job run in containers when one does: worker names the image "
          "\"tensorflow:2\". Name one for "
          "it, or a default for all in the server's configuration (containers: image).");
    REQUIRE(without.submit("P", "plain").has_value());
    CHECK(without.job("P").spec.engine == EngineKind::kProcess);
    options.default_image = "python:3.12";
    Bench with(mixed, 0, 4, options);
    REQUIRE(with.submit("A").has_value());
    CHECK(with.job("A").spec.engine == EngineKind::kContainer);
    CHECK(with.job("A").spec.task.find("worker")->image() == "tensorflow:2");
    CHECK(with.job("A").spec.task.find("ps")->image() == "python:3.12");
}

TEST_CASE(
    "where no container can be run a job with an image is refused with the reason, and the host is never used "
    "instead") {
    Resource worker = a_resource("worker");
    worker.images.cpu = "tensorflow:2";
    CoreOptions options;
    options.engines.push_back(EngineKind::kContainer);
    Bench bench(a_project("digits", {a_task("train", {worker})}), 0, 4, options);
    Node node = a_node("local", 4, 8);
    node.container_fault = "no container service is there; install podman";
    bench.send(input::NodesChanged{{node}});
    const auto refused = bench.submit("A");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kUnavailable);
    CHECK(refused.error().message.find(
              "worker names the image \"tensorflow:2\", and no container can be run here: no container "
              "service is there; install podman. Or say \"engine: process\"") == 0);
    node.container_fault.clear();
    bench.send(input::NodesChanged{{node}});
    CHECK(bench.submit("A").has_value());
}

TEST_CASE("an unknown task is refused with the nearest known name") {
    Bench bench(simple());
    CHECK(bench.submit("A", "trian").error().message ==
          "the project digits has no task \"trian\"; did you mean \"train\"?");
}

TEST_CASE("the same key gives the same job once, and another request with it is refused") {
    Bench bench(simple());
    CHECK(bench.submit("A", "train", "k1").value() == "A");
    CHECK(bench.submit("B", "train", "k1").value() == "A");
    CHECK(bench.jobs.count("B") == 0);
    input::SubmitJob other;
    other.id = JobId("C");
    other.project = bench.project;
    other.task = "train";
    other.key = "k1";
    other.fingerprint = "different";
    bench.send(other);
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);
}

TEST_CASE("late, duplicate and stray observations change nothing") {
    Bench bench(simple());
    REQUIRE(bench.submit("A").has_value());
    bench.running("A", "worker-0");  // before it was asked to start
    CHECK(bench.job("A").state == JobState::kStarting);
    bench.prepared("A");
    bench.exited("A", "worker-0", 0);
    const std::string before = bench.core().state_text();
    bench.exited("A", "worker-0", 0);
    CHECK(bench.effects<effect::ForgetReplica>().size() == 1);
    bench.exited("A", "worker-0", 9);
    bench.prepared("A");
    bench.running("A", "worker-0");
    CHECK(bench.effects<effect::StopReplica>().size() == 1);
    CHECK(bench.core().state_text() == before);
    CHECK(bench.job("A").state == JobState::kComplete);
}

TEST_CASE("a preparation that cannot succeed fails the job with its reason") {
    Bench bench(simple());
    REQUIRE(bench.submit("A").has_value());
    bench.send(input::PreparationFailed{JobId("A"), "source src: could not reach it", false});
    CHECK(bench.job("A").state == JobState::kError);
    CHECK(bench.job("A").reason == "source src: could not reach it");
    CHECK(bench.core().snapshot().use_of_node("local").cpu_millis == 0);
}

TEST_CASE("after a restart the core is the same and begins again what may have been lost") {
    Bench bench(distributed());
    REQUIRE(bench.submit("A").has_value());
    REQUIRE(bench.submit("B").has_value());
    bench.prepared("A");
    bench.running("A", "ps-0");
    LiveState live;
    live.projects.push_back(*bench.core().find_project(bench.project));
    for (const auto& [id, job] : bench.jobs) live.jobs.push_back(job);
    Core again(CoreOptions{}, live);
    CHECK(again.resume().size() == 1);  // B's preparation
    const StepResult first = again.step({Input{input::NodesChanged{{a_node("local", 4, 8)}}, 0}}, bench.now);
    CHECK(again.state_text() == bench.core().state_text());
    CHECK_FALSE(again.sanity_fault().has_value());
    // The engine knows only ps-0: the workers' starts were lost.
    const StepResult second = again.step(
        {Input{input::EnginesListed{{{JobId("A"), "ps-0", 1, std::nullopt}, {JobId("X"), "old-0", 1, std::nullopt}}},
               0}},
        bench.now);
    int starts = 0, stops = 0;
    for (const Effect& effect : second.effects) {
        starts += std::holds_alternative<effect::StartReplica>(effect) ? 1 : 0;
        stops += std::holds_alternative<effect::StopReplica>(effect) ? 1 : 0;
    }
    CHECK(starts == 2);
    CHECK(stops == 1);
}

TEST_CASE("a running replica that its engine no longer knows has failed") {
    Bench bench(simple());
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    bench.running("A", "worker-0");
    bench.send(input::EnginesListed{});
    CHECK(bench.job("A").state == JobState::kError);
    CHECK(bench.job("A").reason == "worker-0 is gone: its engine no longer knows it");
}

TEST_CASE("a project is renamed and deleted only while nothing of it runs") {
    Bench bench(simple());
    REQUIRE(bench.submit("A").has_value());
    ProjectSpec renamed = simple();
    renamed.name = "letters";
    bench.send(input::ReplaceProject{bench.project, renamed, std::nullopt});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);
    bench.send(input::DeleteProject{bench.project});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);
    bench.send(input::StopJob{JobId("A"), "ana"});
    bench.send(input::ReplaceProject{bench.project, renamed, 1});
    REQUIRE(bench.last.replies.at(0).result.has_value());
    CHECK(bench.effects<effect::DoChore>().size() == 1);
    bench.send(input::ReplaceProject{bench.project, renamed, 1});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);
}

TEST_CASE("the data of a deleted project is gone before its name can be used again") {
    Bench bench(simple());
    bench.send(input::DeleteProject{bench.project});
    const auto chores = bench.effects<effect::DoChore>();
    REQUIRE(chores.size() == 1);
    bench.send(input::CreateProject{ProjectId("Q"), {}, simple(), "", ""});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);
    bench.send(input::ChoreDone{chores.at(0).chore.id});
    bench.send(input::CreateProject{ProjectId("Q"), {}, simple(), "", ""});
    CHECK(bench.last.replies.at(0).result.has_value());
}

TEST_CASE("a training job is seen as training once it reports progress") {
    ProjectSpec spec = simple();
    spec.tasks[0].kind = TaskKind::kTraining;
    Bench bench(spec);
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    bench.running("A", "worker-0");
    bench.send(input::SetProperties{JobId("A"), {{"accuracy", 0.5}}});
    CHECK(bench.job("A").state == JobState::kTraining);
    bench.exited("A", "worker-0", 0);
    CHECK(bench.job("A").state == JobState::kComplete);
    CHECK(std::get<double>(bench.job("A").properties.at("accuracy")) == 0.5);
}

TEST_CASE("a disabled project's jobs are stopped, and it takes no new ones until it is enabled") {
    Bench bench(a_project("digits", {a_task("train", {with_gpus(a_resource("worker"), 1)})}), 1);
    REQUIRE(bench.submit("A").has_value());
    bench.prepared("A");
    bench.running("A", "worker-0");
    REQUIRE(bench.submit("B").has_value());
    CHECK(bench.job("B").state == JobState::kWaitingForGpus);
    bench.send(input::DisableProject{bench.project});
    REQUIRE(bench.last.replies.at(0).result.has_value());
    CHECK(bench.core().find_project(bench.project)->disabled_at == bench.now);
    CHECK(bench.job("A").state == JobState::kStopping);
    CHECK(bench.job("B").state == JobState::kStopped);
    CHECK(bench.effects<effect::StopReplica>().size() == 1);

    const auto refused = bench.submit("C");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kConflict);
    CHECK(refused.error().message == "project digits is disabled; enable it first");
    input::SubmitJob clone;
    clone.id = JobId("D");
    clone.project = bench.project;
    clone.clone = bench.job("B").spec;
    CHECK(bench.core().dry_run(clone, {}, bench.now).error().code == ErrorCode::kConflict);
    bench.send(clone);
    CHECK(bench.last.replies.at(0).result.error().message == refused.error().message);

    bench.exited("A", "worker-0", 143);
    CHECK(bench.job("A").state == JobState::kStopped);
    // Asking again changes nothing.
    const Time since = bench.core().find_project(bench.project)->disabled_at;
    bench.send(input::DisableProject{bench.project});
    CHECK(bench.last.replies.at(0).result.has_value());
    CHECK(bench.last.changes.empty());
    CHECK(bench.core().find_project(bench.project)->disabled_at == since);
    bench.send(input::EnableProject{bench.project});
    bench.send(input::EnableProject{bench.project});
    CHECK(bench.last.changes.empty());
    CHECK(bench.submit("E").has_value());
    bench.send(input::DisableProject{ProjectId("none")});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kNotFound);
}

TEST_CASE("a project is reset only while nothing of it runs, and its builds begin at 1 again") {
    Bench bench(simple());
    REQUIRE(bench.submit("A", "train", "key").has_value());
    bench.send(input::ResetProject{bench.project, 2, {JobId("A")}, true});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);
    CHECK(bench.last.changes.empty());
    bench.prepared("A");
    bench.running("A", "worker-0");
    bench.exited("A", "worker-0", 0);
    // A job was submitted after somebody looked.
    bench.send(input::ResetProject{bench.project, 1, {}, true});
    CHECK(bench.last.replies.at(0).result.error().code == ErrorCode::kConflict);

    bench.send(input::ResetProject{bench.project, 2, {JobId("A")}, false});
    REQUIRE(bench.last.replies.at(0).result.has_value());
    CHECK(std::holds_alternative<change::JobDeleted>(bench.last.changes.at(0)));
    REQUIRE(bench.effects<effect::DoChore>().size() == 1);
    CHECK(std::get<chore::RemoveJobsData>(bench.effects<effect::DoChore>()[0].chore.work).jobs ==
          std::vector{JobId("A")});
    CHECK(bench.core().find_project(bench.project)->next_build == 2);
    bench.send(input::ResetProject{bench.project, 2, {}, true});
    REQUIRE(bench.last.replies.at(0).result.has_value());
    CHECK(bench.effects<effect::DoChore>().empty());
    CHECK(bench.core().find_project(bench.project)->next_build == 1);
    CHECK(bench.core().state_text().find("run times") == std::string::npos);
    // The key of a job that is gone is free again.
    REQUIRE(bench.submit("B", "train", "key").value() == "B");
    CHECK(bench.job("B").build == 1);
}

TEST_CASE("what keeps a project from being made or changed is told before") {
    Bench bench(simple());
    const auto faults = [&](const ProjectSpec& spec, const std::optional<ProjectId>& existing) {
        std::vector<std::string> found;
        for (const Fault& fault : bench.core().project_faults(spec, {}, existing)) found.push_back(fault.path);
        return found;
    };
    ProjectSpec spec = simple();
    CHECK(faults(spec, std::nullopt) == std::vector<std::string>{"name"});
    CHECK(faults(spec, bench.project).empty());
    spec.name = "letters";
    spec.sources = {Source{"data", "", "", ClusterStorageSource{"nowhere"}}};
    CHECK(faults(spec, std::nullopt) == std::vector<std::string>{"sources[0].cluster_storage"});
    REQUIRE(bench.submit("A").has_value());
    CHECK(faults(spec, bench.project) == std::vector<std::string>{"sources[0].cluster_storage", "name"});
}
