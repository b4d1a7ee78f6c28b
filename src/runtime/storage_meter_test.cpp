#include "runtime/storage_meter.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
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
                      [this](const MeasuredFolder&) {
                          const std::lock_guard lock(mu_);
                          changed_.notify_all();
                      }});
    }
    /// Waits until what is known of a folder is so. How often it is measured for that is the meter's to choose.
    void await(const std::string& folder, const std::function<bool(const StorageUse&)>& is_so) {
        std::unique_lock lock(mu_);
        REQUIRE(
            changed_.wait_for(lock, std::chrono::minutes(2), [&] { return is_so(meter->use_of("default", folder)); }));
    }
    void await_files(const std::string& folder, std::int64_t files) {
        await(folder, [&](const StorageUse& use) { return use.size.files == files; });
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
    scales.await_files("org/G1", 3);
    scales.await_files("org/G1/digits", 1);
    scales.await_files("org/G1/pool", 1);
    scales.await_files("org/G10/other", 1);
    scales.await_files("shared/mnist", 1);
    CHECK(scales.meter->use_of("default", "org/G1/digits").size.bytes >= 10'000);
    CHECK(scales.meter->use_of("default", "org/G1").size.files == 3);
    CHECK(scales.meter->use_of("default", "org/G1").measured_at > Time{});
    CHECK(scales.meter->use_of("other", "shared/mnist").measured_at == Time{});
    CHECK(scales.meter->use_of("default", "org/G2").size == source::FolderSize{});
}

TEST_CASE("what was put there counts at once and is measured soon, what jobs wrote when they have ended") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/one");
    scales.start();
    scales.await_files("org/G1/digits", 1);
    const std::int64_t before = scales.meter->use_of("default", "org/G1/digits").size.bytes;
    scales.meter->add("default", "org/G1/digits/src", 1'000'000'000);
    // Nothing was really written, so the next measuring corrects it.
    scales.await("org/G1/digits", [&](const StorageUse& use) { return use.size.bytes == before; });
    scales.written.with([](auto& set) { set.emplace("default", "org/G1/digits"); });
    scales.meter->look_again();
    scales.put("org/G1/digits/two");
    scales.written.with([](auto& set) { set.clear(); });
    scales.meter->look_again();
    scales.meter->touch("default", "org/G1/digits");
    scales.await_files("org/G1/digits", 2);
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

TEST_CASE("a folder that is gone is forgotten, whoever removed it") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/one");
    scales.put("org/G1/other/one");
    scales.start();
    scales.await_files("org/G1/digits", 1);
    scales.await_files("org/G1/other", 1);
    const auto is_forgotten = [](const StorageUse& use) { return use.measured_at == Time{}; };
    SUBCASE("the program, which says so") {
        REQUIRE(os::remove_tree(folder.path() + "/storage/org/G1/digits").has_value());
        scales.meter->touch("default", "org/G1/digits");
        scales.await("org/G1/digits", is_forgotten);
    }
    SUBCASE("somebody else") {
        REQUIRE(os::remove_tree(folder.path() + "/storage/org/G1/digits").has_value());
        scales.meter->look_again();
        scales.await("org/G1/digits", is_forgotten);
    }
    CHECK(scales.meter->use_of("default", "org/G1").size.files == 1);
}

TEST_CASE("what was measured is known after a restart without measuring again") {
    const testing::TempFolder folder;
    Scales scales(folder);
    scales.put("org/G1/digits/one");
    scales.start();
    scales.await_files("org/G1/digits", 1);
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
