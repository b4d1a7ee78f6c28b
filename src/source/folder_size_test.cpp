#include "source/folder_size.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::source {
namespace {

const Pace kOn = [] { return true; };

std::int64_t blocks_of(const std::string& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return std::int64_t{info.st_blocks} * 512;
}

void put(const std::string& path, std::size_t bytes) {
    REQUIRE(os::write_file_atomic(path, std::string(bytes, 'x'), 0644, false).has_value());
}

TEST_CASE("a folder is as large as the blocks of all files below it") {
    const testing::TempFolder root;
    REQUIRE(os::make_folders(root.path() + "/org/g/digits/a/b").has_value());
    put(root.path() + "/org/g/digits/one", 100'000);
    put(root.path() + "/org/g/digits/a/b/two", 5);
    const auto size = measure_folder(root.path(), "org/g/digits", kOn).value();
    CHECK(size.files == 2);
    CHECK(size.bytes ==
          blocks_of(root.path() + "/org/g/digits/one") + blocks_of(root.path() + "/org/g/digits/a/b/two"));
    CHECK(size.is_complete);
    CHECK(measure_loose_files(root.path(), "org/g/digits", kOn).value().files == 1);
    CHECK(measure_folder(root.path(), "org/g/none", kOn).error().code == ErrorCode::kNotFound);
    CHECK_FALSE(os::exists(root.path() + "/org/g/none"));
}

TEST_CASE("links are not followed, and a file with several names counts once") {
    const testing::TempFolder root;
    REQUIRE(os::make_folders(root.path() + "/p/a").has_value());
    REQUIRE(os::make_folders(root.path() + "/other").has_value());
    put(root.path() + "/other/large", 1'000'000);
    put(root.path() + "/p/one", 100'000);
    REQUIRE(::link((root.path() + "/p/one").c_str(), (root.path() + "/p/a/again").c_str()) == 0);
    REQUIRE(::symlink("../other", (root.path() + "/p/out").c_str()) == 0);
    REQUIRE(::symlink("..", (root.path() + "/p/a/up").c_str()) == 0);
    const auto size = measure_folder(root.path(), "p", kOn).value();
    CHECK(size.files == 3);  // The file and two links.
    CHECK(size.bytes < 200'000);
    CHECK_FALSE(measure_folder(root.path(), "p/out", kOn).has_value());
}

TEST_CASE("a sparse file is as large as what is in it") {
    const testing::TempFolder root;
    const int fd = ::open((root.path() + "/sparse").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    REQUIRE(::ftruncate(fd, std::int64_t{1} << 40) == 0);
    ::close(fd);
    CHECK(measure_folder(root.path(), "", kOn).value().bytes < 1'000'000);
}

TEST_CASE("names that are no text are counted as others are") {
    const testing::TempFolder root;
    put(root.path() + "/a\nb", 10);
    put(root.path() + "/\xff\xfe", 10);
    CHECK(measure_folder(root.path(), "", kOn).value().files == 2);
}

TEST_CASE("folders deeper than can be followed are told as not counted") {
    const testing::TempFolder root;
    std::string path = root.path();
    for (int i = 0; i < 230; ++i) path += "/d";
    REQUIRE(os::make_folders(path).has_value());
    put(path + "/deep", 10);
    const auto size = measure_folder(root.path(), "", kOn).value();
    CHECK_FALSE(size.is_complete);
    CHECK(size.files == 0);
}

TEST_CASE("measuring is given up when it is not wanted any more, and goes on while files vanish") {
    const testing::TempFolder root;
    for (int i = 0; i < 600; ++i) put(fmt::format("{}/{}", root.path(), i), 0);
    int asked = 0;
    CHECK(measure_folder(root.path(), "", [&] { return ++asked < 2; }).error().code == ErrorCode::kCancelled);
    CHECK(asked == 2);
    const auto removing = [&] {
        for (int i = 0; i < 600; ++i) ::unlink(fmt::format("{}/{}", root.path(), i).c_str());
        return true;
    };
    const auto size = measure_folder(root.path(), "", removing);
    REQUIRE(size.has_value());
    CHECK(size->is_complete);
    CHECK(size->files < 600);
}

}  // namespace
}  // namespace pintle::source
