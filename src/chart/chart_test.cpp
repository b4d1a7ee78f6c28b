#include "chart/chart.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "series/sample_writer.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::chart;
using namespace std::chrono_literals;
using series::Bucket;
using series::SampleReader;
using series::SampleWriter;

namespace {

const Time kStart = time_from_ms(1'700'000'000'000);

/// A folder that samples are put into.
struct Folder {
    void put(const std::string& subject, const std::string& metric, Duration at, double value,
             const std::string& device = "", bool reported = false, std::optional<std::int64_t> step = std::nullopt) {
        writer.append({subject, metric, device, reported}, {kStart + at, value, step});
        writer.flush();
    }
    Charts draw(Wish wish = {}, Duration length = 60s, Duration width = 10s) {
        const auto charts = chart::draw({SampleReader(temp.path())},
                                        frame_of_run(kStart, kStart + length, width, wish.most_points), wish);
        REQUIRE(charts.has_value());
        return *charts;
    }
    testing::TempFolder temp;
    SampleWriter writer = SampleWriter::open(temp.path()).value();
};

std::vector<std::string> names_of(const Charts& charts) {
    std::vector<std::string> names;
    for (const Chart& chart : charts.charts) names.push_back(chart.name);
    return names;
}

}  // namespace

TEST_CASE("what replicas use adds up, and what does not add up is averaged") {
    Folder folder;
    for (const char* replica : {"worker-0", "worker-1"}) {
        const bool first = replica[7] == '0';
        folder.put(replica, "cpu_percent", 0s, first ? 100 : 50);
        folder.put(replica, "cpu_percent", 3s, first ? 200 : 60);
        folder.put(replica, "gpu_percent", 0s, first ? 90 : 10, "GPU-a");
        folder.put(replica, "gpu_temperature_c", 0s, first ? 70 : 50, "GPU-a");
    }
    const Charts charts = folder.draw();
    CHECK(names_of(charts) == std::vector<std::string>{"cpu_percent", "gpu_percent", "gpu_temperature_c"});
    REQUIRE(charts.charts[0].curves.size() == 1);
    CHECK(charts.charts[0].curves[0].points == std::vector<Bucket>{{kStart, 150, 205, 260, 4, std::nullopt}});
    CHECK(charts.charts[1].curves[0].points == std::vector<Bucket>{{kStart, 10, 50, 90, 2, std::nullopt}});
    CHECK(charts.charts[2].curves[0].points == std::vector<Bucket>{{kStart, 50, 60, 70, 2, std::nullopt}});
}

TEST_CASE("a replica counts only where it was measured, and gaps stay gaps") {
    Folder folder;
    folder.put("worker-0", "memory_mb", 0s, 100);
    folder.put("worker-1", "memory_mb", 0s, 30);
    folder.put("worker-0", "memory_mb", 10s, 110);
    folder.put("worker-1", "memory_mb", 40s, 40);
    const auto points = folder.draw().charts[0].curves[0].points;
    REQUIRE(points.size() == 3);
    CHECK(points[0].mean == 130);
    CHECK(points[1].mean == 110);
    CHECK(points[2].mean == 40);
    CHECK(points[2].start == kStart + 40s);
}

TEST_CASE("details show each replica with its GPUs together, or each GPU too") {
    Folder folder;
    for (const char* replica : {"worker-10", "worker-2", "ps-0"}) {
        folder.put(replica, "gpu_memory_mb", 0s, 1000, "GPU-a");
        folder.put(replica, "gpu_memory_mb", 0s, 500, "GPU-b");
    }
    CHECK(folder.draw().charts[0].curves[0].points[0].mean == 4500);
    const auto replicas = folder.draw({.detail = Detail::kReplica}).charts[0].curves;
    REQUIRE(replicas.size() == 3);
    CHECK(replicas[0].replica == "ps-0");
    CHECK(replicas[1].replica == "worker-2");
    CHECK(replicas[2].replica == "worker-10");
    CHECK(replicas[2].points[0].mean == 1500);
    const auto devices = folder.draw({.detail = Detail::kDevice}).charts[0].curves;
    REQUIRE(devices.size() == 6);
    CHECK(devices[1].device == "GPU-b");
    CHECK(devices[1].points[0].mean == 500);
}

