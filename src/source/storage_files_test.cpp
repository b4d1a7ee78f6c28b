#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "source/beneath.hpp"
#include "source/git_fixture.hpp"
#include "source/storage_files.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;

namespace {

std::vector<std::string> names_of(const FileListing& listing) {
    std::vector<std::string> names;
    for (const FileEntry& entry : listing.entries) names.push_back(entry.name);
    return names;
}

std::string content_of(const OpenFile& file) {
    std::string content(static_cast<std::size_t>(file.size_bytes), '\0');
    REQUIRE(::read(file.fd.get(), content.data(), content.size()) == file.size_bytes);
    return content;
}

struct Area {
    testing::TempFolder temp;
    std::string folder = temp.path() + "/source";
    std::string staging = temp.path() + "/staging";
    StorageFiles files{folder, staging};
};

}  // namespace

TEST_CASE("a file that was put can be listed, read, replaced and removed") {
    const Area area;
    REQUIRE(put(area.files, "a/b/data.csv", "1,2").has_value());
    REQUIRE(put(area.files, "a/b/data.csv", "1,2,3").has_value());
    CHECK(content_of(area.files.open("a/b/data.csv", 0).value()) == "1,2,3");
    const auto listing = area.files.list("a/b", "", SourceFiles::kPageMost).value();
    REQUIRE(listing.entries.size() == 1);
    CHECK(listing.entries[0].name == "data.csv");
    CHECK(listing.entries[0].kind == FileEntry::Kind::kFile);
    CHECK(listing.entries[0].size_bytes == 5);
    CHECK(listing.entries[0].modified_at > Time{});
    CHECK(area.files.list("", "", SourceFiles::kPageMost).value().entries.at(0).kind == FileEntry::Kind::kFolder);
    REQUIRE(area.files.remove("a/b/data.csv").has_value());
    CHECK(area.files.remove("a/b/data.csv").error().code == ErrorCode::kNotFound);
    CHECK(area.files.open("a/b/data.csv", 0).error().code == ErrorCode::kNotFound);
    REQUIRE(area.files.make_folder("empty/inner").has_value());
    REQUIRE(area.files.remove("a").has_value());
    CHECK(names_of(area.files.list("", "", SourceFiles::kPageMost).value()) == std::vector<std::string>{"empty"});
}

TEST_CASE("a staged file is seen only when it is taken, and stays where it gathers when it cannot be") {
    const Area area;
    REQUIRE(put(area.files, "model", "old").has_value());
    const std::string staged = area.files.staging_folder().value() + "/one";
    REQUIRE(os::write_file_atomic(staged, "new content").has_value());
    CHECK(names_of(area.files.list("", "", SourceFiles::kPageMost).value()) == std::vector<std::string>{"model"});
    CHECK(content_of(area.files.open("model", 0).value()) == "old");
    CHECK(area.files.take("model/x", staged, nullptr).error().code == ErrorCode::kInvalid);
    CHECK(area.files.take("../model", staged, nullptr).error().code == ErrorCode::kInvalid);
    CHECK(os::read_file(staged).value() == "new content");
    REQUIRE(area.files.take("model", staged, nullptr).has_value());
    CHECK(content_of(area.files.open("model", 0).value()) == "new content");
    CHECK_FALSE(os::exists(staged));
    CHECK(put(area.files, "model/x", "x").has_value() == false);
    CHECK(os::list_folder(area.staging).value().empty());
}

TEST_CASE("a file is read from the middle on, and from nothing where it ends before") {
    const Area area;
    REQUIRE(put(area.files, "file", "0123456789").has_value());
    const auto rest = [&](std::int64_t from) {
        const OpenFile file = area.files.open("file", from).value();
        CHECK(file.size_bytes == 10);
        char buffer[16];
        const ssize_t got = ::read(file.fd.get(), buffer, sizeof buffer);
        return std::string(buffer, static_cast<std::size_t>(got));
    };
    CHECK(rest(4) == "456789");
    CHECK(rest(10).empty());
    CHECK(rest(1'000'000'000'000).empty());
}

TEST_CASE("a folder is listed page by page") {
    const Area area;
    for (const std::string name : {"e", "b", "d", "a", "c"}) REQUIRE(put(area.files, name, name).has_value());
    const auto first = area.files.list("", "", 2).value();
    CHECK(names_of(first) == std::vector<std::string>{"a", "b"});
    const auto second = area.files.list("", first.next, 2).value();
    CHECK(names_of(second) == std::vector<std::string>{"c", "d"});
    const auto last = area.files.list("", second.next, 2).value();
    CHECK(names_of(last) == std::vector<std::string>{"e"});
    CHECK(last.next.empty());
    CHECK(names_of(area.files.list("", "", 0).value()).size() == 1);
}

