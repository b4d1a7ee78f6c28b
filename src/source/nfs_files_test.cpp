#include "source/nfs_files.hpp"

#include <poll.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::source {
namespace {

/// A shell script in the place of the program that asks NFS servers: "$1" is its verb, "$7" the path.
struct Site {
    testing::TempFolder temp;
    FileSenders senders{2};

    NfsFiles files(const std::string& script, bool read_only = false, Duration limit = std::chrono::seconds(30)) {
        NfsFilesOptions options;
        options.root = "in";
        options.read_only = read_only;
        options.staging = temp.path() + "/staged";
        options.limit = limit;
        options.nfs.files = {"/bin/sh", "-c", script, "nfs-files"};
        return {{"nas:2049", "/export"}, {"nas", 2049}, std::move(options), senders};
    }
};

std::string all_of(int fd) {
    std::string text;
    char buffer[100];
    for (pollfd ready{fd, POLLIN, 0}; ::poll(&ready, 1, 30'000) > 0;) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace

TEST_CASE("entries of an NFS server come with any bytes in their names, and in pages") {
    Site site;
    const NfsFiles files = site.files(R"sh([ "$*" = "list nas 2049 /export 10 in sub  3" ] || exit 9
        printf 'f 12 1000 a b\nc\377\000d 0 2000 x\000l 0 0 y\000')sh");
    const FileListing page = files.list("sub/", "", 2).value();
    REQUIRE(page.entries.size() == 2);
    CHECK(page.entries[0].name == "a b\nc\xff");
    CHECK(page.entries[0].size_bytes == 12);
    CHECK(page.entries[0].modified_at == time_from_ms(1000));
    CHECK(page.entries[1].kind == FileEntry::Kind::kFolder);
    CHECK(page.next == "x");
}

TEST_CASE("a file of an NFS server comes through a pipe behind what is told of it") {
    Site site;
    const OpenFile file = site.files(R"sh([ "$1 $7 $8" = "send a 3" ] || exit 9; echo "8 1000"; printf 'con\ntent')sh")
                              .open("a", 3)
                              .value();
    CHECK(file.size_bytes == 8);
    CHECK(file.modified_at == time_from_ms(1000));
    CHECK(all_of(file.fd.get()) == "con\ntent");
}

TEST_CASE("what keeps us from an export is told in the words of mounts, and what keeps us from a file as it is") {
    Site site;
    const auto refused = site.files("echo 'export denied no such export' >&2; exit 1").list("", "", 10);
    CHECK(refused.error().code == ErrorCode::kDenied);
    CHECK(refused.error().message.find("the NFS server nas:2049 does not let this machine mount /export") == 0);
    const auto missing = site.files("echo 'file not_found \"a b\" is not there' >&2; exit 1").open("a b", 0);
    CHECK(missing.error().code == ErrorCode::kNotFound);
    CHECK(missing.error().message == "\"a b\" is not there");
    const auto silent = site.files("exec sleep 600", false, std::chrono::milliseconds(100)).list("", "", 10);
    CHECK(silent.error().code == ErrorCode::kTimeout);
    CHECK(silent.error().message == "the NFS server nas:2049 does not answer: no answer within 100 ms");
    CHECK(site.files("exit 1").remove("x").error().code == ErrorCode::kUnavailable);
}

TEST_CASE("hostile paths and changes of a read-only source never reach an NFS server") {
    Site site;
    const NfsFiles files = site.files("exit 9");
    CHECK(files.list("a/../..", "", 10).error().code == ErrorCode::kInvalid);
    CHECK(files.open("/etc/passwd", 0).error().code == ErrorCode::kInvalid);
    CHECK(files.list("", std::string("a\0b", 3), 10).error().code == ErrorCode::kInvalid);
    for (const char* path : {"", "/", ".", "x/.pintle-upload-1"})
        CHECK(files.remove(path).error().code == ErrorCode::kInvalid);
    const NfsFiles guarded = site.files("exit 9", true);
    CHECK(guarded.remove("a").error().code == ErrorCode::kDenied);
    CHECK(guarded.take("a", "/nowhere", nullptr).error().code == ErrorCode::kDenied);
}

TEST_CASE("a file is sent to an NFS server from where it was staged, and stays there until that has it") {
    Site site;
    const std::string staged = site.files("").staging_folder().value() + "/x";
    REQUIRE(os::write_file_atomic(staged, "content").has_value());
    CHECK_FALSE(site.files("exit 1").take("a", staged, nullptr).has_value());
    const std::atomic<bool> give_up{true};
    CHECK(site.files("exec sleep 600").take("a", staged, &give_up).error().code == ErrorCode::kCancelled);
    CHECK(os::exists(staged));
    CHECK(site.files("cat > " + site.temp.path() + "/arrived").take("a", staged, nullptr).has_value());
    CHECK(os::read_file(site.temp.path() + "/arrived").value() == "content");
    CHECK_FALSE(os::exists(staged));
}

}  // namespace pintle::source
