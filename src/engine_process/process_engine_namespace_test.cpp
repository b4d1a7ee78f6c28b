#include <unistd.h>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "engine_process/engine_test_bench.hpp"
#include "os/file.hpp"

using namespace pintle;
using engine_process::Bench;
using engine_process::Options;
using testing::output_of;

namespace {

/// A folder of the host with one file in it.
std::string a_source(const Bench& bench, const std::string& name) {
    const std::string folder = bench.path() + "/" + name;
    REQUIRE(os::make_folders(folder).has_value());
    REQUIRE(os::write_file_atomic(folder + "/file", name + "\n").has_value());
    return folder;
}

std::string new_top_folder(const char* use) { return fmt::format("/pintle-test-{}-{}", use, ::getpid()); }

}  // namespace

TEST_CASE("the replicas of a job find each other by name and talk over TCP") {
    Bench bench;
    if (!bench.can("names of replicas")) return;
    testing::Signal port(bench.path() + "/port");
    const std::string address = fmt::format("127.{}.{}.", 64 + ::getpid() % 128, ::getpid() / 128 % 256);
    auto server = bench.launch(
        "exec python3 -c \"import socket, sys; s = socket.create_server((sys.argv[1], 0)); open(sys.argv[2], "
        "'w').write(str(s.getsockname()[1]) + '\\n'); "
        "c, peer = s.accept(); print(c.recv(100).decode(), 'from', peer[0], 'on', socket.gethostname())\" server.job " +
        port.path());
    server.host_name = "server.job";
    server.hosts = {{address + "2", "server.job"}, {address + "3", "client.job"}};
    bench.start(server);
    auto client = bench.launch(fmt::format("exec 3<>/dev/tcp/server.job/{} && printf hello >&3", port.wait()));
    client.hosts = server.hosts;
    CHECK(bench.run(client).exit_code == 0);
    CHECK(bench.recorder().exit_of(server.id).exit_code == 0);
    CHECK(output_of(server).rfind("hello from 127.", 0) == 0);
    CHECK(output_of(server).find("on server.job\n") != std::string::npos);
}

TEST_CASE("the host's own names still resolve in a replica, and the host learns no new ones") {
    Bench bench;
    if (!bench.can("names of replicas")) return;
    auto launch = bench.launch("getent hosts train-0.job | tr -s ' '; grep -c localhost /etc/hosts");
    launch.hosts = {{"127.9.8.7", "train-0.job"}};
    const std::string before = os::read_file("/etc/hosts").value();
    bench.run(launch);
    CHECK(output_of(launch).rfind("127.9.8.7 train-0.job\n", 0) == 0);
    CHECK(os::read_file("/etc/hosts").value() == before);
}

TEST_CASE("sources appear at mount paths that the host does not have, read-only where asked") {
    Bench bench;
    if (!bench.can("private mounts")) return;
    const std::string top = new_top_folder("mount");
    auto launch =
        bench.launch(fmt::format("cat {0}/code/file {0}/data/deep/file; echo more >> {0}/code/file; echo new > "
                                 "{0}/data/deep/new || echo refused; rm {0}/data/deep/file || echo kept; "
                                 "ls {0}; test -x /bin/bash && test -d {1} && echo all else is there",
                                 top, bench.path()));
    launch.mounts = {{a_source(bench, "code"), top + "/code", false},
                     {a_source(bench, "data"), top + "/data/deep", true}};
    launch.work_dir = top + "/code";
    CHECK(bench.run(launch).exit_code == 0);
    const std::string output = output_of(launch);
    CHECK(output.rfind("code\ndata\n", 0) == 0);
    CHECK(output.find("refused\n") != std::string::npos);
    CHECK(output.find("kept\n") != std::string::npos);
    CHECK(output.find("code\ndata\nall else is there\n") != std::string::npos);
    CHECK(os::read_file(bench.path() + "/code/file").value() == "code\nmore\n");
    CHECK(os::read_file(bench.path() + "/data/file").value() == "data\n");
    CHECK_FALSE(os::exists(top));
}

TEST_CASE("a mount over a folder that the host has is seen by the replica alone") {
    Bench bench;
    if (!bench.can("private mounts")) return;
    const std::string target = a_source(bench, "target"), source = a_source(bench, "source");
    auto launch = bench.launch(fmt::format("cat {}/file", target));
    launch.mounts = {{source, target, false}};
    CHECK(bench.run(launch).exit_code == 0);
    CHECK(output_of(launch) == "source\n");
    CHECK(os::read_file(target + "/file").value() == "target\n");
}

TEST_CASE("a mount point missing in a top folder of the host is made for the replica alone") {
    Bench bench;
    if (!bench.can("private mounts") || os::exists("/mnt/pintle-test")) return;
    auto launch = bench.launch("cat /mnt/pintle-test/x/file; ls -A /mnt; touch /mnt/lost || echo refused");
    launch.mounts = {{a_source(bench, "data"), "/mnt/pintle-test/x", false}};
    bench.run(launch);
    std::string expected = "data\n";
    auto names = os::list_folder("/mnt").value();
    CHECK(output_of(launch).rfind("data\n", 0) == 0);
    for (const std::string& name : names) CHECK(output_of(launch).find(name + "\n") != std::string::npos);
    CHECK(output_of(launch).find("refused\n") != std::string::npos);
    CHECK_FALSE(os::exists("/mnt/pintle-test"));
}

TEST_CASE("a mount that cannot be made is reported in words, and nothing runs") {
    Bench bench;
    if (!bench.can("private mounts")) return;
    const std::string source = a_source(bench, "source");
    const std::vector<std::pair<engine::Mount, std::string>> cases{
        {{source, "/etc/pintle", false}, "the system's own files are there"},
        {{source, "relative", false}, "must begin with a slash"},
        {{source, "/a/../etc", false}, "must begin with a slash and be free of"},
        {{bench.path() + "/absent", "/workspace/x", false}, "is not a folder of this machine"},
        {{source, bench.path() + "/absent/x", false}, "the folder does not exist on this machine"},
    };
    for (const auto& [mount, words] : cases) {
        auto launch = bench.launch(fmt::format("touch {}/ran", bench.path()));
        launch.mounts = {mount};
        const auto exit = bench.run(launch);
        CHECK(exit.exit_code == 126);
        CHECK_MESSAGE(exit.message.find(words) != std::string::npos, exit.message);
    }
    CHECK_FALSE(os::exists(bench.path() + "/ran"));
}

TEST_CASE("without private mounts replicas see what the host sees") {
    Options options;
    options.use_namespaces = false;
    Bench bench(options);
    const auto node = bench.engine().inventory().value().at(0);
    CHECK_FALSE(node.private_mounts);
    CHECK_FALSE(node.private_names);
    const std::string top = new_top_folder("none");
    auto launch = bench.launch(fmt::format("test ! -e {} && cat {}/file", top, a_source(bench, "code")));
    launch.mounts = {{bench.path() + "/code", top, false}};
    launch.hosts = {{"127.9.8.7", "train-0.job"}};
    CHECK(bench.run(launch).exit_code == 0);
    CHECK(output_of(launch) == "code\n");
}
