#include "engine_container/doctor.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::engine_container;
using Level = engine::Finding::Level;

TEST_CASE("a machine that mixes both versions of cgroups is told from one that has one of them") {
    const char* first = "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n";
    const char* second = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
    CHECK_FALSE(has_mixed_cgroups(first));
    CHECK_FALSE(has_mixed_cgroups(second));
    CHECK(has_mixed_cgroups(std::string(first) + "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"));
    CHECK_FALSE(has_mixed_cgroups(""));
}

TEST_CASE("the doctor names the runtime that a mixed machine needs, and says how to get it") {
    const ServiceInfo crun{"podman", "4.3.1", "amd64", "crun", false, true, true};
    const Machine mixed{true, true};
    const auto findings = examine_service("/run/podman/podman.sock", crun, mixed, {});
    REQUIRE(findings.size() == 5);
    CHECK(findings[0].message == "podman 4.3.1 at /run/podman/podman.sock");
    CHECK(findings[1].level == Level::kLimited);
    CHECK(findings[1].message.find("runtime = \"runc\"") != std::string::npos);
    CHECK(findings[3].message == "1024, and 1000 processes, because limits may not be raised on this machine");
    for (const auto& finding : examine_service("/s", crun, Machine{}, {})) CHECK(finding.level == Level::kGood);
    CHECK(examine_service("/s", crun, Machine{}, {true, true})[3].level == Level::kLimited);
}

TEST_CASE("limits that a service cannot enforce are named") {
    ServiceInfo service{"docker", "26.1", "amd64", "runc", true, false, true};
    CHECK(examine_service("/s", service, {}, {})[2].message ==
          "memory limits are not enforced, because docker may not use the cgroups for them; give the user's session "
          "these "
          "controllers (systemd: Delegate=yes)");
    service.limits_cpu = false;
    CHECK(examine_service("/s", service, {}, {})[2].message.find("memory and processor limits are not") == 0);
    service.name = "podman";
    service.has_cgroups = false;
    CHECK(examine_service("/s", service, {}, {})[2].message ==
          "memory and processor limits are not enforced, and processor time and memory not measured, because podman "
          "may not use the "
          "cgroups for them; without root that takes a machine with version 2 of cgroups");
}

TEST_CASE("what a service says of a failed start comes with its remedy, where one is known") {
    const auto error = [](std::string words) { return Error{ErrorCode::kInternal, std::move(words), {}, {}}; };
    CHECK(start_failure(error("no luck"), {true, true}) == "no luck");
    CHECK(start_failure(error("crun: the cgroup hierarchy is odd"), {true, true}).find("install runc") !=
          std::string::npos);
    CHECK(start_failure(error("exec /run/pintle/init: permission denied"), {}).find("noexec") != std::string::npos);
    CHECK(start_failure(error("could not find an available, non-overlapping IPv4 address pool"), {})
              .find("default-address-pools") != std::string::npos);
}

TEST_CASE("a service without root is told of where its containers do not reach the server") {
    const ServiceInfo rootless{"podman", "4.3.1", "amd64", "crun", true, true, true};
    CHECK(examine_service("/s", rootless, {}, {})[4].level == Level::kGood);
    CHECK(examine_service("/s", rootless, {}, {false, false})[4].message ==
          "not reached, so that programs have no PINTLE_URL, because podman runs without root; let the server listen "
          "on 0.0.0.0");
}
