#include "runtime/uploads.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "source/storage_files.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;

namespace {

constexpr auto kHour = std::chrono::hours(1);

struct Area {
    testing::TempFolder temp;
    std::string folder = temp.path() + "/source";
    std::string staging = temp.path() + "/staging";
    source::StorageFiles files{folder, staging};
    Time now = time_from_ms(1'800'000'000'000);
    std::unique_ptr<Uploads> uploads = open();
    int number = 0;

    std::unique_ptr<Uploads> open() { return Uploads::open(temp.path() + "/uploads", {staging}, now).value(); }
    UploadWish wish(const std::string& path, std::int64_t size) {
        return {domain::ProjectId("p"), "data", domain::UserId("ana"), path, size, "", "same"};
    }
    Upload begin(const UploadWish& wanted) {
        return uploads->begin(fmt::format("U{}", ++number), wanted, files, now).value();
    }
    Upload begin(const std::string& path, std::int64_t size) { return begin(wish(path, size)); }
    Result<Upload> finish(const std::string& id) {
        const Upload sealed = TRY(uploads->seal(id));
        if (sealed.state == Upload::State::kDone) return sealed;
        Result<std::unique_ptr<source::SourceFiles>> there = std::make_unique<source::StorageFiles>(folder, staging);
        return uploads->deliver(id, there, nullptr, now);
    }
    std::string content(const std::string& path) { return os::read_file(folder + "/" + path).value_or("(none)"); }
};

std::string right_offset(const Error& error) {
    REQUIRE(error.details.size() == 1);
    CHECK(error.details[0].path == "offset");
    return error.details[0].message;
}

}  // namespace

TEST_CASE("a file comes piece by piece and is seen only as a whole") {
    Area area;
    const Upload upload = area.begin("a/b.bin", 10);
    CHECK(upload.offset == 0);
    CHECK(area.uploads->write(upload.id, 0, "01234", area.now).value().offset == 5);
    CHECK_FALSE(os::exists(area.folder + "/a/b.bin"));
    CHECK(area.finish(upload.id).error().code == ErrorCode::kConflict);
    CHECK(area.uploads->write(upload.id, 5, "56789", area.now).value().offset == 10);
    CHECK_FALSE(os::exists(area.folder + "/a/b.bin"));
    CHECK(area.finish(upload.id).value().state == Upload::State::kDone);
    CHECK(area.content("a/b.bin") == "0123456789");
    CHECK(os::list_folder(area.staging).value().empty());
    // Whoever did not get the answer may ask once more.
    CHECK(area.finish(upload.id).value().state == Upload::State::kDone);
    CHECK(area.uploads->write(upload.id, 10, "", area.now).value().state == Upload::State::kDone);
}

TEST_CASE("a piece at the wrong place is refused with the right one, and one too many with the size") {
    Area area;
    const Upload upload = area.begin("file", 10);
    REQUIRE(area.uploads->write(upload.id, 0, "01234", area.now).has_value());
    for (const std::int64_t offset : {0, 4, 6, 1000}) {
        CAPTURE(offset);
        const auto refused = area.uploads->write(upload.id, offset, "x", area.now);
        CHECK(refused.error().code == ErrorCode::kConflict);
        CHECK(right_offset(refused.error()) == "5");
    }
    CHECK(area.uploads->write(upload.id, 5, "567890", area.now).error().message ==
          "the file was said to have 10 bytes, and with this piece it has 11");
    CHECK(area.uploads->find(upload.id, {upload.project, "data", upload.user}).value().offset == 5);
}

TEST_CASE("an upload goes on after a crash with what is really on disk") {
    Area area;
    const Upload upload = area.begin("file", 10);
    REQUIRE(area.uploads->write(upload.id, 0, "01234", area.now).has_value());
    // The server was killed in the middle of the next piece, of which two bytes came.
    REQUIRE(os::write_file_atomic(upload.staged, "0123456").has_value());
    area.uploads = area.open();
    CHECK(area.uploads->find(upload.id, {upload.project, "data", upload.user}).value().offset == 7);
    CHECK(right_offset(area.uploads->write(upload.id, 5, "56789", area.now).error()) == "7");
    REQUIRE(area.uploads->write(upload.id, 7, "789", area.now).has_value());
    REQUIRE(area.finish(upload.id).has_value());
    CHECK(area.content("file") == "0123456789");
}

TEST_CASE("a server that was killed after it put the file in its place knows that it did") {
    Area area;
    const Upload upload = area.begin("file", 2);
    REQUIRE(area.uploads->write(upload.id, 0, "ab", area.now).has_value());
    const std::string record = area.temp.path() + "/uploads/" + upload.id + ".json";
    std::string text = os::read_file(record).value();
    text.replace(text.find("receiving"), 9, "storing");
    REQUIRE(os::write_file_atomic(record, text).has_value());
    SUBCASE("before the file was moved") {
        area.uploads = area.open();
        REQUIRE(area.finish(upload.id).has_value());
        CHECK(area.content("file") == "ab");
    }
    SUBCASE("afterwards") {
        REQUIRE(area.files.take("file", upload.staged, nullptr).has_value());
        area.uploads = area.open();
        CHECK(area.uploads->find(upload.id, {upload.project, "data", upload.user}).value().state ==
              Upload::State::kDone);
        CHECK(area.content("file") == "ab");
    }
}

