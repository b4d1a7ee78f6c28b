#include "runtime/form_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;

namespace {

const domain::ProjectId kProject("01ARZ3NDEKTSV4RRFFQ69G5FA0");
const domain::JobId kFirst("01ARZ3NDEKTSV4RRFFQ69G5FA1");
const domain::JobId kSecond("01ARZ3NDEKTSV4RRFFQ69G5FA2");
constexpr const char* kFile = "01ARZ3NDEKTSV4RRFFQ69G5FA3";

Time now() { return Time(std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())); }

}  // namespace

TEST_CASE("an uploaded file becomes the job's, and of a job that is built from its values") {
    const testing::TempFolder folder;
    const DataFolder data = DataFolder::open(folder.path() + "/data").value();
    const FormFiles files(data);
    REQUIRE(files.stage(kProject, kFile, "../../etc/train.csv", "a,b\n", now()).has_value());
    CHECK(files.name_of(kProject, kFile, {}).value() == "train.csv");
    REQUIRE(files.give(kProject, {kFile}, {}, kFirst).has_value());
    REQUIRE(files.give(kProject, {kFile}, {}, kFirst).has_value());
    CHECK(os::read_file(files.folder(kProject, kFirst) + "/" + kFile + "/train.csv").value() == "a,b\n");
    REQUIRE(os::remove_tree(data.file("files/") + kProject.str() + "/staging").has_value());
    CHECK(files.name_of(kProject, kFile, {}).error().code == ErrorCode::kNotFound);
    REQUIRE(files.give(kProject, {kFile}, kFirst, kSecond).has_value());
    REQUIRE(files.remove(kProject, kFirst).has_value());
    CHECK(os::read_file(files.folder(kProject, kSecond) + "/" + kFile + "/train.csv").value() == "a,b\n");
    REQUIRE(files.remove(kProject).has_value());
    CHECK_FALSE(os::exists(files.folder(kProject, kSecond)));
}

TEST_CASE("an id leads to nothing but an uploaded file") {
    const testing::TempFolder folder;
    const DataFolder data = DataFolder::open(folder.path() + "/data").value();
    const FormFiles files(data);
    for (const char* id : {"", "..", "../../secret", "01ARZ3NDEKTSV4RRFFQ69G5FA9", "staging"}) {
        CAPTURE(id);
        CHECK(files.name_of(kProject, id, kFirst).error().code == ErrorCode::kNotFound);
        CHECK_FALSE(files.give(kProject, {id}, domain::JobId(".."), kFirst).has_value());
    }
}

TEST_CASE("what waited for a day to be built is removed with the next upload") {
    const testing::TempFolder folder;
    const DataFolder data = DataFolder::open(folder.path() + "/data").value();
    const FormFiles files(data);
    REQUIRE(files.stage(kProject, kFile, "old", "x", now()).has_value());
    REQUIRE(
        files.stage(kProject, "01ARZ3NDEKTSV4RRFFQ69G5FA4", "new", "x", now() + std::chrono::hours(25)).has_value());
    CHECK_FALSE(files.name_of(kProject, kFile, {}).has_value());
}
