#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <thread>

#include "os/file.hpp"
#include "series/log_test_tools.hpp"
#include "series/sample_reader.hpp"
#include "series/sample_record.hpp"
#include "series/sample_writer.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using pintle::series::test::at_ms;
using pintle::series::test::must;
using pintle::series::test::read_bytes;
using pintle::series::test::write_bytes;

namespace {

const SeriesKey kCpu{"worker-0", "cpu_percent", "", false};
const SeriesKey kLoss{"worker-0", "loss", "", true};

using All = std::map<SeriesKey, std::vector<Sample>>;

All read_all(const std::string& folder) {
    const SampleReader reader(folder);
    std::vector<SeriesKey> keys;
    for (const auto& series : must(reader.list())) keys.push_back(series.key);
    auto lists = must(reader.samples(keys, Time::min(), Time::max()));
    All all;
    for (std::size_t i = 0; i < keys.size(); ++i) all[keys[i]] = std::move(lists[i]);
    return all;
}

std::size_t count_all(const std::string& folder) {
    std::size_t count = 0;
    for (const auto& [key, samples] : read_all(folder)) count += samples.size();
    return count;
}

// Five metrics of some replicas every ten seconds, as a sampler gives them; exact as they are kept.
struct Load {
    std::size_t replicas = 2;
    Rng rng{7};
    All expected{};
    std::int64_t at = 0;

    void round(SampleWriter& writer) {
        for (std::size_t replica = 0; replica < replicas; ++replica) {
            for (const char* metric : {"cpu_percent", "memory_mb", "gpu_percent", "gpu_memory_mb", "gpu_power_w"}) {
                const SeriesKey key{fmt::format("worker-{}", replica), metric, metric[0] == 'g' ? "GPU-1" : "", false};
                const Sample sample{at_ms(at), static_cast<double>(rng.below(10'000)) / 10, std::nullopt};
                writer.append(key, sample);
                expected[key].push_back(sample);
            }
        }
        at += 10'000;
    }
};

std::vector<std::string> files_in(const std::string& folder) { return must(os::list_folder(folder)); }

std::uint64_t bytes_in(const std::string& folder) {
    std::uint64_t sum = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) sum += file.file_size();
    return sum;
}

}  // namespace

TEST_CASE("what is appended is read back after a flush, from the tail and from blocks") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    Load load;
    for (int round = 0; round < 1500; ++round) {
        load.round(writer);
        writer.flush();
        if (round % 250 == 0 || round == 511 || round == 512) REQUIRE(read_all(temp.path()) == load.expected);
    }
    CHECK(read_all(temp.path()) == load.expected);
    CHECK(files_in(temp.path()).size() == 2);
    CHECK(writer.dropped_samples() == 0);
    CHECK(must(SampleReader(temp.path()).damaged()) == 0);
}

TEST_CASE("a folder that is not there has no series") {
    const SampleReader reader("/nonexistent/samples");
    CHECK(must(reader.list()).empty());
    CHECK(must(reader.latest(3)).empty());
    CHECK(must(reader.read({kCpu}, {at_ms(0), at_ms(1000), Duration(10)})) == std::vector<std::vector<Bucket>>{{}});
}

TEST_CASE("a folder has one writer at a time") {
    const testing::TempFolder temp;
    {
        const SampleWriter first = must(SampleWriter::open(temp.path()));
        const auto second = SampleWriter::open(temp.path());
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().code == ErrorCode::kConflict);
    }
    CHECK(SampleWriter::open(temp.path()).has_value());
}

TEST_CASE("a writer goes on where another one ended, and series keep their names") {
    const testing::TempFolder temp;
    Load load;
    for (int start = 0; start < 60; ++start) {
        SampleWriter writer = must(SampleWriter::open(temp.path()));
        for (int round = 0; round < 37; ++round) load.round(writer);
    }
    CHECK(read_all(temp.path()) == load.expected);
}

