// How quickly samples are stored and read, and how many bytes they take: series_bench FOLDER [--days N] [--replicas N]
// [--jobs N] [--openmetrics FILE] [--csv FILE]. Prints one JSON object. --openmetrics writes the same samples as text
// for other programs to read; --csv stores measured samples ("ms,subject,metric,value") instead of made ones.

#include <malloc.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "base/check.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "series/sample_reader.hpp"
#include "series/sample_writer.hpp"

using namespace pintle;
using namespace pintle::series;

namespace {

constexpr std::int64_t kStart = 1'767'225'600'000;
constexpr std::int64_t kStepMs = 10'000;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double wall_ms(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// A replica that trains: epochs that load and compute in turn, memory that grows by and by, a GPU that follows.
class Replica {
public:
    explicit Replica(std::uint64_t seed) : rng_(seed) {}

    [[nodiscard]] std::array<double, 6> next() {
        if (left_ == 0) {
            computes_ = !computes_;
            left_ = computes_ ? 20 + rng_.below(40) : 2 + rng_.below(6);
            if (rng_.chance(30)) memory_ += static_cast<double>(rng_.below(5000)) / 100;
        }
        --left_;
        const double cpu = (computes_ ? 180 : 95) + noise(15);
        const double gpu = std::clamp(std::round((computes_ ? 93 : 5) + noise(6)), 0.0, 100.0);
        heat_ += (gpu > 50 ? 72 - heat_ : 45 - heat_) * 0.1;
        const double power = (computes_ ? 285 : 75) + noise(12);
        return {cpu,
                memory_ + (rng_.chance(20) ? noise(2) : 0),
                gpu,
                computes_ ? 61234 : 60210,
                std::round(power * 1000) / 1000,
                std::round(heat_)};
    }

private:
    // Roughly normal.
    double noise(double width) {
        double sum = 0;
        for (int i = 0; i < 4; ++i) sum += static_cast<double>(rng_.below(1'000'000)) / 1e6 - 0.5;
        return sum * width;
    }
    Rng rng_;
    bool computes_ = false;
    std::uint64_t left_ = 0;
    double memory_ = 4200;
    double heat_ = 40;
};

constexpr std::array<const char*, 6> kMetrics{"cpu_percent",   "memory_mb",   "gpu_percent",
                                              "gpu_memory_mb", "gpu_power_w", "gpu_temperature_c"};

SeriesKey key_of(std::size_t replica, std::size_t metric) {
    return {fmt::format("worker-{}", replica), kMetrics[metric],
            metric < 2 ? "" : fmt::format("GPU-{:08x}-0000-0000-0000-000000000000", replica), false};
}

std::uint64_t bytes_in(const std::string& folder) {
    std::uint64_t sum = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
        sum += file.is_regular_file() ? file.file_size() : 0;
    return sum;
}

struct Options {
    std::string folder;
    std::int64_t days = 7;
    std::int64_t replicas = 8;
    std::int64_t jobs = 0;
    std::string openmetrics;
    std::string csv;
};

/// All samples of one job in the order in which they are measured.
struct Samples {
    std::vector<SeriesKey> keys;
    std::vector<std::vector<double>> values;  // by round
};

Samples make(const Options& options) {
    Samples samples;
    std::vector<Replica> replicas;
    for (std::int64_t i = 0; i < options.replicas; ++i) replicas.emplace_back(static_cast<std::uint64_t>(i) + 1);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        for (std::size_t metric = 0; metric < kMetrics.size(); ++metric) samples.keys.push_back(key_of(i, metric));
    }
    for (std::int64_t round = 0; round < options.days * 8640; ++round) {
        std::vector<double> values;
        for (Replica& replica : replicas) {
            for (const double value : replica.next()) values.push_back(value);
        }
        samples.values.push_back(std::move(values));
    }
    return samples;
}

void write_openmetrics(const Samples& samples, const std::string& path) {
    std::ofstream out(path);
    for (std::size_t metric = 0; metric < kMetrics.size(); ++metric) {
        out << "# TYPE " << kMetrics[metric] << " gauge\n";
        for (std::size_t i = metric; i < samples.keys.size(); i += kMetrics.size()) {
            const std::string head = fmt::format("{}{{job=\"train:1\",replica=\"{}\",device=\"{}\"}} ",
                                                 kMetrics[metric], samples.keys[i].subject, samples.keys[i].device);
            for (std::size_t round = 0; round < samples.values.size(); ++round) {
                out << head
                    << fmt::format("{} {}\n", measured(kMetrics[metric], samples.values[round][i]),
                                   (kStart + static_cast<std::int64_t>(round) * kStepMs) / 1000);
            }
        }
    }
    out << "# EOF\n";
}

void bench_csv(const Options& options) {
    std::ifstream in(options.csv);
    std::size_t count = 0;
    {
        SampleWriter writer = SampleWriter::open(options.folder).value();
        for (std::string line; std::getline(in, line);) {
            const auto parts = split(line, ',');
            if (parts.size() != 4) continue;
            writer.append({parts[1], parts[2], "", false},
                          {time_from_ms(std::stoll(parts[0])), std::stod(parts[3]), std::nullopt});
            if (++count % 100 == 0) writer.flush();
        }
    }
    std::uint64_t sealed = 0, blocks = 0;
    for (const auto& file : std::filesystem::directory_iterator(options.folder)) {
        if (file.path().extension() == ".samples") sealed += file.file_size();
    }
    for (const auto& series : SampleReader(options.folder).list().value()) blocks += series.samples / 512 * 512;
    fmt::print("{{\"samples\": {}, \"bytes\": {}, \"bytes_per_sample_in_blocks\": {:.3f}}}\n", count,
               bytes_in(options.folder), blocks == 0 ? 0.0 : static_cast<double>(sealed) / static_cast<double>(blocks));
}

