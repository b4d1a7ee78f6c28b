#include "engine_container/container_spec.hpp"

#include <doctest/doctest.h>

#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::engine_container;

namespace {

engine::ReplicaLaunch a_launch() {
    engine::ReplicaLaunch launch;
    launch.id = {domain::JobId("01HZZZZZZZZZZZZZZZZZZZZZZZ"), "worker-0", 1};
    launch.command = "python train.py";
    launch.work_dir = "$SRC_DIR";
    launch.environment = {{"LR", "0.1"}, {"PINTLE_URL", "http://127.0.0.1:7171"}};
    launch.image = "team/train";
    launch.mounts = {{"/data/src", "/workspace/src", true}};
    launch.host_name = "train-worker-3-0.worker-3";
    launch.hosts = {{"127.64.0.1", "train-ps-3-0.ps-3"}, {"127.64.0.2", "train-worker-3-0.worker-3"}};
    launch.limits = {1500, 256 << 20};
    return launch;
}

Surroundings on_podman() {
    Surroundings around;
    around.marks = {"abc"};
    around.network = {"10.89.0.0/24", "10.89.0.1"};
    around.is_podman = true;
    around.box = "/d/box";
    around.scratch = "/d/scratch";
    around.server_url = "http://10.89.0.1:7171";
    return around;
}

json::Value spec_of(const engine::ReplicaLaunch& launch, const Surroundings& around) {
    return container_spec(launch, around).value();
}

std::string text(const json::Value& value) { return json::to_json(value); }

}  // namespace

TEST_CASE("a launch becomes one request, with everything that a replica is given") {
    CHECK(json::to_json_pretty(spec_of(a_launch(), on_podman())) == R"({
  "Image": "team/train:latest",
  "Entrypoint": [
    "/run/pintle/init"
  ],
  "Cmd": [
    "cd -- \"$SRC_DIR\" || exit 1; python train.py"
  ],
  "Env": [
    "LR=0.1",
    "PINTLE_URL=http://10.89.0.1:7171",
    "PINTLE_ATTEMPT=01HZZZZZZZZZZZZZZZZZZZZZZZ.worker-0.1"
  ],
  "Labels": {
    "pintle.attempt": "01HZZZZZZZZZZZZZZZZZZZZZZZ.worker-0.1",
    "pintle.data": "abc",
    "pintle.job": "01HZZZZZZZZZZZZZZZZZZZZZZZ"
  },
  "Tty": false,
  "HostConfig": {
    "NetworkMode": "pintle-abc-01hzzzzzzzzzzzzzzzzzzzzzzz",
    "Mounts": [
      {
        "Type": "bind",
        "Source": "/d/box",
        "Target": "/run/pintle",
        "ReadOnly": true
      },
      {
        "Type": "bind",
        "Source": "/data/src",
        "Target": "/workspace/src",
        "ReadOnly": true
      }
    ],
    "ExtraHosts": [
      "train-ps-3-0.ps-3:10.89.0.2",
      "train-worker-3-0.worker-3:10.89.0.3"
    ],
    "LogConfig": {
      "Type": "none"
    },
    "SecurityOpt": [
      "label=disable"
    ],
    "Init": false,
    "Memory": 268435456,
    "MemorySwap": 268435456,
    "NanoCpus": 1500000000,
    "ShmSize": 134217728
  },
  "Hostname": "train-worker-3-0",
  "WorkingDir": "/",
  "NetworkingConfig": {
    "EndpointsConfig": {
      "pintle-abc-01hzzzzzzzzzzzzzzzzzzzzzzz": {
        "Aliases": [
          "train-worker-3-0.worker-3"
        ],
        "IPAMConfig": {
          "IPv4Address": "10.89.0.3"
        }
      }
    }
  }
})");
}

TEST_CASE("Docker resolves the names itself and chooses the addresses") {
    Surroundings around = on_podman();
    around.is_podman = false;
    const auto spec = spec_of(a_launch(), around);
    CHECK(text(spec["HostConfig"]["ExtraHosts"]) == R"(["host.docker.internal:host-gateway"])");
    CHECK_FALSE(
        spec["NetworkingConfig"]["EndpointsConfig"][on_podman().marks.network(a_launch().id.job)].has("IPAMConfig"));
}

TEST_CASE("a program that cannot reach the server is told of none") {
    Surroundings around = on_podman();
    around.server_url.reset();
    CHECK(text(spec_of(a_launch(), around)["Env"]) ==
          R"(["LR=0.1","PINTLE_ATTEMPT=01HZZZZZZZZZZZZZZZZZZZZZZZ.worker-0.1"])");
}