TEST_CASE("what programs report is told apart by replica, comes last, and is as fine as fits") {
    Folder folder;
    folder.put("worker-0", "cpu_percent", 0s, 5);
    for (int i = 0; i < 50; ++i) {
        folder.put("worker-0", "loss", Duration(i * 100), 1.0 / (i + 1), "", true, i);
        folder.put("worker-1", "cpu_percent", Duration(i * 100), i, "", true, i);  // One may call it anything.
    }
    const Charts charts = folder.draw({}, 5s);
    CHECK(names_of(charts) == std::vector<std::string>{"cpu_percent", "cpu_percent", "loss"});
    CHECK(charts.names == std::vector<std::string>{"cpu_percent", "loss"});
    CHECK_FALSE(charts.charts[0].reported);
    CHECK(charts.charts[1].reported);
    REQUIRE(charts.charts[2].curves.size() == 1);
    const Curve& loss = charts.charts[2].curves[0];
    CHECK(loss.replica == "worker-0");
    REQUIRE(loss.points.size() == 50);
    CHECK(loss.points[49].step == 49);
    CHECK(loss.points[49].mean == 1.0 / 50);
    const auto few = folder.draw({.most_points = 10}, 5s).charts[2].curves[0].points;
    CHECK(few.size() <= 10);
    CHECK(few[0].max == 1);
    CHECK(few.back().min == 1.0 / 50);
}

TEST_CASE("steps that a program takes in one moment keep a point each while all of them fit") {
    Folder folder;
    for (int step = 1; step <= 4; ++step) folder.put("worker-0", "loss", 5ms, 1.0 / step, "", true, step);
    folder.put("worker-0", "loss", 6ms, std::numeric_limits<double>::quiet_NaN(), "", true, 5);
    const auto points = folder.draw().charts[0].curves[0].points;
    REQUIRE(points.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(points[i].start == kStart + 5ms);
        CHECK(points[i].mean == doctest::Approx(1.0 / static_cast<double>(i + 1)));
        CHECK(points[i].step == static_cast<std::int64_t>(i + 1));
    }
    // Where they do not fit the moment is one point, with its least and its most.
    const auto fewer = folder.draw({Detail::kWhole, 2, {}}).charts[0].curves[0].points;
    REQUIRE(fewer.size() == 1);
    CHECK(fewer[0].min == doctest::Approx(0.25));
    CHECK(fewer[0].max == 1);
    CHECK(fewer[0].count == 4);
}

TEST_CASE("only metrics that are asked for are shown, and all are named") {
    Folder folder;
    for (const char* metric : {"disk_read_bytes_per_s", "memory_mb", "cpu_percent"})
        folder.put("worker-0", metric, 0s, 1);
    const Charts charts = folder.draw({.metrics = {"memory_mb", "gpu_percent"}});
    CHECK(names_of(charts) == std::vector<std::string>{"memory_mb"});
    CHECK(charts.names == std::vector<std::string>{"cpu_percent", "memory_mb", "disk_read_bytes_per_s"});
    CHECK(chart::draw({SampleReader("/nonexistent")}, frame_of_run(kStart, kStart + 1s, 10s, 100), {})
              .value()
              .charts.empty());
}

TEST_CASE("very many metrics are shown when they are asked for by name") {
    Folder folder;
    for (int i = 0; i < 150; ++i) folder.put("worker-0", fmt::format("m{:03}", i), 0s, 1, "", true);
    const Charts charts = folder.draw();
    CHECK(charts.charts.size() == kMostCharts);
    CHECK(charts.has_more);
    CHECK(charts.names.size() == 150);
    CHECK(folder.draw({.metrics = {"m149"}}).charts.size() == 1);
}

TEST_CASE("very many curves get fewer points each") {
    Folder folder;
    for (int replica = 0; replica < 400; ++replica) {
        for (int i = 0; i < 10; ++i) {
            folder.writer.append({fmt::format("worker-{}", replica), "cpu_percent", "", false},
                                 {kStart + i * 1s, 1.0 * i, std::nullopt});
        }
    }
    folder.writer.flush();
    const Charts charts = folder.draw({.detail = Detail::kReplica, .most_points = 10'000}, kLongestRun, 10s);
    std::size_t most = 0;
    for (const Curve& curve : charts.charts[0].curves) most += curve.points.size();
    CHECK(charts.charts[0].frame.points() <= kMostPointsOfAll / 400);
    CHECK(charts.charts[0].curves[7].points[0].max == 9);
    CHECK(most <= kMostPointsOfAll);
}

TEST_CASE("folders that follow one another make one curve") {
    Folder first, second;
    first.put("jupyter-0", "cpu_percent", 1s, 10);
    first.put("jupyter-0", "cpu_percent", 2s, 20);
    second.put("jupyter-0", "cpu_percent", 3s, 90);
    second.put("jupyter-0", "cpu_percent", 20s, 7);
    const auto charts = chart::draw({SampleReader(first.temp.path()), SampleReader(second.temp.path())},
                                    frame_of_run(kStart, kStart + 60s, 10s, 100), {});
    REQUIRE(charts.has_value());
    REQUIRE(charts->charts[0].curves.size() == 1);
    CHECK(charts->charts[0].curves[0].points ==
          std::vector<Bucket>{{kStart, 10, 40, 90, 3, std::nullopt}, {kStart + 20s, 7, 7, 7, 1, std::nullopt}});
}
