#include "engine_container/container_engine.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/text.hpp"
#include "engine_conformance/conformance.hpp"
#include "engine_container/init_image.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using engine_container::ContainerEngine;
using engine_container::Service;
using testing::output_of;

namespace {

/// A podman or Docker of our own for as long as this lives, by a script of tests/containers.
class OwnService {
public:
    explicit OwnService(std::string script) : script_(std::move(script)) { start(); }
    ~OwnService() { (void)script("stop"); }
    OwnService(const OwnService&) = delete;
    OwnService& operator=(const OwnService&) = delete;

    void start() {
        const auto done = script("start");
        REQUIRE(done.has_value());
        const std::string said(trim(done->output));
        works_ = done->exit_code == 0;
        if (!works_) MESSAGE("left out: " << said);
        REQUIRE_MESSAGE((works_ || done->exit_code == 77), said);
        socket_ = said;
    }
    /// As a crash of the service would.
    void kill() { REQUIRE(script("kill")->exit_code == 0); }
    std::string run(const std::string& words) {
        std::vector<std::string> all{"run"};
        for (const std::string& word : split(words, ' ')) all.push_back(word);
        return std::string(trim(script(all[0], {all.begin() + 1, all.end()})->output));
    }

    [[nodiscard]] bool works() const { return works_; }
    [[nodiscard]] const std::string& socket() const { return socket_; }

private:
    Result<os::CommandOutput> script(const std::string& word, const std::vector<std::string>& more = {}) {
        os::Command command;
        command.argv = {"/usr/bin/python3", script_, word, folder_.path() + "/service"};
        command.argv.insert(command.argv.end(), more.begin(), more.end());
        return os::run(command);
    }

    const std::string script_;
    testing::TempFolder folder_;
    std::string socket_;
    bool works_ = false;
};

/// One for all tests that do not kill it: each has a folder of its own, by which its containers are known.
OwnService& shared_podman() {
    static OwnService podman(PINTLE_TEST_PODMAN);
    return podman;
}

engine_container::Options options_for(const OwnService& service, const std::string& folder) {
    engine_container::Options options;
    options.folder = folder + "/containers";
    options.sockets = {service.socket()};
    options.keeper_command = {PINTLE_TEST_KEEPER};
    options.init_image = engine_container::init_image();
    options.sweep_every = Duration(1000);
    return options;
}

void check_contract(const OwnService& service) {
    if (!service.works()) return;
    const testing::TempFolder folder;
    testing::Subject subject;
    subject.shared_folder = folder.path();
    subject.many = 12;
    subject.has_machines = false;
    subject.open = [&](engine::Engine::Sink sink) -> std::unique_ptr<engine::Engine> {
        auto opened = ContainerEngine::open(options_for(service, folder.path()), std::move(sink));
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
        return std::move(*opened);
    };
    subject.complete = [&](engine::ReplicaLaunch& launch) {
        launch.image = "localhost/pintle-test";
        launch.mounts.push_back({folder.path(), folder.path(), false});
        for (int i = 0; i < subject.many; ++i)
            launch.hosts.emplace_back("", fmt::format("test-worker-1-{0}.worker-{0}", i));
    };
    testing::check_conformance(subject);
}

}  // namespace

TEST_CASE("the container engine keeps the contract of engines with podman") { check_contract(shared_podman()); }

// A test of its own for ctest: it takes as long as all the others, and both wait more than they work.
TEST_CASE("the container engine keeps the contract of engines with Docker" * doctest::skip()) {
    static OwnService docker(PINTLE_TEST_DOCKER);
    check_contract(docker);
}