TEST_CASE("the same file of the same person goes on, everything else begins anew") {
    Area area;
    const Upload upload = area.begin("file", 10);
    REQUIRE(area.uploads->write(upload.id, 0, "01234", area.now).has_value());
    const Upload again = area.begin("file", 10);
    CHECK(again.id == upload.id);
    CHECK(again.offset == 5);
    CHECK(area.begin("other", 10).id != upload.id);
    CHECK(area.begin("file", 11).id != upload.id);
    UploadWish wish = area.wish("file", 10);
    wish.user = domain::UserId("ben");
    CHECK(area.begin(wish).id != upload.id);
    wish = area.wish("file", 10);
    wish.fingerprint = "changed since";
    CHECK(area.begin(wish).id != upload.id);
    wish.fingerprint = "";
    CHECK(area.begin(wish).id != area.begin(wish).id);
}

TEST_CASE("of two uploads to one path the one that ends last is there") {
    Area area;
    UploadWish wish = area.wish("file", 1);
    const Upload first = area.begin(wish);
    wish.fingerprint = "another";
    const Upload second = area.begin(wish);
    REQUIRE(area.uploads->write(first.id, 0, "1", area.now).has_value());
    REQUIRE(area.uploads->write(second.id, 0, "2", area.now).has_value());
    REQUIRE(area.finish(second.id).has_value());
    REQUIRE(area.finish(first.id).has_value());
    CHECK(area.content("file") == "1");
}

TEST_CASE("what arrived is held against the sum that was said") {
    Area area;
    UploadWish wish = area.wish("file", 3);
    wish.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // Of "abc".
    const Upload upload = area.begin(wish);
    REQUIRE(area.uploads->write(upload.id, 0, "abd", area.now).has_value());
    CHECK(area.finish(upload.id).error().code == ErrorCode::kConflict);
    CHECK_FALSE(os::exists(area.folder + "/file"));
    const Upload refused = area.uploads->find(upload.id, {upload.project, "data", upload.user}).value();
    CHECK(refused.offset == 0);
    CHECK(refused.fault.find("SHA-256") != std::string::npos);
    REQUIRE(area.uploads->write(upload.id, 0, "abc", area.now).has_value());
    REQUIRE(area.finish(upload.id).has_value());
    CHECK(area.content("file") == "abc");
}

TEST_CASE("a file whose place became a folder stays an upload that can be tried again") {
    Area area;
    const Upload upload = area.begin("file", 2);
    REQUIRE(area.uploads->write(upload.id, 0, "ab", area.now).has_value());
    REQUIRE(area.files.make_folder("file").has_value());
    CHECK(area.finish(upload.id).error().code == ErrorCode::kConflict);
    CHECK(area.uploads->find(upload.id, {upload.project, "data", upload.user}).value().fault.find("is a folder") !=
          std::string::npos);
    REQUIRE(area.files.remove("file").has_value());
    REQUIRE(area.finish(upload.id).has_value());
    CHECK(area.content("file") == "ab");
}

TEST_CASE("while an upload is put in its place it takes no pieces and cannot be cancelled") {
    Area area;
    const Upload upload = area.begin("file", 1);
    REQUIRE(area.uploads->write(upload.id, 0, "x", area.now).has_value());
    CHECK(area.uploads->seal(upload.id).value().state == Upload::State::kStoring);
    CHECK(area.uploads->write(upload.id, 1, "", area.now).error().code == ErrorCode::kConflict);
    CHECK(area.uploads->seal(upload.id).error().code == ErrorCode::kConflict);
    CHECK(area.uploads->remove(upload.id).error().code == ErrorCode::kConflict);
    // Its source is gone meanwhile.
    const Result<std::unique_ptr<source::SourceFiles>> gone = fail(ErrorCode::kNotFound, "no such source");
    CHECK(area.uploads->deliver(upload.id, gone, nullptr, area.now).error().message == "no such source");
    CHECK(area.uploads->find(upload.id, {upload.project, "data", upload.user}).value().fault == "no such source");
    CHECK(area.finish(upload.id).has_value());
}

