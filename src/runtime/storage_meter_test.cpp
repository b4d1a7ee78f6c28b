#include "runtime/storage_meter.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "base/synchronized.hpp"
#include "os/file.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::runtime {
namespace {

using source::MeasuredFolder;

/// A meter of one storage, whose measurings can be awaited.
class Scales {
public:
    explicit Scales(const testing::TempFolder& folder) : folder_(folder) { open(); }
    ~Scales() { meter->stop(); }

    void open() {
        StorageMeter::Options options;
        options.storages = {{"default", folder_.path() + "/storage"}};
        options.file = folder_.path() + "/use.json";
        options.rhythm.pause = Duration(1);
        options.look = Duration(5);
        meter = std::make_unique<StorageMeter>(clock_, options);
    }
    void start() {
        meter->start({[this] { return written.with([](const auto& set) { return set; }); },
                      [this](const MeasuredFolder& measured) {
                          const std::lock_guard lock(mu_);
                          times_[measured.second] += 1;
                          changed_.notify_all();
                      }});
    }
    /// Waits until it was measured so often since the start.
    void await(const std::string& measured, int times = 1) {
        std::unique_lock lock(mu_);
        REQUIRE(changed_.wait_for(lock, std::chrono::minutes(2), [&] { return times_[measured] >= times; }));
    }
    int times(const std::string& measured) {
        const std::lock_guard lock(mu_);
        return times_[measured];
    }
    void put(const std::string& path, std::size_t bytes = 10'000) const {
        const std::string whole = folder_.path() + "/storage/" + path;
        REQUIRE(os::make_folders(whole.substr(0, whole.rfind('/'))).has_value());
        REQUIRE(os::write_file_atomic(whole, std::string(bytes, 'x'), 0644, false).has_value());
    }

    std::unique_ptr<StorageMeter> meter;
    Synchronized<std::set<MeasuredFolder>> written;

private:
    const testing::TempFolder& folder_;
    SystemClock clock_;
    std::mutex mu_;
    std::condition_variable changed_;
    std::map<std::string, int> times_;
};

TEST_CASE("folders are found and measured, each by whose it is") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/a/one");
    scales.put("org/G1/pool/two");
    scales.put("org/G1/loose");
    scales.put("org/G10/other/three");
    scales.put("shared/mnist/four");
    scales.start();
    for (const char* found : {"org/G1", "org/G1/digits", "org/G1/pool", "org/G10/other", "shared/mnist"})
        scales.await(found);
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.files == 1);
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.bytes >= 10'000);
    CHECK(scales.meter->use_of("default", "org/G1").size.files == 3);
    CHECK(scales.meter->use_of("default", "org/G1").measured_at > Time{});
    CHECK(scales.meter->use_of("default", "shared/mnist").size.files == 1);
    CHECK(scales.meter->use_of("other", "shared/mnist").measured_at == Time{});
    CHECK(scales.meter->use_of("default", "org/G2").size == source::FolderSize{});
}

TEST_CASE("what was put there counts at once and is measured soon, what jobs wrote when they have ended") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/one");
    scales.start();
    scales.await("org/G1/digits");
    const std::int64_t before = scales.meter->use_of("default", "org/G1/digits").size.bytes;
    scales.meter->add("default", "org/G1/digits/src", 1'000'000'000);
    scales.await("org/G1/digits", 2);
    // Nothing was really written, so the second measuring corrects it.
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.bytes == before);
    scales.written.with([](auto& set) { set.emplace("default", "org/G1/digits"); });
    scales.meter->look_again();
    scales.put("org/G1/digits/two");
    scales.written.with([](auto& set) { set.clear(); });
    scales.meter->look_again();
    scales.meter->touch("default", "org/G1/digits");
    scales.await("org/G1/digits", 3);
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.files == 2);
}

TEST_CASE("what was put into a folder that was never measured counts too") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.meter->add("default", "org/G1/digits/src", 500);
    scales.meter->add("default", "org/G1/digits/src", 500);
    scales.meter->add("none", "org/G1/digits", 500);
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.bytes == 1'000);
    CHECK(scales.meter->use_of("default", "org/G1").size.bytes == 1'000);
    CHECK(scales.meter->use_of("default", "org/G1").unmeasured == 1);
}

TEST_CASE("a folder that is gone is forgotten") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/one");
    scales.put("org/G1/other/one");
    scales.start();
    scales.await("org/G1/digits");
    scales.await("org/G1/other");
    REQUIRE(os::remove_tree(folder.path() + "/storage/org/G1/digits").has_value());
    scales.meter->touch("default", "org/G1/digits");
    scales.meter->touch("default", "org/G1/other");
    scales.await("org/G1/other", 2);
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.files == 0);
    CHECK(scales.meter->use_of("default", "org/G1/digits").measured_at == Time{});
}

TEST_CASE("what was measured is known after a restart without measuring again") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/one");
    scales.start();
    scales.await("org/G1/digits");
    const StorageUse before = scales.meter->use_of("default", "org/G1/digits");
    scales.meter->stop();
    scales.open();
    const StorageUse after = scales.meter->use_of("default", "org/G1/digits");
    CHECK(after.size == before.size);
    CHECK(after.measured_at == before.measured_at);
    REQUIRE(os::write_file_atomic(folder.path() + "/use.json",
                                  "[1, {\"storage\": 5}, {\"storage\": \"default\", \"folder\": \"org/G/x\"}", 0600,
                                  false));
    scales.open();
    CHECK(scales.meter->uses("default").empty());
}

}  // namespace
}  // namespace pintle::runtime