TEST_CASE("a container that is made in podman's own language is the same as one made in Docker's") {
    OwnService& podman = shared_podman();
    if (!podman.works()) return;
    const Service service(podman.socket());
    const testing::TempFolder folder;
    REQUIRE(os::make_folders(folder.path() + "/box").has_value());
    auto launch = testing::a_launch(folder.path(), "test \"$A\" = 'b=c'");
    launch.image = "localhost/pintle-test";
    launch.environment = {{"A", "b=c"}};
    launch.hosts = {{"", launch.host_name}};
    launch.limits = {500, 64 << 20};
    launch.mounts = {{folder.path(), "/data", true}};
    engine_container::Surroundings around;
    // All podmans of a machine keep the addresses of their networks in one place, by the networks' names.
    around.marks = {std::filesystem::path(folder.path()).filename().string()};
    around.is_podman = around.lowered_limits = true;
    around.box = around.scratch = folder.path() + "/box";
    REQUIRE(
        service.make_network(around.marks.network(launch.id.job), around.marks.labels(launch.id.job), {}).has_value());
    around.network = service.network(around.marks.network(launch.id.job)).value();
    auto spec = engine_container::container_spec(launch, around).value();
    spec.set("WorkingDir", "/tmp");
    // Without our first process, which wants its pipes.
    spec.set("Entrypoint", json::Value::array({"/bin/bash", "-c"}));
    spec.set("Cmd", json::Value::array({"test \"$A\" = 'b=c' && test $PWD = /tmp && test ! -w /data && grep -q "
                                        "'10.*test-worker-1-0.worker-0' /etc/hosts"}));
    const auto end_of = [&](const std::string& name) {
        const auto started = service.start(name);
        REQUIRE_MESSAGE(started.has_value(), started.error().message);
        while (true) {
            const auto state = service.inspect(name).value().value();
            if (!state.is_running()) return state.exit_code;
        }
    };
    REQUIRE(service.create("t-docker", spec).has_value());
    CHECK(end_of("t-docker") == 0);
    REQUIRE(service.remove("t-docker").has_value());
    const auto made = service.create_on_podman(engine_container::podman_spec("t-podman", spec));
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    CHECK(end_of("t-podman") == 0);
    CHECK(podman.run("inspect t-podman --format "
                     "{{.HostConfig.Memory}}/{{.HostConfig.NanoCpus}}/{{.HostConfig.LogConfig.Type}}") ==
          "67108864/500000000/none");
    REQUIRE(service.remove("t-podman").has_value());
    REQUIRE(service.remove_network(around.marks.network(launch.id.job)).has_value());
}

TEST_CASE("GPUs of a podman are asked for by the names that devices have there") {
    auto launch = testing::a_launch("/x", "true");
    launch.image = "i";
    engine_container::Surroundings around;
    around.is_podman = true;
    around.gpu_way = engine_container::GpuWay::kCdi;
    around.devices = {{0, "A100", true, "GPU-a", "nvidia"}, {2, "A100", true, "GPU-b", "nvidia"}};
    const auto spec = engine_container::podman_spec("n", engine_container::container_spec(launch, around).value());
    CHECK(json::to_json(spec["devices"]) == R"([{"path":"nvidia.com/gpu=0"},{"path":"nvidia.com/gpu=2"}])");
}

TEST_CASE("what a job left behind is removed when the engine begins, and what others run is not") {
    OwnService& podman = shared_podman();
    if (!podman.works()) return;
    const Service service(podman.socket());
    const testing::TempFolder folder;
    testing::Recorder recorder;
    // Engines of other cases, whose things this one leaves alone, may have left networks.
    const std::string networks = podman.run("network ls -q");
    auto launch = testing::a_launch(folder.path(), "exec sleep 1000");
    launch.image = "localhost/pintle-test";
    launch.hosts = {{"", launch.host_name}};
    {
        auto engine = ContainerEngine::open(options_for(podman, folder.path()), recorder.sink()).value();
        REQUIRE(engine->start(launch).has_value());
        recorder.wait_until_running(launch.id);
        CHECK(engine->usage({launch.id}).at(launch.id).memory_bytes.value_or(0) > 0);
        CHECK(engine->usage({launch.id}).at(launch.id).network_received_bytes.has_value());
        CHECK(engine->own_address(launch.id).value().find("10.") == 0);
        CHECK(engine->fault().empty());
    }
    REQUIRE(os::remove_tree(folder.path() + "/containers/attempts").has_value());
    podman.run(
        "run -d --name other --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 localhost/pintle-test sleep 1000");
    const auto engine = ContainerEngine::open(options_for(podman, folder.path()), recorder.sink()).value();
    while (podman.run("ps --all --format {{.Names}}") != "other") {
    }
    while (podman.run("network ls -q") != networks) {
    }
    podman.run("rm --force --time 0 other");
}

TEST_CASE("a start waits for a service that is away, and the engine says that it is") {
    const testing::TempFolder folder;
    testing::Recorder recorder;
    engine_container::Options options;
    options.folder = folder.path() + "/containers";
    options.sockets = {folder.path() + "/none.sock"};
    options.keeper_command = {PINTLE_TEST_KEEPER};
    options.init_image = engine_container::init_image();
    const auto engine = ContainerEngine::open(options, recorder.sink()).value();
    CHECK(engine->fault().find("no container service is there; install podman") == 0);
    CHECK(engine->doctor().at(0).level == engine::Finding::Level::kMissing);
    auto launch = testing::a_launch(folder.path(), "true");
    launch.image = "localhost/pintle-test";
    REQUIRE(engine->start(launch).has_value());
    CHECK(engine->list().value().at(0).kind == engine::Observation::Kind::kRunning);
    CHECK(engine->prepare_image(launch.id.job, launch.image, [](std::string) {}).error().code ==
          ErrorCode::kUnavailable);
    CHECK(recorder.all().empty());
}