// A day of many jobs in simulated time: what the process holds must not grow.
void bench_memory(const Options& options) {
    std::vector<SampleWriter> writers;
    std::vector<Replica> replicas;
    for (std::int64_t job = 0; job < options.jobs; ++job) {
        writers.push_back(SampleWriter::open(fmt::format("{}/job-{}", options.folder, job)).value());
        for (std::int64_t i = 0; i < options.replicas; ++i)
            replicas.emplace_back(static_cast<std::uint64_t>(job * 100 + i));
    }
    const auto held = [] { return ::mallinfo2().uordblks; };
    std::vector<std::size_t> hours;
    const double cpu = cpu_seconds();
    std::size_t count = 0;
    for (std::int64_t round = 0; round < options.days * 8640; ++round) {
        for (std::size_t i = 0; i < replicas.size(); ++i) {
            SampleWriter& writer = writers[i / static_cast<std::size_t>(options.replicas)];
            const auto values = replicas[i].next();
            for (std::size_t metric = 0; metric < values.size(); ++metric) {
                writer.append(key_of(i % static_cast<std::size_t>(options.replicas), metric),
                              {time_from_ms(kStart + round * kStepMs), values[metric], std::nullopt});
                ++count;
            }
        }
        for (SampleWriter& writer : writers) writer.flush();
        if (round % 2160 == 2159) hours.push_back(held());
    }
    fmt::print(
        "{{\"jobs\": {}, \"replicas\": {}, \"samples\": {}, \"cpu_s\": {:.2f}, \"bytes_per_sample\": {:.3f}, "
        "\"heap_mb_after_each_quarter_day\": [",
        options.jobs, replicas.size(), count, cpu_seconds() - cpu,
        static_cast<double>(bytes_in(options.folder)) / static_cast<double>(count));
    for (std::size_t i = 0; i < hours.size(); ++i)
        fmt::print("{}{:.2f}", i == 0 ? "" : ", ", static_cast<double>(hours[i]) / 1e6);
    fmt::print("]}}\n");
}

void bench_one(const Options& options) {
    const Samples samples = make(options);
    if (!options.openmetrics.empty()) write_openmetrics(samples, options.openmetrics);
    const std::size_t count = samples.keys.size() * samples.values.size();
    const double cpu = cpu_seconds();
    const double wall = wall_ms([&] {
        SampleWriter writer = SampleWriter::open(options.folder).value();
        for (std::size_t round = 0; round < samples.values.size(); ++round) {
            const Time at = time_from_ms(kStart + static_cast<std::int64_t>(round) * kStepMs);
            for (std::size_t i = 0; i < samples.keys.size(); ++i)
                writer.append(samples.keys[i], {at, samples.values[round][i], std::nullopt});
            writer.flush();
        }
        check(writer.dropped_samples() == 0, "nothing is dropped");
    });
    const double ingest_cpu = cpu_seconds() - cpu;
    const SampleReader reader(options.folder);
    const Time from = time_from_ms(kStart),
               to = time_from_ms(kStart + static_cast<std::int64_t>(samples.values.size()) * kStepMs);
    const auto read_ms = [&](const std::vector<SeriesKey>& keys, Time since, Duration width) {
        std::vector<double> times;
        for (int i = 0; i < 15; ++i)
            times.push_back(wall_ms([&] {
                check(reader.read(keys, {since, to, width}).has_value(), "it can be read");
            }));
        std::sort(times.begin(), times.end());
        return times[times.size() / 2];
    };
    const double before_reads = cpu_seconds();
    for (int i = 0; i < 15; ++i)
        check(reader.read(samples.keys, {from, to, std::max(Duration(kStepMs), (to - from) / 1000)}).has_value(),
              "it can be read");
    const double read_cpu_ms = (cpu_seconds() - before_reads) / 15 * 1000;
    const Duration thousandth = std::max(Duration(kStepMs), (to - from) / 1000);
    const double all = read_ms(samples.keys, from, thousandth);
    const double one = read_ms({samples.keys.front()}, from, thousandth);
    const double hour = read_ms(samples.keys, to - std::chrono::hours(1), Duration(kStepMs));
    fmt::print(
        "{{\"samples\": {}, \"series\": {}, \"ingest_per_s\": {:.0f}, \"ingest_per_cpu_s\": {:.0f}, \"bytes\": {}, "
        "\"bytes_per_sample\": {:.3f}, "
        "\"read_all_ms\": {:.2f}, \"read_all_cpu_ms\": {:.2f}, \"read_one_ms\": {:.2f}, \"read_hour_ms\": {:.2f}}}\n",
        count, samples.keys.size(), static_cast<double>(count) / wall * 1000, static_cast<double>(count) / ingest_cpu,
        bytes_in(options.folder), static_cast<double>(bytes_in(options.folder)) / static_cast<double>(count), all,
        read_cpu_ms, one, hour);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
        if (word == "--days") options.days = parse_int(value()).value_or(7);
        else if (word == "--replicas") options.replicas = parse_int(value()).value_or(8);
        else if (word == "--jobs") options.jobs = parse_int(value()).value_or(0);
        else if (word == "--openmetrics") options.openmetrics = value();
        else if (word == "--csv") options.csv = value();
        else options.folder = word;
    }
    if (options.folder.empty()) {
        std::fprintf(
            stderr,
            "usage: series_bench FOLDER [--days N] [--replicas N] [--jobs N] [--openmetrics FILE] [--csv FILE]\n");
        return 2;
    }
    if (!options.csv.empty()) bench_csv(options);
    else if (options.jobs > 0) bench_memory(options);
    else bench_one(options);
}
