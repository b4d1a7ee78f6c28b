#include "runtime/launch.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "domain/job_transition.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::runtime;
using namespace pintle::testing;

namespace {

Job a_prepared_job(Task task, Preparation preparation, std::vector<Placement> placements) {
    event::Submitted submitted;
    submitted.id = JobId("J");
    submitted.project_id = ProjectId("P");
    submitted.build = 3;
    submitted.by = "ana";
    submitted.spec.project_name = "digits";
    submitted.spec.task = std::move(task);
    Job job = apply({}, {JobId("J"), 1, Time{}, submitted}).value();
    job = apply(job, {JobId("J"), 2, Time{}, event::Admitted{std::move(placements), 0}}).value();
    return apply(job, {JobId("J"), 3, Time{}, event::Prepared{std::move(preparation)}}).value();
}

Task parallel() {
    Resource ps = a_resource("my-ps", "python ps.py"), worker = a_resource("worker", "python work.py");
    ps.port = 2222;
    worker.replicas = 2;
    worker.args = "--fast";
    worker.env = {{"PYTHONPATH", "/opt/own"},
                  {"BUILD_ID", "mine"},
                  {"MASTER", "spark://{{ .PROJECT_NAME }}-x:{{.BUILD_ID}}{{.NONE}}"}};
    return a_task("train", {ps, worker});
}

std::vector<Placement> three_places() {
    return {{"my-ps-0", "local", {}, "127.64.0.1"},
            {"worker-0", "local", {1}, "127.64.0.2"},
            {"worker-1", "local", {}, "127.64.0.3"}};
}

LaunchContext a_context(bool isolated) {
    LaunchContext context;
    context.node = a_node("local", 4, 8);
    context.node.private_mounts = context.node.private_names = isolated;
    context.log_folder = "/logs";
    context.credentials = {{"PINTLE_URL", "http://127.0.0.1:1"}, {"PINTLE_TOKEN", "t"}};
    return context;
}

std::string value_of(const engine::ReplicaLaunch& launch, std::string_view name) {
    for (const auto& [key, value] : launch.environment) {
        if (key == name) return value;
    }
    return "(none)";
}

}  // namespace

namespace {

Job a_prepared_component(std::vector<PreparedVolume> volumes) {
    Resource resource = a_resource("jupyter", "serve");
    resource.port = 8888;
    event::Submitted submitted;
    submitted.id = JobId("J");
    submitted.project_id = ProjectId("P");
    submitted.kind = JobKind::kComponent;
    submitted.build = -4;
    submitted.spec.project_name = "digits";
    submitted.spec.default_mount_path = "/workspace";
    submitted.spec.task = a_task("jupyter", {resource});
    Job job = apply({}, {JobId("J"), 1, Time{}, submitted}).value();
    job = apply(job, {JobId("J"), 2, Time{}, event::Admitted{{{"jupyter-0", "local", {}, "127.64.0.1"}}, 0}}).value();
    return apply(job, {JobId("J"), 3, Time{}, event::Prepared{{std::move(volumes), {}, {}}}}).value();
}

}  // namespace

TEST_CASE("a component knows where it listens and where browsers find it, and has no build") {
    const Job job = a_prepared_component({});
    LaunchContext context = a_context(true);
    context.component_folder = "/data/components/P/jupyter";
    const engine::ReplicaLaunch launch = make_launch(job, job.replicas[0], context);
    CHECK(value_of(launch, "URL_PREFIX") == "/projects/P/components/jupyter");
    CHECK(value_of(launch, "PORT") == "8888");
    CHECK(value_of(launch, "PINTLE_ADDRESS") == "127.64.0.1");
    CHECK(value_of(launch, "BUILD_ID") == "(none)");
    CHECK(value_of(launch, "PINTLE_JOB") == "digits/jupyter:component");
    CHECK(launch.host_name == "jupyter");
}

TEST_CASE("a component begins in a folder of its own, where the sources lie as well") {
    const PreparedVolume data{"jupyter", "data", "/storage/data", "/workspace/data", false, false};
    const Job job = a_prepared_component({data});
    LaunchContext context = a_context(true);
    context.component_folder = "/data/components/P/jupyter";
    engine::ReplicaLaunch launch = make_launch(job, job.replicas[0], context);
    CHECK(launch.work_dir == "/workspace");
    REQUIRE(launch.mounts.size() == 2);
    CHECK(launch.mounts[0] == engine::Mount{"/data/components/P/jupyter", "/workspace", false});
    CHECK(launch.mounts[1].mount_path == "/workspace/data");
    SUBCASE("unless a source is mounted there itself") {
        const PreparedVolume code{"jupyter", "code", "/storage/code", "/workspace", false, false};
        const Job other = a_prepared_component({code});
        launch = make_launch(other, other.replicas[0], context);
        REQUIRE(launch.mounts.size() == 1);
        CHECK(launch.work_dir == "/workspace");
    }
    SUBCASE("without private mounts it is where it is") {
        context.node.private_mounts = false;
        launch = make_launch(job, job.replicas[0], context);
        CHECK(launch.mounts.empty());
        CHECK(launch.work_dir == "/data/components/P/jupyter");
    }
}