TEST_CASE("a command without a work folder begins where the image says, or in the replica's scratch folder") {
    auto launch = a_launch();
    Surroundings around = on_podman();
    launch.work_dir = "";
    auto spec = spec_of(launch, around);
    CHECK(spec["WorkingDir"] == json::Value("/scratch"));
    CHECK(text(spec["HostConfig"]["Mounts"][1]) ==
          R"({"Type":"bind","Source":"/d/scratch","Target":"/scratch","ReadOnly":false})");
    CHECK(spec["Cmd"][0] == json::Value("python train.py"));
    around.image.work_dir = "/app";
    spec = spec_of(launch, around);
    CHECK_FALSE(spec.has("WorkingDir"));
    CHECK(spec["HostConfig"]["Mounts"].size() == 2);
    launch.work_dir = "sub";
    CHECK(spec_of(launch, around)["Cmd"][0] == json::Value("cd -- \"sub\" || exit 1; python train.py"));
}

TEST_CASE("without limits none are sent; on a machine that cannot raise them open files and processes are lowered") {
    auto launch = a_launch();
    Surroundings around = on_podman();
    launch.limits = {};
    auto host = spec_of(launch, around)["HostConfig"];
    for (const char* name : {"Memory", "MemorySwap", "NanoCpus", "Ulimits", "DeviceRequests"})
        CHECK_FALSE(host.has(name));
    around.lowered_limits = true;
    host = spec_of(launch, around)["HostConfig"];
    CHECK(text(host["Ulimits"]) ==
          R"([{"Name":"nofile","Soft":1024,"Hard":1024},{"Name":"nproc","Soft":1000,"Hard":1000}])");
}

TEST_CASE("GPUs are asked for by device request, or by their CDI names") {
    const domain::Device a{0, "A100", true, "GPU-a", "nvidia"}, b{2, "A100", true, "GPU-b", "nvidia"};
    const domain::Device amd{1, "MI210", true, "", "amd"}, declared{3, "T4"};
    Surroundings around = on_podman();
    const auto requests = [&](std::vector<domain::Device> devices, GpuWay way) {
        around.devices = std::move(devices);
        around.gpu_way = way;
        return text(spec_of(a_launch(), around)["HostConfig"]["DeviceRequests"]);
    };
    CHECK(requests({a, b}, GpuWay::kDeviceRequest) ==
          R"([{"Driver":"nvidia","DeviceIDs":["GPU-a","GPU-b"],"Capabilities":[["gpu"]]}])");
    CHECK(requests({a, b}, GpuWay::kCdi) ==
          R"([{"Driver":"cdi","DeviceIDs":["nvidia.com/gpu=0","nvidia.com/gpu=2"]}])");
    CHECK(requests({amd}, GpuWay::kDeviceRequest) == R"([{"Driver":"cdi","DeviceIDs":["amd.com/gpu=1"]}])");
    CHECK(requests({declared}, GpuWay::kDeviceRequest) ==
          R"([{"Driver":"nvidia","DeviceIDs":["3"],"Capabilities":[["gpu"]]}])");
}

TEST_CASE("what cannot be given to a program is refused") {
    auto launch = a_launch();
    launch.command = std::string("a\0b", 3);
    CHECK(container_spec(launch, on_podman()).error().code == ErrorCode::kInvalid);
    launch = a_launch();
    launch.environment.emplace_back("A=B", "c");
    CHECK(container_spec(launch, on_podman()).error().code == ErrorCode::kInvalid);
}

TEST_CASE("replicas have the addresses behind the gateway, as far as the network has room") {
    CHECK(address_in("10.89.0.0/24", 0) == "10.89.0.2");
    CHECK(address_in("10.89.0.0/24", 252) == "10.89.0.254");
    CHECK_FALSE(address_in("10.89.0.0/24", 253).has_value());
    CHECK(address_in("172.18.0.0/16", 300) == "172.18.1.46");
    for (const char* odd : {"", "10.89.0.0", "fd00::/64", "10.89.0/24", "10.89.0.300/24", "10.89.0.0/x"}) {
        CHECK_FALSE(address_in(odd, 0).has_value());
    }
}

TEST_CASE("an image without a tag is the latest; its registry is told from its name") {
    CHECK(with_tag("python") == "python:latest");
    CHECK(with_tag("host:5000/a/b") == "host:5000/a/b:latest");
    CHECK(with_tag("host:5000/a/b:2") == "host:5000/a/b:2");
    CHECK(with_tag("a@sha256:12") == "a@sha256:12");
    CHECK(registry_of("python:3.12") == "docker.io");
    CHECK(registry_of("team/image") == "docker.io");
    CHECK(registry_of("ghcr.io/team/image") == "ghcr.io");
    CHECK(registry_of("localhost/x") == "localhost");
    CHECK(registry_of("host:5000/x") == "host:5000");
}
