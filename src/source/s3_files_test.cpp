#include "source/s3_files.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::source {
namespace {

/// A shell script in rclone's place, which notes how it is called.
struct Site {
    testing::TempFolder temp;
    FileSenders senders{2};
    ListedFolders listed;

    S3Files files(const std::string& script, bool read_only = false, Duration answer = std::chrono::seconds(30)) {
        const std::string program = temp.path() + "/rclone";
        REQUIRE(os::write_file_atomic(program, "#!/bin/sh\necho \"$@\" >> " + temp.path() + "/calls\n" + script)
                    .has_value());
        REQUIRE(::chmod(program.c_str(), 0755) == 0);
        Bucket bucket = bucket_of({"http://127.0.0.1:9", "data", "", "ours"}, "in", {"key", "n0t-told"}).value();
        return {std::move(bucket),
                {read_only, temp.path() + "/staged", "U1", answer, std::chrono::seconds(5), std::chrono::seconds(30),
                 std::chrono::hours(1), program},
                senders,
                listed};
    }
    [[nodiscard]] std::string calls() const { return os::read_file(temp.path() + "/calls").value_or(""); }
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

TEST_CASE("objects and folders are listed by name and in pages, whatever order they come in") {
    Site site;
    const S3Files files = site.files(
        R"sh(printf 'c,3,2026-03-01 12:00:00\nb/,0,2026-03-01 12:00:00\n"new\nline",4,2026-03-01 12:00:00\na,1,2026-03-01 12:00:00\n')sh");
    const FileListing first = files.list("", "", 2).value();
    REQUIRE(first.entries.size() == 2);
    CHECK(first.entries[0].name == "a");
    CHECK(to_iso(first.entries[0].modified_at) == "2026-03-01T12:00:00.000Z");
    CHECK(first.entries[1].name == "b");
    CHECK(first.entries[1].kind == FileEntry::Kind::kFolder);
    CHECK(first.next == "b");
    const FileListing second = files.list("", first.next, 2).value();
    REQUIRE(second.entries.size() == 2);
    CHECK(second.entries[0].size_bytes == 3);
    CHECK(second.entries[1].name == "new\nline");
    CHECK(second.next.empty());
}

TEST_CASE("the pages of a folder ask its server once, and its first page always asks") {
    Site site;
    const std::string listing = R"sh(printf 'c,3,2026-03-01 12:00:00\nb,2,2026-03-01 12:00:00\na,1,2026-03-01 12:00:00\n')sh";
    const auto asked = [&] {
        const std::string calls = site.calls();
        return std::count(calls.begin(), calls.end(), '\n');
    };
    std::string after;
    std::string names;
    do {
        const FileListing page = site.files(listing).list("", after, 1).value();
        names += page.entries.at(0).name;
        after = page.next;
    } while (!after.empty());
    CHECK(names == "abc");
    CHECK(asked() == 1);
    CHECK(site.files(listing).list("", "", 1).value().next == "a");
    CHECK(asked() == 2);
    // Of another folder nothing is known, nor of this one once something was put into it.
    CHECK(site.files(listing).list("more", "a", 1).value().entries.at(0).name == "b");
    CHECK(asked() == 3);
    REQUIRE(os::make_folders(site.temp.path() + "/staged").has_value());
    const std::string staged = site.temp.path() + "/staged/x";
    REQUIRE(os::write_file_atomic(staged, "x").has_value());
    REQUIRE(site.files("true").take("d", staged, nullptr).has_value());
    const auto before = asked();
    CHECK(site.files(listing).list("", "a", 1).value().entries.at(0).name == "b");
    CHECK(asked() == before + 1);
}

TEST_CASE("a path that leaves the source never reaches a bucket") {
    Site site;
    const S3Files files = site.files("true");
    CHECK(files.list("../x", "", 10).error().code == ErrorCode::kInvalid);
    CHECK(files.open("/etc/passwd", 0).error().code == ErrorCode::kInvalid);
    CHECK(files.open("a/../../b", 0).error().code == ErrorCode::kInvalid);
    CHECK(files.open(std::string("a\0b", 3), 0).error().code == ErrorCode::kInvalid);
    // Nothing that could stand for the whole bucket is removed.
    for (const char* path : {"", "/", ".", "//", "./."}) CHECK(files.remove(path).error().code == ErrorCode::kInvalid);
    CHECK(site.calls().empty());
}

TEST_CASE("a read-only source refuses what would change it") {
    Site site;
    const S3Files files = site.files("true", true);
    CHECK(files.remove("a").error().code == ErrorCode::kDenied);
    CHECK(files.take("a", "/nowhere", nullptr).error().code == ErrorCode::kDenied);
    CHECK(site.calls().empty());
}

TEST_CASE("a folder is removed as what lies below its name, and nothing there is told") {
    Site site;
    CHECK(site.files(R"sh(case "$1" in lsjson) echo null;; lsf) echo x;; esac)sh").remove("old/run 1/").has_value());
    CHECK(site.calls().find("purge --checkers=32 --transfers=32 s3:data/in/old/run 1 ") != std::string::npos);
    CHECK(site.files("[ \"$1\" != lsjson ] || echo null").remove("none").error().code == ErrorCode::kNotFound);
}

TEST_CASE("a file comes through a pipe, from the byte that is asked for") {
    Site site;
    const S3Files files = site.files(
        R"sh(case "$1" in lsjson) printf '{\n\t"Name": "a",\n\t"Size": 5,\n\t"ModTime": "2026-03-01T12:00:00.000000000Z"\n}\n';; cat) printf llo;; esac)sh");
    const OpenFile file = files.open("a", 2).value();
    CHECK(file.size_bytes == 5);
    CHECK(to_iso(file.modified_at) == "2026-03-01T12:00:00.000Z");
    CHECK(all_of(file.fd.get()) == "llo");
    CHECK(site.calls().find("cat --offset=2 s3:data/in/a ") != std::string::npos);
    CHECK(all_of(files.open("a", 5).value().fd.get()).empty());
}

TEST_CASE("only so many files are sent at a time, and one whose reader goes away makes room") {
    Site site;
    const S3Files files = site.files(
        R"sh(case "$1" in lsjson) printf '{\n\t"Size": 5\n}\n';; cat) printf x; exec sleep 600;; esac)sh");
    const OpenFile one = files.open("a", 0).value();
    auto two = files.open("b", 0);
    REQUIRE(two.has_value());
    CHECK(files.open("c", 0).error().code == ErrorCode::kUnavailable);
    two->fd.reset();
    for (int tries = 0; tries < 3000 && !site.senders.check_room(); ++tries) ::poll(nullptr, 0, 10);
    CHECK(files.open("c", 0).has_value());
}

TEST_CASE("a server that does not answer is given up, and one that refuses is told in words without the secret") {
    Site site;
    const auto silent = site.files("exec sleep 600", false, std::chrono::milliseconds(100)).list("", "", 10);
    CHECK(silent.error().code == ErrorCode::kTimeout);
    CHECK(silent.error().message.find("did not answer within 100 ms") != std::string::npos);
    const auto refused =
        site.files("echo '2026/03/01 ERROR : : error listing: SignatureDoesNotMatch: status code: 403' >&2; exit 1")
            .list("", "", 10);
    CHECK(refused.error().code == ErrorCode::kDenied);
    CHECK(refused.error().message.find("the account's key or secret is wrong") != std::string::npos);
    CHECK(refused.error().message.find("n0t-told") == std::string::npos);
    CHECK(site.calls().find("n0t-told") == std::string::npos);
}

TEST_CASE("a file that is put is gone from where it was staged only once the server has it") {
    Site site;
    S3Files files = site.files("[ \"$1\" != copyto ] || { echo 'ERROR : no space left on device' >&2; exit 1; }");
    const std::string staged = files.staging_folder().value() + "/x";
    REQUIRE(os::write_file_atomic(staged, "content").has_value());
    CHECK_FALSE(files.take("a b", staged, nullptr).has_value());
    CHECK(os::exists(staged));
    CHECK(site.files("true").take("a b", staged, nullptr).has_value());
    CHECK_FALSE(os::exists(staged));
    CHECK(site.calls().find("copyto --no-check-dest " + staged + " s3:data/in/a b ") != std::string::npos);
    CHECK(site.files("echo x").take("folder", staged, nullptr).error().code == ErrorCode::kConflict);
    const std::atomic<bool> give_up{true};
    CHECK(site.files("[ \"$1\" != copyto ] || exec sleep 600").take("a", staged, &give_up).error().code ==
          ErrorCode::kCancelled);
}

}  // namespace pintle::source
