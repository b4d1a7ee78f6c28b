#include "domain/storage_place.hpp"

#include <doctest/doctest.h>

namespace pintle::domain {
namespace {

JobSpec a_job() {
    JobSpec job;
    job.project_name = "digits";
    job.default_mount_path = "/workspace";
    job.home = GroupId("G1");
    job.task.resources.emplace_back();
    job.task.resources.back().name = "worker";
    return job;
}

Source on_storage(const std::string& name, const std::string& sub_path, bool read_only = false) {
    Source source;
    source.name = name;
    source.sub_path = sub_path;
    source.read_only = read_only;
    source.origin = ClusterStorageSource{"default"};
    return source;
}

TEST_CASE("folders are counted by project, by folder of a group and by shared folder") {
    CHECK(counted_folder("org/G1/digits/src/a") == "org/G1/digits");
    CHECK(counted_folder("org/G1/digits") == "org/G1/digits");
    CHECK(counted_folder("shared/mnist/train") == "shared/mnist");
    CHECK(counted_folder("shared") == "shared");
    CHECK(group_of_folder("org/G1/digits/src") == "G1");
    CHECK(group_of_folder("org/G1") == "G1");
    CHECK(group_of_folder("shared/mnist") == "");
    CHECK(name_of_folder("org/G1/digits/src") == "digits");
    CHECK(name_of_folder("shared/mnist/a") == "mnist");
    CHECK(name_of_folder("shared") == "");
    CHECK(name_of_folder("org/G1") == "");
}

TEST_CASE("a job writes where it mounts otherwise than read-only, each folder once") {
    JobSpec job = a_job();
    job.sources = {on_storage("out", ""), on_storage("in", "/data", true), on_storage("all", "/pool"),
                   on_storage("open", "/shared/mnist")};
    job.task.resources.push_back(job.task.resources.front());
    const auto written = written_folders(job, {});
    REQUIRE(written.size() == 3);
    CHECK(written[0] == WrittenFolder{"out", "default", "org/G1/digits/out", true});
    CHECK(written[1] == WrittenFolder{"all", "default", "org/G1/pool", false});
    CHECK(written[2] == WrittenFolder{"open", "default", "shared/mnist", false});
}

TEST_CASE("on a storage of one group the shared folder is the group's") {
    JobSpec job = a_job();
    job.sources = {on_storage("open", "/shared/mnist")};
    CHECK(written_folders(job, {"default"}).at(0).folder == "org/G1/shared/mnist");
}

TEST_CASE("a resource that lists its volumes writes to these only") {
    JobSpec job = a_job();
    job.sources = {on_storage("out", ""), on_storage("other", "")};
    job.task.resources[0].default_volume_mapping = false;
    job.task.resources[0].volumes = {{.source = "out", .sub_path = "run", .mount_path = "/out"}};
    const auto written = written_folders(job, {});
    REQUIRE(written.size() == 1);
    CHECK(written[0].folder == "org/G1/digits/out/run");
}

}  // namespace
}  // namespace pintle::domain