TEST_CASE("every replica gets the addresses of every resource, in the order of the replicas' index") {
    const Job job = a_prepared_job(parallel(), {}, three_places());
    for (const Replica& replica : job.replicas) {
        const auto launch = make_launch(job, replica, a_context(true));
        CHECK(value_of(launch, "MY_PS_NODES") == "train-my-ps-3-0.my-ps-3:2222");
        CHECK(value_of(launch, "MY_PS_HOSTS") == "train-my-ps-3-0.my-ps-3");
        CHECK(value_of(launch, "WORKER_NODES") == "train-worker-3-0.worker-3,train-worker-3-1.worker-3");
        CHECK(launch.hosts.size() == 3);
    }
}

TEST_CASE("the entry of the list at REPLICA_INDEX is the replica's own address") {
    const Job job = a_prepared_job(parallel(), {}, three_places());
    for (const Replica& replica : job.replicas) {
        const auto launch = make_launch(job, replica, a_context(true));
        if (replica.resource != "worker") continue;
        const auto nodes = split(value_of(launch, "WORKER_NODES"), ',');
        CHECK(nodes.at(static_cast<std::size_t>(parse_int(value_of(launch, "REPLICA_INDEX")).value())) ==
              launch.host_name);
    }
}

TEST_CASE("without private names replicas are given plain addresses") {
    const Job job = a_prepared_job(parallel(), {}, three_places());
    const auto launch = make_launch(job, job.replicas[1], a_context(false));
    CHECK(value_of(launch, "MY_PS_NODES") == "127.64.0.1:2222");
    CHECK(value_of(launch, "WORKER_HOSTS") == "127.64.0.2,127.64.0.3");
}

TEST_CASE("built-in variables win over the task's own, and templates in values are filled in") {
    const Job job = a_prepared_job(parallel(), {}, three_places());
    const auto launch = make_launch(job, job.replicas[1], a_context(true));
    CHECK(value_of(launch, "BUILD_ID") == "3");
    CHECK(value_of(launch, "MASTER") == "spark://digits-x:3");
    CHECK(value_of(launch, "GPU_COUNT") == "1");
    CHECK(value_of(make_launch(job, job.replicas[0], a_context(true)), "GPU_COUNT") == "0");
    CHECK(value_of(launch, "PINTLE_JOB") == "digits/train:3");
    CHECK(value_of(launch, "PINTLE_TOKEN") == "t");
    CHECK(launch.command == "python work.py --fast");
}

TEST_CASE("GPU_COUNT is how many GPUs the replica was really given, whatever its resource asks for") {
    Resource resource = a_resource("worker");
    resource.gpus = 4;
    for (const std::vector<int>& devices : {std::vector<int>{}, {3}, {1, 3, 5}}) {
        const Job job = a_prepared_job(a_task("train", {resource}), {}, {{"worker-0", "local", devices, "127.64.0.1"}});
        const auto launch = make_launch(job, job.replicas[0], a_context(true));
        CHECK(value_of(launch, "GPU_COUNT") == std::to_string(devices.size()));
        CHECK(launch.devices == devices);
    }
}

TEST_CASE("sources are seen at their mount paths, or where they are when nothing can be mounted") {
    Preparation preparation;
    preparation.volumes = {{"worker", "my-data", "/host/data", "/workspace/data", false, false},
                           {"worker", "lib", "/host/lib", "/workspace/lib", true, true},
                           {"my-ps", "lib", "/host/lib", "/workspace/lib", true, true}};
    const Job job = a_prepared_job(parallel(), preparation, three_places());
    const auto isolated = make_launch(job, job.replicas[1], a_context(true));
    CHECK(value_of(isolated, "MY_DATA_DIR") == "/workspace/data");
    CHECK(value_of(isolated, "PYTHONPATH") == "/opt/own:/workspace/lib");
    CHECK(isolated.mounts ==
          std::vector<engine::Mount>{{"/host/data", "/workspace/data", false}, {"/host/lib", "/workspace/lib", true}});
    const auto plain = make_launch(job, job.replicas[1], a_context(false));
    CHECK(value_of(plain, "MY_DATA_DIR") == "/host/data");
    CHECK(value_of(plain, "PYTHONPATH") == "/opt/own:/host/lib");
    CHECK(plain.mounts.empty());
    CHECK(value_of(make_launch(job, job.replicas[0], a_context(true)), "MY_DATA_DIR") == "(none)");
}
