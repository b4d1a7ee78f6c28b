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

/// Options that hide what lies there in the bench's folder.
Options hiding(const std::string& name) {
    Options options;
    options.hidden = {name};
    return options;
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

TEST_CASE("a replica sees of the server's folders only what is its own") {
    Bench bench(hiding("/data"));
    if (!bench.can("data folder")) return;
    const std::string data = a_source(bench, "data"), python = a_source(bench, "data/cache/python");
    const std::string source = a_source(bench, "data/storage/own"), models = a_source(bench, "data/storage/models");
    a_source(bench, "data/storage/other");
    auto other = bench.launch("echo mine > file");
    CHECK(bench.run(other).exit_code == 0);
    auto launch = bench.launch(fmt::format(
        "cat {0}/file || echo no secret; ls {0}/storage || echo no storage; cat {1}/run/scratch/*/file; "
        "ls {1}/run/attempts || echo no attempts; touch {0}/x || echo refused; cat {2}/file; touch {2}/x || echo kept; "
        "cat /workspace/own/file; echo new > /workspace/own/new; cat /workspace/models/file; "
        "touch /workspace/models/x || echo read-only; echo scratch > note; cat note",
        data, bench.path(), python));
    launch.mounts = {{source, "/workspace/own", false}, {models, "/workspace/models", true}};
    launch.python_environment = python;
    CHECK(bench.run(launch).exit_code == 0);
    std::string seen;
    for (const std::string& line : split(output_of(launch), '\n')) {
        if (line.find(": ") == std::string::npos) seen += line + "\n";  // Without what the programs complained of.
    }
    CHECK(trim(seen) ==
          "no secret\nno storage\nno attempts\nrefused\ndata/cache/python\nkept\ndata/storage/own\n"
          "data/storage/models\nread-only\nscratch");
    CHECK(os::read_file(source + "/new").value() == "new\n");
    CHECK(os::read_file(data + "/file").value() == "data\n");

    // A later attempt of another life of the server finds what the first left in its scratch folder.
    bench.reopen();
    auto again = bench.launch("cat note /workspace/own/new");
    again.id = launch.id;
    ++again.id.attempt;
    again.mounts = launch.mounts;
    CHECK(bench.run(again).exit_code == 0);
    CHECK(output_of(again) == "scratch\nnew\n");
}

TEST_CASE("a source may be mounted within a hidden folder, or over it") {
    Bench bench(hiding("/data"));
    if (!bench.can("data folder")) return;
    const std::string data = a_source(bench, "data"), source = a_source(bench, "data/source");
    auto within = bench.launch(fmt::format("cat {0}/source/file; echo new > {0}/source/new; ls {0}", data));
    within.mounts = {{source, source, false}};
    CHECK(bench.run(within).exit_code == 0);
    CHECK(output_of(within) == "data/source\nsource\n");
    auto over = bench.launch(fmt::format("cat {0}/file; rm {0}/new && ls {0}", data));
    over.mounts = {{source, data, false}};
    CHECK(bench.run(over).exit_code == 0);
    CHECK(output_of(over) == "data/source\nfile\n");
}

TEST_CASE("a hidden folder is found behind a link, and a hidden file reads as empty") {
    Bench bench(hiding("/link"));
    if (!bench.can("data folder")) return;
    const std::string data = a_source(bench, "data");
    REQUIRE(::symlink(data.c_str(), (bench.path() + "/link").c_str()) == 0);
    auto launch = bench.launch(fmt::format("ls {0}/link {0}/data", bench.path()));
    CHECK(bench.run(launch).exit_code == 0);
    CHECK(output_of(launch) == fmt::format("{0}/data:\n\n{0}/link:\n", bench.path()));

    Bench one(hiding("/secret"));
    REQUIRE(os::write_file_atomic(one.path() + "/secret", "word\n").has_value());
    launch = one.launch(fmt::format("cat {}/secret; echo end", one.path()));
    CHECK(one.run(launch).exit_code == 0);
    CHECK(output_of(launch) == "end\n");
}

TEST_CASE("a replica cannot take away what hides the server's folders, nor look around it") {
    Bench bench(hiding("/data"));
    if (!bench.can("data folder")) return;
    const std::string data = a_source(bench, "data");
    const std::string look = fmt::format("umount {0}; umount -l {0}; mount -o remount,rw {0}; cat {0}/file; ", data);
    auto launch = bench.launch(fmt::format(
        "{0} unshare -rm bash -c '{0}'; for pid in {1} $PPID; do cat /proc/$pid/environ /proc/$pid/root{2}/file; "
        "head -c 1 /proc/$pid/mem; nsenter -m -t $pid cat {2}/file; done; grep NoNewPrivs /proc/self/status; "
        "echo x > /proc/sys/kernel/core_pattern; echo end",
        look, ::getpid(), data));
    CHECK(bench.run(launch).exit_code == 0);
    const std::string output = output_of(launch);
    CHECK_MESSAGE(output.find("data\n") == std::string::npos, output);
    CHECK_MESSAGE(output.find("PATH=") == std::string::npos, output);
    CHECK_MESSAGE(output.find("NoNewPrivs:\t1\n") != std::string::npos, output);
    CHECK_MESSAGE(output.find("end\n") != std::string::npos, output);
    CHECK(os::read_file("/proc/sys/kernel/core_pattern").value() != "x\n");
}

TEST_CASE("a replica cannot look into the processes of another") {
    Bench bench;
    if (!bench.can("processes of jobs")) return;
    testing::Signal ready(bench.path() + "/ready");
    auto first = bench.launch(fmt::format("echo $$ > {}; exec sleep 1000", ready.path()));
    first.environment = {{"SECRET", "word"}};
    bench.start(first);
    const std::string pid(trim(ready.wait()));
    const auto second = bench.launch(fmt::format(
        "tr '\\0' ' ' < /proc/{0}/environ; ls /proc/{0}/root/ /proc/{0}/cwd/; grep SECRET= /proc/self/environ; "
        "echo end",
        pid));
    CHECK(bench.run(second).exit_code == 0);
    const std::string output = output_of(second);
    CHECK_MESSAGE(output.find("word") == std::string::npos, output);
    CHECK_MESSAGE(output.find("bin\n") == std::string::npos, output);
    CHECK_MESSAGE(output.find("end\n") != std::string::npos, output);
    REQUIRE(bench.engine().stop(first.id, Duration(0)).has_value());
    (void)bench.recorder().exit_of(first.id);
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