TEST_CASE("paths that are none, or would leave the folder, are refused by every operation") {
    const Area area;
    REQUIRE(area.files.make_folder("inside").has_value());
    REQUIRE(os::write_file_atomic(area.temp.path() + "/secret", "s").has_value());
    shell("cd " + area.folder + "; ln -s " + area.temp.path() +
          " out; ln -s .. up; ln -s ../secret secret; ln -s /nowhere dangling");
    struct Case {
        std::string path;
        ErrorCode code;
    };
    const std::vector<Case> cases{
        {"../secret", ErrorCode::kInvalid},           {"inside/../../secret", ErrorCode::kInvalid},
        {"/etc/passwd", ErrorCode::kInvalid},         {std::string("a\0b", 3), ErrorCode::kInvalid},
        {std::string(300, 'x'), ErrorCode::kInvalid}, {std::string(1025, 'x'), ErrorCode::kInvalid},
        {"out/secret", ErrorCode::kDenied},           {"up/secret", ErrorCode::kDenied}};
    for (const Case& c : cases) {
        CAPTURE(c.path);
        CHECK(area.files.list(c.path, "", SourceFiles::kPageMost).error().code == c.code);
        CHECK(area.files.open(c.path, 0).error().code == c.code);
        CHECK(put(area.files, c.path, "x").error().code == c.code);
        CHECK(area.files.make_folder(c.path).error().code == c.code);
        CHECK(area.files.remove(c.path).error().code == c.code);
    }
    CHECK(area.files.open("secret", 0).error().code == ErrorCode::kDenied);
    CHECK(put(area.files, "dangling/x", "x").has_value() == false);
    for (const std::string path : {"", "/", "."}) {
        CAPTURE(path);
        CHECK(area.files.remove(path).error().code == ErrorCode::kInvalid);
        CHECK(put(area.files, path, "x").error().code == ErrorCode::kInvalid);
    }
    CHECK(os::read_file(area.temp.path() + "/secret").value() == "s");
}

TEST_CASE("a link is listed as one, replaced by an upload and removed without what it leads to") {
    const Area area;
    REQUIRE(os::write_file_atomic(area.temp.path() + "/secret", "s").has_value());
    REQUIRE(area.files.make_folder("inside").has_value());
    shell("cd " + area.folder + "; ln -s ../secret a; ln -s " + area.temp.path() + " b; ln -s inside c");
    CHECK(area.files.list("", "", SourceFiles::kPageMost).value().entries.at(0).kind == FileEntry::Kind::kLink);
    REQUIRE(put(area.files, "a", "mine").has_value());
    REQUIRE(area.files.remove("b").has_value());
    REQUIRE(put(area.files, "c/file", "a link that stays inside is followed").has_value());
    CHECK(area.files.open("inside/file", 0).has_value());
    CHECK(os::read_file(area.temp.path() + "/secret").value() == "s");
    CHECK(os::exists(area.temp.path()));
}

TEST_CASE("removing a folder does not follow the links in it") {
    const Area area;
    REQUIRE(os::make_folders(area.temp.path() + "/other").has_value());
    REQUIRE(os::write_file_atomic(area.temp.path() + "/other/kept", "s").has_value());
    REQUIRE(put(area.files, "data/deep/file", "x").has_value());
    shell("cd " + area.folder + "/data; ln -s ../../other link; ln -s ../../other/kept deep/kept");
    REQUIRE(area.files.remove("data").has_value());
    CHECK(os::exists(area.temp.path() + "/other/kept"));
    CHECK(area.files.list("", "", SourceFiles::kPageMost).value().entries.empty());
}

TEST_CASE("files and folders do not take each other's place") {
    const Area area;
    REQUIRE(put(area.files, "file", "x").has_value());
    REQUIRE(area.files.make_folder("folder").has_value());
    CHECK(put(area.files, "folder", "x").error().code == ErrorCode::kConflict);
    CHECK(put(area.files, "file/below", "x").error().code == ErrorCode::kInvalid);
    CHECK(area.files.list("file", "", SourceFiles::kPageMost).error().code == ErrorCode::kInvalid);
    CHECK(area.files.open("folder", 0).error().code == ErrorCode::kInvalid);
    CHECK(area.files.list("none", "", SourceFiles::kPageMost).error().code == ErrorCode::kNotFound);
}

TEST_CASE("a pipe in a source is not waited for") {
    const Area area;
    REQUIRE(area.files.make_folder("x").has_value());
    REQUIRE(::mkfifo((area.folder + "/pipe").c_str(), 0600) == 0);
    CHECK(area.files.list("", "", SourceFiles::kPageMost).value().entries.at(0).kind == FileEntry::Kind::kOther);
    CHECK(area.files.open("pipe", 0).error().code == ErrorCode::kInvalid);
}

TEST_CASE("names of uploads on their way cannot be used") {
    const Area area;
    CHECK(put(area.files, ".pintle-upload-x", "x").error().code == ErrorCode::kInvalid);
    CHECK(area.files.open("a/.pintle-upload-x", 0).error().code == ErrorCode::kInvalid);
}

TEST_CASE("without openat2 the walk refuses every link and reaches the rest") {
    const Area area;
    REQUIRE(put(area.files, "a/file", "x").has_value());
    shell("cd " + area.folder + "; ln -s a link; ln -s /etc out; ln -s file a/also");
    const auto root = open_root(area.folder).value();
    const auto reach = [&](const std::string& path, int flags) {
        return open_beneath_by_walk(root.get(), path, flags, 0600);
    };
    CHECK(reach("a/file", O_RDONLY).has_value());
    CHECK(reach("", O_PATH | O_DIRECTORY).has_value());
    CHECK(reach("a", O_RDONLY | O_DIRECTORY).has_value());
    CHECK(reach("a/new", O_WRONLY | O_CREAT | O_EXCL).has_value());
    CHECK(reach("link/file", O_RDONLY).error().code == ErrorCode::kDenied);
    CHECK(reach("out/passwd", O_RDONLY).error().code == ErrorCode::kDenied);
    CHECK(reach("link", O_PATH | O_DIRECTORY).error().code == ErrorCode::kDenied);
    CHECK(reach("a/also", O_RDONLY).error().code == ErrorCode::kDenied);
    CHECK(reach("a/../..", O_RDONLY).error().code == ErrorCode::kInvalid);
    CHECK(reach("/etc", O_RDONLY).error().code == ErrorCode::kInvalid);
    CHECK(reach("a/none", O_RDONLY).error().code == ErrorCode::kNotFound);
    CHECK(reach("a/file/x", O_RDONLY).error().code == ErrorCode::kInvalid);
}
