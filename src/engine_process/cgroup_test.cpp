#include "engine_process/cgroup.hpp"

#include <doctest/doctest.h>

using namespace pintle::engine_process;

TEST_CASE("limits become the files of either version, and no limit becomes none") {
    CHECK(memory_settings(2, 1000) ==
          std::vector<CgroupSetting>{{"memory.max", "1000", true}, {"memory.swap.max", "0", false}});
    CHECK(memory_settings(1, 1000) == std::vector<CgroupSetting>{{"memory.limit_in_bytes", "1000", true},
                                                                 {"memory.memsw.limit_in_bytes", "1000", false}});
    CHECK(cpu_settings(2, 1500) == std::vector<CgroupSetting>{{"cpu.max", "150000 100000", true}});
    CHECK(cpu_settings(1, 500) ==
          std::vector<CgroupSetting>{{"cpu.cfs_period_us", "100000", true}, {"cpu.cfs_quota_us", "50000", true}});
    CHECK(cpu_settings(2, 1)[0].value == "1000 100000");  // The least that the kernel takes.
    CHECK(memory_settings(2, 0).empty());
    CHECK(cpu_settings(1, 0).empty());
}

TEST_CASE("kills for memory are counted from the files of either version") {
    CHECK(parse_oom_kills("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n") == 2);
    CHECK(parse_oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n") == 1);
    CHECK(parse_oom_kills("") == 0);
}

TEST_CASE("the hierarchies of a host and of a container are found with our place in them") {
    const auto unified = find_cgroup_mounts(
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n24 1 8:1 / / rw - ext4 "
        "/dev/sda rw\n",
        "0::/user.slice/session-1.scope\n");
    REQUIRE(unified.size() == 1);
    CHECK(unified[0] == CgroupMount{2, {}, "/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/session-1.scope"});

    const auto split = find_cgroup_mounts(
        "31 25 0:28 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
        "32 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "33 25 0:30 / /with\\040space rw - cgroup cgroup rw,xattr,name=systemd\n",
        "5:memory:/docker/abc/inner\n4:cpu,cpuacct:/\n1:name=systemd:/x\n0::/\n");
    REQUIRE(split.size() == 3);
    CHECK(split[0] == CgroupMount{1, {"memory"}, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/inner"});
    CHECK(split[1] == CgroupMount{1, {"cpu", "cpuacct"}, "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"});
    CHECK(split[2].mount_path == "/with space");
    CHECK(find_cgroup_mounts("nonsense\n\n - cgroup\n", "::").empty());
}
