#include "engine_process/launch_plan.hpp"

#include <doctest/doctest.h>

#include "engine_process/plan_builder.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

engine::ReplicaLaunch a_launch() {
    engine::ReplicaLaunch launch;
    launch.id = {domain::JobId("01HZZZZZZZZZZZZZZZZZZZZZZZ"), "worker-1", 2};
    launch.command = "train";
    launch.log_folder = "/logs";
    launch.mounts = {{"/host", "/workspace", true}};
    launch.hosts = {{"127.1.0.2", "worker-1"}};
    launch.host_name = "worker-1";
    launch.limits = {1000, 64 << 20};
    return launch;
}

}  // namespace

TEST_CASE("a plan comes back as it was written") {
    LaunchPlan plan;
    plan.replica = "worker-1";
    plan.script = "echo 'a'\nexit";
    plan.environment = {{"A", "1=2"}, {"B", ""}};
    plan.folder = "/scratch";
    plan.namespaces = NamespaceMode::kUser;
    plan.mounts = {{"/a", "/b", true}, {"/c", "/d", false}};
    plan.hidden = {"/data", "/storage"};
    plan.kept = {{"/data/scratch", false}, {"/data/python", true}};
    plan.own_users = true;
    plan.hosts_file = "/hosts";
    plan.host_name = "name";
    plan.cgroups = {{"/x", {{"memory.max", "1", true}, {"memory.swap.max", "0", false}}}, {"/y", {}}};
    plan.memory_limit_bytes = 5;
    plan.data_limit_bytes = 6;
    plan.log_folder = "/log";
    plan.log_segment_bytes = 7;
    plan.log_total_bytes = 8;
    plan.grace = Duration(9);
    plan.leftover_grace = Duration(10);
    CHECK(decode_plan(encode(plan).value()).value() == plan);
    CHECK(decode_plan(encode(LaunchPlan{}).value()).value() == LaunchPlan{});
}

TEST_CASE("a plan that was spoilt is not carried out") {
    CHECK_FALSE(decode_plan("replica").has_value());
    CHECK_FALSE(decode_plan(std::string_view("namespaces=9\0", 13)).has_value());
}

TEST_CASE("a launch is planned for what the machine can do") {
    const RunFolder folder("/run");
    NamespaceSupport all;
    all.mode = NamespaceMode::kUser;
    all.mounts = all.names = true;
    const LaunchPlan able = build_plan(a_launch(), {}, folder, {}, all, {}).value();
    CHECK(able.namespaces == NamespaceMode::kUser);
    CHECK(able.mounts == a_launch().mounts);
    CHECK(able.hosts_file == "/run/attempts/01HZZZZZZZZZZZZZZZZZZZZZZZ.worker-1.2/hosts");
    CHECK(able.folder == "/run/scratch/01HZZZZZZZZZZZZZZZZZZZZZZZ.worker-1");
    CHECK(able.data_limit_bytes == 64 << 20);  // For want of cgroups.

    const LaunchPlan unable = build_plan(a_launch(), {}, folder, {}, {}, {}).value();
    CHECK(unable.namespaces == NamespaceMode::kNone);
    CHECK(unable.mounts.empty());
    CHECK(unable.hosts_file.empty());

    auto plain = a_launch();
    plain.mounts.clear();
    plain.hosts.clear();
    CHECK(build_plan(plain, {}, folder, {}, all, {}).value().namespaces == NamespaceMode::kNone);
}

TEST_CASE("the names of replicas come before the host's own and cannot smuggle lines in") {
    CHECK(hosts_text("127.0.0.1 localhost\n", {{"127.1.0.2", "a"}}).value() ==
          "# The replicas of this job.\n127.1.0.2\ta\n\n# This machine's own.\n127.0.0.1 localhost\n");
    CHECK(hosts_text("", {{"127.1.0.2", "a\n1.2.3.4 b"}}).error().code == ErrorCode::kInvalid);
    CHECK(hosts_text("", {{"", "a"}}).error().code == ErrorCode::kInvalid);
}
