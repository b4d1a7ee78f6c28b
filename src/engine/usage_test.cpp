#include "engine/usage.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine;

namespace {

void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("a cgroup of version 2 tells of processor, memory without cached files, and disks") {
    const testing::TempFolder folder;
    write(folder.path() + "/cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
    write(folder.path() + "/memory.stat", "anon 1000\nfile 70000\nshmem 200\ninactive_file 69000\n");
    write(folder.path() + "/io.stat",
          "8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n259:0 rbytes=1 wbytes=2\n");
    const Usage used = cgroup_usage({folder.path()});
    CHECK(used.cpu_us == 2'500'000);
    CHECK(used.memory_bytes == 1200);
    CHECK(used.disk_read_bytes == 11);
    CHECK(used.disk_written_bytes == 22);
    CHECK_FALSE(used.network_sent_bytes.has_value());
}

TEST_CASE("cgroups of version 1 tell each in its own folder, and what is not told is absent") {
    const testing::TempFolder folder;
    write(folder.path() + "/cpu/cpuacct.usage", "1500000000\n");
    write(folder.path() + "/cpu/cpu.stat", "nr_periods 0\nthrottled_time 0\n");
    write(folder.path() + "/memory/memory.stat", "cache 9\nrss 1\ntotal_rss 4096\ntotal_cache 5\n");
    const Usage used = cgroup_usage({folder.path() + "/cpu", folder.path() + "/memory"});
    CHECK(used.cpu_us == 1'500'000);
    CHECK(used.memory_bytes == 4096);
    CHECK_FALSE(used.disk_read_bytes.has_value());
    CHECK(cgroup_usage({}) == Usage{});
    CHECK(cgroup_usage({folder.path() + "/gone"}) == Usage{});
}

TEST_CASE("a process's cgroups are found in every hierarchy that is mounted, and the whole machine's are not its own") {
    const testing::TempFolder folder;
    const std::string v1 = folder.path() + "/memory", v2 = folder.path() + "/unified";
    write(v1 + "/box/memory.stat", "");
    write(v2 + "/box/cpu.stat", "");
    const std::string mounts = "30 24 0:26 / " + v1 + " rw - cgroup cgroup rw,memory\n31 24 0:27 / " + v2 +
                               " rw - cgroup2 cgroup2 rw\nbroken\n";
    CHECK(cgroup_folders(mounts, "4:memory:/box\n0::/box\n") == std::vector{v1 + "/box", v2 + "/box"});
    CHECK(cgroup_folders(mounts, "4:memory:/\n0::/\n").empty());
    CHECK(cgroup_folders(mounts, "no colons\n").empty());
}

TEST_CASE("the bytes of all cards of a network count, but the loopback's") {
    Usage used;
    add_network("Inter-| Receive\n face |bytes\n    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0\n"
                "  eth0: 7 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n eth1:1 1 0 0 0 0 0 0 2 1 0 0 0 0 0 0\n  bad: x\n", used);
    CHECK(used.network_received_bytes == 8);
    CHECK(used.network_sent_bytes == 11);
}

TEST_CASE("a machine's disks and cards count once, whatever lies upon them") {
    const testing::TempFolder machine;
    const std::string root = machine.path();
    write(root + "/proc/stat", "cpu  10 0 5 1000 7 1 1 0 3 0\ncpu0 1 1 1 1\n");
    write(root + "/proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  400 kB\n");
    write(root + "/proc/net/dev", "  eth0: 7 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n  br0: 7 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n");
    write(root + "/sys/class/net/eth0/device/x", "");
    write(root + "/proc/diskstats", "   8 0 sda 1 0 4 0 1 0 6 0 0 0 0\n   8 1 sda1 1 0 4 0 1 0 6 0 0 0 0\n");
    write(root + "/sys/block/sda/device/x", "");
    const Usage used = engine::machine_usage(root);
    CHECK(used.cpu_us.value() == 17 * 10'000);
    CHECK(used.memory_bytes == 600 * 1024);
    CHECK(used.network_received_bytes == 7);
    CHECK(used.disk_read_bytes == 4 * 512);
    CHECK(used.disk_written_bytes == 6 * 512);
    CHECK(engine::machine_usage(root + "/gone") == Usage{});
}
