#include "runtime/data_folder.hpp"

#include <optional>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "runtime/preparation.hpp"
#include "testing/builders.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;

TEST_CASE("a data folder has one server at a time") {
    const testing::TempFolder temp;
    std::optional<DataFolder> first = DataFolder::open(temp.path() + "/data").value();
    const auto second = DataFolder::open(temp.path() + "/data");
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == ErrorCode::kConflict);
    first.reset();
    CHECK(DataFolder::open(temp.path() + "/data").has_value());
}

TEST_CASE("a requirements file is found in the source that its variable names, and nowhere else") {
    const testing::TempFolder temp;
    REQUIRE(os::make_folders(temp.path() + "/code/sub").has_value());
    REQUIRE(os::write_file_atomic(temp.path() + "/secret", "x").has_value());
    const std::vector<domain::PreparedVolume> volumes{
        {"worker", "src", temp.path() + "/code", "/workspace/src", false, false}};
    domain::Resource resource = testing::a_resource("worker");
    const auto path_of = [&](std::string requirements, std::string work_dir) {
        resource.requirements = std::move(requirements);
        resource.work_dir = std::move(work_dir);
        return requirements_path(resource, volumes);
    };
    CHECK(path_of("$SRC_DIR/requirements.txt", "").value().ends_with("/code/requirements.txt"));
    CHECK(path_of("${SRC_DIR}/sub/r.txt", "").value().ends_with("/code/sub/r.txt"));
    CHECK(path_of("/workspace/src/r.txt", "").value().ends_with("/code/r.txt"));
    CHECK(path_of("r.txt", "$SRC_DIR/sub").value().ends_with("/code/sub/r.txt"));
    for (const char* outside : {"$SRC_DIR/../secret", "/etc/passwd", "$OTHER_DIR/r.txt", "r.txt"}) {
        CAPTURE(outside);
        CHECK_FALSE(path_of(outside, "").has_value());
    }
}