TEST_CASE("reported values keep their steps and every bit, also those that are no numbers") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    std::vector<Sample> expected;
    for (int i = 0; i < 2000; ++i) {
        Sample sample{at_ms(i * 130), 1.0 / (i + 3), i * 10};
        if (i % 7 == 0) sample.step.reset();
        if (i % 50 == 0) sample.value = inf;
        if (i == 1500) sample.value = -inf;
        writer.append(kLoss, sample);
        expected.push_back(sample);
    }
    writer.flush();
    CHECK(read_all(temp.path())[kLoss] == expected);
    writer.append(kLoss, {at_ms(260'000), nan, -5});
    writer.flush();
    const auto latest = must(SampleReader(temp.path()).latest(2));
    REQUIRE(latest.size() == 1);
    CHECK(latest[0].first == kLoss);
    REQUIRE(latest[0].second.size() == 2);
    CHECK(latest[0].second[0].value == 1.0 / 2002);
    CHECK(std::isnan(latest[0].second[1].value));
    CHECK(latest[0].second[1].step == -5);
}

TEST_CASE("measured values are kept as exactly as anybody reads them") {
    CHECK(measured("cpu_percent", 156.61234) == 156.6);
    CHECK(measured("cpu_percent", 3.14159) == 3.14);
    CHECK(measured("memory_mb", 123456.789) == 123456.8);
    CHECK(measured("gpu_power_w", -0.001) == 0);
    CHECK(measured("disk_read_bytes_per_s", 123456789.0) == 123000000.0);
    CHECK(measured("network_send_bytes_per_s", 1234.5) == 1230.0);
    CHECK(measured("network_send_bytes_per_s", 31.4159) == 31.4);
    CHECK(measured("cpu_percent", std::numeric_limits<double>::infinity()) == std::numeric_limits<double>::infinity());
    CHECK(std::isnan(measured("cpu_percent", std::numeric_limits<double>::quiet_NaN())));
    CHECK(measured("cpu_percent", 1e300) == 1e300);
}

TEST_CASE("buckets keep least, mean and most, and there is none where nothing was measured") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    std::map<std::int64_t, std::vector<double>> plain;
    Rng rng(11);
    for (int i = 0; i < 4000; ++i) {
        if (i >= 1000 && i < 1500) continue;  // The sampler was away.
        const double value = static_cast<double>(rng.below(5000)) / 10;
        writer.append(kCpu, {at_ms(i * 1000), value, std::nullopt});
        plain[to_ms(at_ms(i * 1000)) / 60'000].push_back(value);
    }
    writer.flush();
    const auto lists =
        must(SampleReader(temp.path()).read({kCpu, kLoss, kCpu}, {at_ms(0), at_ms(4'000'000), Duration(60'000)}));
    REQUIRE(lists.size() == 3);
    CHECK(lists[1].empty());
    CHECK(lists[0] == lists[2]);
    REQUIRE(lists[0].size() == plain.size());
    auto next = plain.begin();
    for (const Bucket& bucket : lists[0]) {
        const auto& values = (next++)->second;
        CHECK(to_ms(bucket.start) % 60'000 == 0);
        CHECK(bucket.count == values.size());
        CHECK(bucket.min == *std::min_element(values.begin(), values.end()));
        CHECK(bucket.max == *std::max_element(values.begin(), values.end()));
        double sum = 0;
        for (const double value : values) sum += value;
        CHECK(bucket.mean == doctest::Approx(sum / static_cast<double>(values.size())));
    }
    // Only what is within the range, to the millisecond.
    const auto part = must(SampleReader(temp.path()).read({kCpu}, {at_ms(5000), at_ms(8000), Duration(1000)}));
    REQUIRE(part[0].size() == 3);
    CHECK(part[0].front().start == at_ms(5000));
    CHECK_FALSE(SampleReader(temp.path()).read({kCpu}, {at_ms(5), at_ms(5), Duration(1)}).has_value());
    CHECK_FALSE(SampleReader(temp.path()).read({kCpu}, {at_ms(5), at_ms(9), Duration(0)}).has_value());
}

TEST_CASE("buckets leave out what is no number, and know the last step") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    writer.append(kLoss, {at_ms(0), 2, 1});
    writer.append(kLoss, {at_ms(1), nan, 2});
    writer.append(kLoss, {at_ms(2), 4, std::nullopt});
    writer.append(kLoss, {at_ms(3), -inf, std::nullopt});
    writer.append(kLoss, {at_ms(1000), nan, 3});
    writer.flush();
    const auto list = must(SampleReader(temp.path()).read({kLoss}, {at_ms(0), at_ms(5000), Duration(1000)}))[0];
    REQUIRE(list.size() == 1);
    CHECK(list[0] == Bucket{at_ms(0), 2, 3, 4, 2, 2});
}

TEST_CASE("where a clock jumps back, samples stand at the times they tell") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    for (int i = 0; i < 3000; ++i) {
        const std::int64_t at = i < 1700 ? i * 1000 : (i - 1200) * 1000;  // Ten past eight minutes twenty, twice.
        writer.append(kCpu, {at_ms(at), i < 1700 ? 1.0 : 3.0, std::nullopt});
        if (i % 10 == 0) writer.flush();
    }
    writer.flush();
    const auto list = must(SampleReader(temp.path()).read({kCpu}, {at_ms(0), at_ms(1'800'000), Duration(1000)}))[0];
    REQUIRE(list.size() == 1800);
    CHECK(list[499].count == 1);
    CHECK(list[500] == Bucket{at_ms(500'000), 1, 2, 3, 2, std::nullopt});
    CHECK(list[1799].min == 3);
    // Far off, in both directions.
    for (const std::int64_t ms : {std::int64_t{-1}, std::int64_t{0}, std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max()}) {
        writer.append(kCpu, {time_from_ms(ms), 5, std::nullopt});
    }
    writer.flush();
    CHECK(count_all(temp.path()) == 3003);  // The last moment of all is not before any other.
    const auto old =
        must(SampleReader(temp.path()).read({kCpu}, {time_from_ms(-1000), time_from_ms(1000), Duration(600)}))[0];
    REQUIRE(old.size() == 2);
    CHECK(old[0].start == time_from_ms(-600));
    CHECK(old[1].start == time_from_ms(0));
    CHECK(must(SampleReader(temp.path()).read({kCpu}, {Time::min(), Time::max(), Duration(1000)}))[0].size() == 1803);
}

TEST_CASE("samples that arrive late stand where they belong") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    for (int i = 0; i < 2000; i += 2) writer.append(kCpu, {at_ms(i * 1000), 2, std::nullopt});
    writer.flush();
    for (int i = 1; i < 2000; i += 2) writer.append(kCpu, {at_ms(i * 1000), 1, std::nullopt});
    writer.flush();
    const auto samples = read_all(temp.path())[kCpu];
    REQUIRE(samples.size() == 2000);
    for (int i = 0; i < 2000; ++i)
        REQUIRE(samples[static_cast<std::size_t>(i)] == Sample{at_ms(i * 1000), i % 2 == 0 ? 2.0 : 1.0, std::nullopt});
}

TEST_CASE("a tail that is torn at any byte loses its last flush at most, and is gone on with") {
    const testing::TempFolder temp;
    const std::string made = temp.path() + "/made";
    std::vector<std::size_t> ends, counts;
    {
        SampleWriter writer = must(SampleWriter::open(made));
        Load load;
        for (int round = 0; round < 3; ++round) {
            load.round(writer);
            writer.flush();
            ends.push_back(bytes_in(made));
            counts.push_back(static_cast<std::size_t>(10 * (round + 1)));
        }
    }
    const std::string bytes = read_bytes(tail_file(made, 1));
    REQUIRE(bytes.size() == ends.back());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        const std::string folder = temp.path() + "/torn";
        REQUIRE(os::remove_tree(folder).has_value());
        REQUIRE(os::make_folders(folder).has_value());
        write_bytes(tail_file(folder, 1), std::string_view(bytes).substr(0, size));
        std::size_t kept = 0;
        for (std::size_t i = 0; i < ends.size(); ++i) kept = ends[i] <= size ? counts[i] : kept;
        REQUIRE(count_all(folder) == kept);
        SampleWriter writer = must(SampleWriter::open(folder));
        writer.append(kCpu, {at_ms(-1), 1, std::nullopt});
        writer.append(kLoss, {at_ms(-1), 1, 1});
        writer.flush();
        REQUIRE(count_all(folder) == kept + 2);
        REQUIRE(must(SampleReader(folder).damaged()) == 0);
    }
}

TEST_CASE("a writer that is killed while it compresses leaves nothing out and nothing twice") {
    const testing::TempFolder temp;
    // All states of the folder between two writes, and with each write cut at some byte.
    const std::string made = temp.path() + "/made";
    Load load;
    load.replicas = 1;
    SampleWriter::Options options;
    std::vector<std::string> states;
    const auto keep_state = [&] {
        const std::string copy = fmt::format("{}/state-{}", temp.path(), states.size());
        std::filesystem::copy(made, copy);
        states.push_back(copy);
    };
    bool watching = false;
    options.write = [&](int fd, const void* bytes, std::size_t size, off_t offset) {
        if (!watching) return ::pwrite(fd, bytes, size, offset);
        for (const std::size_t part : {std::size_t{0}, std::size_t{1}, size / 3, size - 1, size}) {
            REQUIRE(::pwrite(fd, bytes, part, offset) == static_cast<ssize_t>(part));
            keep_state();
        }
        return static_cast<ssize_t>(size);
    };
    SampleWriter writer = must(SampleWriter::open(made, options));
    for (int i = 0; i < 20; ++i) {
        writer.append(kLoss, {at_ms(i), 0.5, i});  // Too few for a block: they are carried to the next tail.
        load.expected[kLoss].push_back({at_ms(i), 0.5, i});
    }
    std::string final;
    while (final.empty()) {
        const All before = load.expected;
        states.clear();
        load.round(writer);
        watching = load.at > 6000'000;
        writer.flush();
        for (const auto& name : files_in(made)) final = name.ends_with(".samples") ? made : final;
        for (const std::string& state : states) {
            CAPTURE(state);
            const All now = read_all(state);
            REQUIRE((now == load.expected || now == before));
            {
                const SampleWriter again = must(SampleWriter::open(state));
                REQUIRE(read_all(state) == now);
            }
            REQUIRE(must(SampleReader(state).damaged()) == 0);
            REQUIRE(os::remove_tree(state).has_value());
        }
        watching = false;
        REQUIRE(load.at < 100'000'000);
    }
    CHECK(read_all(made) == load.expected);
}

TEST_CASE("a block that is damaged at any byte is left out and counted, and what is behind it is read") {
    const testing::TempFolder temp;
    const std::string made = temp.path() + "/made";
    Load load;
    load.replicas = 1;
    {
        SampleWriter writer = must(SampleWriter::open(made));
        for (int round = 0; round < 1100; ++round) {
            load.round(writer);
            writer.flush();
        }
    }
    const std::string bytes = read_bytes(segment_file(made, 1));
    const std::size_t whole = count_all(made);
    REQUIRE(whole == 5500);
    const std::size_t second = kHeadBytes + read_head(bytes)->size;
    Rng rng(5);
    for (std::size_t at = 0; at < bytes.size(); at += 1 + rng.below(40)) {
        CAPTURE(at);
        std::string spoilt = bytes;
        spoilt[at] = static_cast<char>(spoilt[at] ^ static_cast<char>(1U << rng.below(8)));
        write_bytes(segment_file(made, 1), spoilt);
        const std::size_t kept = count_all(made);
        REQUIRE(kept >= whole - 512 * 5);
        REQUIRE(kept < whole);
        // A last record without a head might as well be one that is being written.
        const bool last_head = at >= second && at < second + kHeadBytes;
        REQUIRE(must(SampleReader(made).damaged()) >= (last_head ? 0 : 1));
    }
    write_bytes(segment_file(made, 1), bytes.substr(0, bytes.size() - 1));
    const SampleWriter writer = must(SampleWriter::open(made));
    CHECK(count_all(made) == whole - 512 * 5);
}

TEST_CASE("a full disk drops samples and counts them, and what follows is kept again") {
    const testing::TempFolder temp;
    Rng rng(6);
    std::uint64_t room = 0;
    SampleWriter::Options options;
    options.write = [&](int fd, const void* bytes, std::size_t size, off_t offset) -> ssize_t {
        const std::size_t part = std::min<std::uint64_t>(size, room);
        room -= part;
        if (part > 0) return ::pwrite(fd, bytes, part, offset);
        errno = ENOSPC;
        return -1;
    };
    SampleWriter writer = must(SampleWriter::open(temp.path(), options));
    std::size_t appended = 0;
    Load load;
    for (int round = 0; round < 3000; ++round) {
        if (rng.chance(5)) room = rng.chance(50) ? 1'000'000 : rng.below(3000);
        load.round(writer);
        appended += 10;
        writer.flush();
        if (round % 100 == 0) REQUIRE(count_all(temp.path()) + writer.dropped_samples() == appended);
    }
    CHECK(writer.dropped_samples() > 0);
    CHECK(writer.dropped_samples() < appended);
    CHECK(count_all(temp.path()) + writer.dropped_samples() == appended);
    CHECK(must(SampleReader(temp.path()).damaged()) == 0);
}

TEST_CASE("the oldest samples go when the folder reaches its limit") {
    const testing::TempFolder temp;
    SampleWriter::Options options;
    options.total_limit_bytes = 100'000;
    SampleWriter writer = must(SampleWriter::open(temp.path(), options));
    Load load;
    for (int round = 0; round < 20'000; ++round) {
        load.round(writer);
        writer.flush();
        if (round % 1000 == 0) REQUIRE(bytes_in(temp.path()) <= 125'000);
    }
    const auto samples = read_all(temp.path())[kCpu];
    CHECK(samples.size() > 1000);
    CHECK(samples.size() < 20'000);
    CHECK(samples.back().at == at_ms(19'999 * 10'000));
    CHECK(samples.back().at - samples.front().at == Duration(10'000) * static_cast<std::int64_t>(samples.size() - 1));
}

TEST_CASE("what is older than it is kept goes by the day") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    constexpr int kPerDay = 8640;
    Load load;
    for (int round = 0; round < 5 * kPerDay; ++round) load.round(writer);
    writer.drop_before(at_ms(std::int64_t{3} * kPerDay * 10'000));
    const auto samples = read_all(temp.path())[kCpu];
    CHECK(samples.front().at <= at_ms(std::int64_t{3} * kPerDay * 10'000));
    CHECK(samples.front().at >= at_ms(std::int64_t{2} * kPerDay * 10'000 - 1));
    CHECK(samples.back().at == load.expected[kCpu].back().at);
    writer.drop_before(at_ms(std::int64_t{9} * kPerDay * 10'000));
    CHECK(count_all(temp.path()) == 0);
    CHECK(files_in(temp.path()).empty());
    load.round(writer);
    writer.flush();
    CHECK(count_all(temp.path()) == 10);
}

TEST_CASE("a job's samples take less than two bytes each") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    Load load;  // Noise in everything: worse than any machine.
    load.replicas = 8;
    std::size_t count = 0;
    for (; count < 512 * 40 * 4; count += 40) {
        load.round(writer);
        writer.flush();
    }
    CHECK(static_cast<double>(bytes_in(temp.path())) / static_cast<double>(count) < 2);
}

TEST_CASE("a series that tells little waits for more, and one that tells much does not cut the others short") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    Load load;
    for (int round = 0; round < 3000; ++round) {
        load.round(writer);
        for (int i = 0; i < 100; ++i) {
            const Sample sample{at_ms(round * 10'000 + i * 100), i / 1000.0, round * 100 + i};
            writer.append(kLoss, sample);
            load.expected[kLoss].push_back(sample);
        }
        writer.flush();
    }
    CHECK(read_all(temp.path()) == load.expected);
    CHECK(static_cast<double>(bytes_in(temp.path())) / 330'000 < 2.5);
}

TEST_CASE("more series than a folder may have are dropped and counted") {
    const testing::TempFolder temp;
    SampleWriter::Options options;
    options.max_series = 100;
    SampleWriter writer = must(SampleWriter::open(temp.path(), options));
    for (int i = 0; i < 250; ++i)
        writer.append({"", fmt::format("metric-{}", i), "", true}, {at_ms(0), 1, std::nullopt});
    writer.append({"", std::string(5000, 'x'), "", true}, {at_ms(0), 1, std::nullopt});
    writer.flush();
    CHECK(writer.dropped_samples() == 151);
    CHECK(count_all(temp.path()) == 100);
}

TEST_CASE("a folder that is removed stays removed, and its samples are counted as dropped") {
    const testing::TempFolder temp;
    const std::string folder = temp.path() + "/job";
    SampleWriter writer = must(SampleWriter::open(folder));
    writer.append(kCpu, {at_ms(0), 1, std::nullopt});
    writer.flush();
    REQUIRE(os::remove_tree(folder).has_value());
    for (int i = 0; i < 5; ++i) {
        writer.append(kCpu, {at_ms(i), 1, std::nullopt});
        writer.flush();
    }
    CHECK(writer.dropped_samples() == 5);
    CHECK_FALSE(os::exists(folder));
}

TEST_CASE("the latest samples of every series are found in blocks and in the tail") {
    const testing::TempFolder temp;
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    Load load;
    for (int round = 0; round < 700; ++round) load.round(writer);
    writer.append(kLoss, {at_ms(3), 0.5, 1});
    writer.flush();
    load.expected[kLoss].push_back({at_ms(3), 0.5, 1});
    const auto latest = must(SampleReader(temp.path()).latest(600));
    REQUIRE(latest.size() == load.expected.size());
    for (const auto& [key, samples] : latest) {
        const auto& all = load.expected[key];
        CHECK(samples ==
              std::vector<Sample>(all.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(600, all.size())),
                                  all.end()));
    }
    CHECK(must(SampleReader(temp.path()).latest(600, at_ms(load.at - 25'000))).front().second.size() == 2);
}

TEST_CASE("readers see every sample once while its writer compresses") {
    const testing::TempFolder temp;
    std::atomic<bool> done = false;
    std::atomic<std::size_t> flushed = 0;
    std::thread reading([&] {
        while (!done) {
            const std::size_t before = flushed;
            const auto samples = read_all(temp.path())[kCpu];
            const std::size_t after = flushed + 1;
            if (samples.size() < before || samples.size() > after)
                FAIL_CHECK(fmt::format("{} samples of {} to {}", samples.size(), before, after));
            for (std::size_t i = 1; i < samples.size(); ++i) {
                if (samples[i].at - samples[i - 1].at != Duration(10'000)) FAIL_CHECK("a sample is missing or twice");
            }
        }
    });
    SampleWriter writer = must(SampleWriter::open(temp.path()));
    Load load;
    for (int round = 0; round < 8000; ++round) {
        load.round(writer);
        writer.flush();
        ++flushed;
    }
    done = true;
    reading.join();
}