TEST_CASE("files of no bytes and of terabytes can be sent") {
    Area area;
    const Upload none = area.begin("none", 0);
    REQUIRE(area.finish(none.id).has_value());
    CHECK(area.content("none").empty());
    constexpr std::int64_t kTerabytes = std::int64_t{3} << 40;
    const Upload large = area.begin("large", kTerabytes + 3);
    REQUIRE(::truncate(large.staged.c_str(), kTerabytes) == 0);
    REQUIRE(area.uploads->write(large.id, kTerabytes, "end", area.now).has_value());
    REQUIRE(area.finish(large.id).has_value());
    struct stat info {};
    REQUIRE(::stat((area.folder + "/large").c_str(), &info) == 0);
    CHECK(info.st_size == kTerabytes + 3);
}

TEST_CASE("a disk that is full keeps what fitted, and the upload goes on when there is room") {
    Area area;
    const Upload upload = area.begin("file", 30'000);
    // The limit of a file's size stands for the disk: a write beyond it is cut short, then refused.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small{10'000, before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto refused = area.uploads->write(upload.id, 0, std::string(20'000, 'x'), area.now);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK_FALSE(refused.has_value());
    const Upload half = area.uploads->find(upload.id, {upload.project, "data", upload.user}).value();
    CHECK(half.offset == 10'000);
    REQUIRE(area.uploads->write(upload.id, 10'000, std::string(20'000, 'y'), area.now).has_value());
    REQUIRE(area.finish(upload.id).has_value());
    CHECK(area.content("file") == std::string(10'000, 'x') + std::string(20'000, 'y'));
}

TEST_CASE("nobody else learns of an upload, and not of one by another source") {
    Area area;
    const Upload upload = area.begin("file", 1);
    CHECK(area.uploads->find(upload.id, {upload.project, "data", domain::UserId("ben")}).error().code ==
          ErrorCode::kNotFound);
    CHECK(area.uploads->find(upload.id, {upload.project, "other", upload.user}).error().code == ErrorCode::kNotFound);
    CHECK(area.uploads->find("../" + upload.id, {upload.project, "data", upload.user}).error().code ==
          ErrorCode::kNotFound);
    CHECK(area.uploads->list({upload.project, "data", upload.user}).size() == 1);
    CHECK(area.uploads->list({upload.project, "data", domain::UserId("ben")}).empty());
}

TEST_CASE("a project has so many uploads on their way and no more") {
    Area area;
    for (std::size_t i = 0; i < Uploads::kProjectMost; ++i) area.begin(fmt::format("file-{}", i), 1);
    const UploadWish more = area.wish("one-more", 1);
    CHECK(area.uploads->begin("X", more, area.files, area.now).error().code == ErrorCode::kExhausted);
    CHECK(area.begin("file-7", 1).id == "U8");
    REQUIRE(area.uploads->remove("U8").has_value());
    CHECK(area.uploads->begin("X", more, area.files, area.now).has_value());
}

TEST_CASE("an upload that is cancelled leaves nothing") {
    Area area;
    const Upload upload = area.begin("file", 10);
    REQUIRE(area.uploads->write(upload.id, 0, "01234", area.now).has_value());
    REQUIRE(area.uploads->remove(upload.id).has_value());
    CHECK(area.uploads->remove(upload.id).error().code == ErrorCode::kNotFound);
    CHECK(os::list_folder(area.staging).value().empty());
    CHECK(os::list_folder(area.temp.path() + "/uploads").value().empty());
}

TEST_CASE("an upload ends a day after its last piece, and is forgotten an hour after it was done") {
    Upload upload;
    upload.touched_at = time_from_ms(1000);
    CHECK(upload_ends_at(upload) == upload.touched_at + 24 * kHour);
    upload.state = Upload::State::kDone;
    CHECK(upload_ends_at(upload) == upload.touched_at + kHour);

    Area area;
    const Upload idle = area.begin("idle", 10), fresh = area.begin("fresh", 10), done = area.begin("done", 0);
    REQUIRE(area.finish(done.id).has_value());
    area.now += 20 * kHour;
    REQUIRE(area.uploads->write(fresh.id, 0, "x", area.now).has_value());
    area.uploads->sweep(area.now);
    CHECK(area.uploads->list({idle.project, "data", idle.user}).size() == 2);
    area.now += 5 * kHour;
    area.uploads->sweep(area.now);
    const auto left = area.uploads->list({idle.project, "data", idle.user});
    REQUIRE(left.size() == 1);
    CHECK(left[0].id == fresh.id);
    CHECK_FALSE(os::exists(idle.staged));
    CHECK(area.content("done").empty());
}

TEST_CASE("what a server that was killed left behind is removed at the next start when it is old") {
    Area area;
    REQUIRE(os::make_folders(area.staging).has_value());
    REQUIRE(os::write_file_atomic(area.staging + "/put-1", "x").has_value());
    REQUIRE(os::write_file_atomic(area.temp.path() + "/uploads/bad.json", "{").has_value());
    area.now = SystemClock().now();
    area.uploads = area.open();
    CHECK(os::exists(area.staging + "/put-1"));
    area.now += 25 * kHour;
    area.uploads = area.open();
    CHECK_FALSE(os::exists(area.staging + "/put-1"));
}
