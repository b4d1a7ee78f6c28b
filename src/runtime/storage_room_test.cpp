#include "runtime/storage_room.hpp"

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/builders.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::runtime {
namespace {

using namespace domain;

/// A project of the Default Group with a source on a storage, of which the meter knows what it is told.
class Room {
public:
    Room() {
        project.id = ProjectId("P1");
        project.owner = UserId("olga");
        project.spec = testing::a_project("digits", {testing::a_task("train", {testing::a_resource("worker")})});
        Source source;
        source.name = "out";
        source.origin = ClusterStorageSource{"default"};
        project.spec.sources = {source};
        LiveState live;
        live.projects = {project};
        core::CoreOptions options;
        core = std::make_unique<core::Core>(options, live);
        open();
    }
    void open() {
        const std::vector<source::Storage> storages{{"default", folder.path(), "", "", project_quota, group_quota}};
        meter = std::make_unique<StorageMeter>(clock, StorageMeter::Options{storages, folder.path() + "/use.json"});
        room = std::make_unique<StorageRoom>(*meter, storages, [this](const auto& question) { question(*core); });
    }
    /// So much was measured in these folders.
    void measured(const std::string& entries) {
        REQUIRE(os::write_file_atomic(folder.path() + "/use.json", "[" + entries + "]", 0600, false).has_value());
        open();
    }
    static std::string entry(const std::string& name, std::int64_t bytes) {
        return fmt::format(
            R"({{"storage": "default", "folder": "{}", "bytes": {}, "files": 1, "complete": true, "measured_at": 1000, "took": 0}})",
            name, bytes);
    }
    void set_quota(const StorageOwner& owner, std::optional<std::int64_t> bytes) const {
        (void)core->step({core::Input{core::input::SetStorageQuota{owner, false, bytes}, 1, {}}}, Time{});
    }
    [[nodiscard]] Job a_job() const {
        Job job;
        job.id = JobId("J1");
        job.project_id = project.id;
        job.spec.project_name = project.spec.name;
        job.spec.task = project.spec.tasks[0];
        job.spec.sources = project.spec.sources;
        job.spec.default_mount_path = "/workspace";
        return job;
    }
    [[nodiscard]] std::string refusal(std::int64_t bytes) const {
        const auto checked = room->check_room(project, project.spec.sources[0], bytes);
        return checked ? "" : checked.error().message;
    }

    testing::TempFolder folder;
    SystemClock clock;
    std::optional<std::int64_t> project_quota, group_quota;
    Project project;
    std::unique_ptr<core::Core> core;
    std::unique_ptr<StorageMeter> meter;
    std::unique_ptr<StorageRoom> room;
};

TEST_CASE("without a quota there is room for everything") {
    Room room;
    room.measured(Room::entry("org/default/digits", 1'000'000'000));
    CHECK(room.refusal(INT64_MAX) == "");
    CHECK(room.room->check_job(room.a_job()).has_value());
}

TEST_CASE("an upload that would go past the quota is refused with the numbers") {
    Room room;
    room.measured(Room::entry("org/default/digits", 8'000'000'000));
    room.set_quota({"default", room.project.id, {}}, 10'000'000'000);
    CHECK(room.refusal(2'000'000'000) == "");
    CHECK(room.refusal(3'000'000'000) ==
          "source out: there is no room for 3.0 GB more; 8.0 GB of 10 GB that the project digits may keep on the "
          "storage default are used; "
          "remove files, or ask your operator for a larger quota");
    room.room->wrote(room.project, room.project.spec.sources[0], 1'500'000'000);
    CHECK(room.refusal(1'000'000'000) != "");
}

TEST_CASE("a job that writes to a full folder does not begin, one that only reads does") {
    Room room;
    room.project_quota = 1'000;
    room.measured(Room::entry("org/default/digits", 1'000));
    const auto refused = room.room->check_job(room.a_job());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kExhausted);
    CHECK(refused.error().message ==
          "source out: the storage default is full: 1.0 kB of 1.0 kB that the project digits may keep on the storage "
          "default are used; "
          "remove files, or ask your operator for a larger quota");
    Job reads = room.a_job();
    reads.spec.sources[0].read_only = true;
    CHECK(room.room->check_job(reads).has_value());
    room.set_quota({"default", room.project.id, {}}, std::nullopt);
    CHECK(room.room->check_job(room.a_job()).has_value());
}

TEST_CASE("a group's quota counts all of its projects and holds for its own folders too") {
    Room room;
    room.group_quota = 1'000;
    room.measured(Room::entry("org/default/digits", 400) + "," + Room::entry("org/default/pool", 500) + "," +
                  Room::entry("org/other/large", 5'000));
    CHECK(room.refusal(100) == "");
    CHECK(room.refusal(101).find("that its group may keep") != std::string::npos);
    room.project.spec.sources[0].sub_path = "/pool";
    CHECK(room.refusal(101).find("that the group may keep") != std::string::npos);
    room.project.spec.sources[0].sub_path = "/shared/pool";
    CHECK(room.refusal(101) == "");
}

TEST_CASE("who writes to a full folder is told, by project and by group") {
    Room room;
    room.project_quota = 500;
    room.group_quota = 10'000;
    room.measured(Room::entry("org/default/digits", 600));
    const auto told = room.room->overfull({"default", "org/default/digits"});
    REQUIRE(told.size() == 1);
    CHECK(told[0].folder == "org/default/digits");
    CHECK(room.room->overfull({"default", "org/default/pool"}).empty());
    room.group_quota = 600;
    room.open();
    CHECK(room.room->overfull({"default", "org/default/pool"}).size() == 1);
    CHECK(room.room->overfull({"default", "shared/pool"}).empty());
}

}  // namespace
}  // namespace pintle::runtime
