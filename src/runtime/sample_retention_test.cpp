#include "runtime/sample_retention.hpp"

#include <utime.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "series/sample_reader.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;

namespace {

const Time kNow = time_from_ms(1'700'000'000'000);
constexpr Duration kDay = std::chrono::hours(24);

struct Bench {
    /// A folder whose files were written last at that time, with a sample of it.
    std::string samples_of(const char* job, Time at) {
        const std::string made = data.sample_folder(domain::ProjectId("P"), domain::JobId(job));
        REQUIRE(store.add(made, {{{"worker-0", "cpu_percent", "", false}, {at, 1, std::nullopt}}}).has_value());
        store.close(made);
        const utimbuf times{to_ms(at) / 1000, to_ms(at) / 1000};
        const auto names = os::list_folder(made).value();
        for (const std::string& name : names) REQUIRE(::utime((made + "/" + name).c_str(), &times) == 0);
        return made;
    }

    testing::TempFolder folder;
    DataFolder data = DataFolder::open(folder.path()).value();
    SampleStore store;
};

}  // namespace

TEST_CASE("samples of jobs that ended long ago go, and those of others stay") {
    Bench bench;
    const std::string old = bench.samples_of("OLD", kNow - 10 * kDay);
    const std::string young = bench.samples_of("YOUNG", kNow - kDay);
    const std::string live = bench.samples_of("LIVE", kNow - 10 * kDay);
    drop_old_samples(bench.data, bench.store, kNow - 5 * kDay, {live});
    CHECK_FALSE(os::exists(old));
    CHECK(os::exists(young));
    CHECK(os::exists(live));
    // Again, and where there is nothing at all.
    drop_old_samples(bench.data, bench.store, kNow - 5 * kDay, {live});
    CHECK(series::SampleReader(young).list().value().size() == 1);
}
