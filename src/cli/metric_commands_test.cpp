#include <doctest/doctest.h>

#include "cli/fake_server.hpp"
#include "cli/sparkline.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;

namespace {

const std::string kMetrics =
    R"({"name":"train:3","type":"task","note":null,"has_more":false,"names":["cpu_percent","loss"],"metrics":[
    {"name":"cpu_percent","title":"CPU usage","unit":"%","reported":false,"joined_by":"sum","width_ms":10000,"curves":[
      {"label":"train:3","replica":null,"device":null,"x":[0,10,20],"min":[90,10,0],"mean":[100,50,0],"max":[156.6,60,0],"count":[1,1,2],"step":null}]},
    {"name":"memory_mb","title":"Memory","unit":"MB","reported":false,"joined_by":"sum","width_ms":10000,"curves":[
      {"label":"train:3","replica":null,"device":null,"x":[0],"min":[1500],"mean":[1500],"max":[1500],"count":[1],"step":null}]},
    {"name":"loss","title":"loss","unit":null,"reported":true,"joined_by":null,"width_ms":1,"curves":[
      {"label":"worker-0","replica":"worker-0","device":null,"x":[1,2],"min":[0.5,0.03125],"mean":[0.5,0.03125],"max":[0.5,0.03125],"count":[1,1],"step":[10,20]}]}]})";

const std::string kUsage = R"({"at":"2026-03-01T12:00:00Z","running_jobs":3,"nodes":[
    {"name":"node-1","cpu_millis":8000,"total_memory_bytes":32000000000,"cpu_percent":400,"memory_mb":8000,"gpu_percent":90,"gpu_memory_mb":40000,
     "gpu_power_w":250,"gpu_temperature_c":65,"network_receive_bytes_per_s":2000000,"network_send_bytes_per_s":null,"disk_read_bytes_per_s":0,
     "disk_write_bytes_per_s":0,"devices":[{"uuid":"GPU-a","index":0,"model":"A100","memory_bytes":80000000000,"gpu_percent":90,"gpu_memory_mb":40000,
     "gpu_power_w":250,"gpu_temperature_c":65}]}],"jobs":[
    {"job":"J1","name":"digits/train:3","owner":"ana","state":"Running","replicas":1,"gpus":0,"started_at":"2026-03-01T11:59:00Z","cpu_percent":null,
     "memory_mb":null,"gpu_percent":null,"gpu_memory_mb":null,"disk_read_bytes_per_s":null,"disk_write_bytes_per_s":null},
    {"job":"J2","name":"vision/tune:8","owner":"bo","state":"Running","replicas":4,"gpus":2,"started_at":"2026-03-01T11:00:00Z","cpu_percent":156.6,
     "memory_mb":12345,"gpu_percent":88,"gpu_memory_mb":70000,"disk_read_bytes_per_s":5000000,"disk_write_bytes_per_s":0}]})";

}  // namespace

TEST_CASE("curves are drawn with eight heights, and with gaps") {
    CHECK(sparkline({0.0, 50.0, 100.0, std::nullopt, 1e9, -5.0}, 0, 100) == "▁▅█ █▁");
    CHECK(sparkline({3.0, 3.0}, 3, 3) == "▁▁");
    CHECK(sparkline({}, 0, 1).empty());
    CHECK(gauge(4, 8, 4) == "▕██  ▏");
    CHECK(gauge(99, 8, 2) == "▕██▏");
    CHECK(gauge(1, 0, 2) == "▕  ▏");
    CHECK(with_unit(156.6, "%") == "156.6 %");
    CHECK(with_unit(12340, "MB") == "12 GB");
    CHECK(with_unit(4e6, "B/s") == "4.0 MB/s");
    CHECK(with_unit(425, "B/s") == "425 B/s");
    CHECK(with_unit(0.03125, "") == "0.0312");
    CHECK(with_unit(1234567, "") == "1234567");
}

TEST_CASE("metrics are a table with their curves in a terminal, and without them elsewhere") {
    CliBox box;
    box.server.on("GET", "/jobs/digits/train:3/metrics", kMetrics);
    CHECK(box.run({"metrics", "digits/train:3"}) == 0);
    CHECK(box.out ==
          "metric       of           min    mean      max    last  step\n"
          "cpu_percent  train:3      0 %  37.5 %  156.6 %     0 %\n"
          "memory_mb    train:3   1.5 GB  1.5 GB   1.5 GB  1.5 GB\n"
          "loss         worker-0  0.0312   0.266      0.5  0.0312    20\n");
    box.use_terminal();
    CHECK(box.run({"metrics", "digits/train:3", "--no-color"}) == 0);
    CHECK(box.out.find("CPU usage  train:3   █▅▁") != std::string::npos);
    CHECK(box.out.find("loss       worker-0  █▁") != std::string::npos);
}

TEST_CASE("intervals, details and names of metrics reach the server, and csv is what it says") {
    CliBox box;
    box.server.on("GET", "/jobs/d/t:1/metrics", [](const net::Request& request) {
        if (request.query.find("format") == nullptr) return cli::testing::json_answer(200, kMetrics);
        net::Response response = cli::testing::json_answer(200, "metric,unit\ncpu_percent,%\n");
        response.headers.set("Content-Type", "text/csv");
        return response;
    });
    CHECK(box.run({"metrics", "d/t:1", "--interval", "1m", "--details", "--metrics", "loss,cpu_percent", "-o",
                   "csv"}) == 0);
    CHECK(box.out == "metric,unit\ncpu_percent,%\n");
    const net::Request request = box.server.last("GET", "/jobs/d/t:1/metrics");
    CHECK(*request.query.find("interval") == "1m");
    CHECK(*request.query.find("details") == "replicas");
    CHECK(*request.query.find("metrics") == "loss,cpu_percent");
    CHECK(*request.query.find("format") == "csv");
    CHECK(request.query.find("max_points") == nullptr);
    CHECK(box.run({"metrics", "d/t:1", "-o", "json"}) == 0);
    CHECK(box.out.starts_with("{\n  \"name\": \"train:3\""));
    CHECK(box.run({"metrics", "d/t:1", "--interval", "15s"}) == 2);
    CHECK(box.err.find("expected one of 10s, 30s, 1m") != std::string::npos);
    CHECK(box.run({"metrics"}) == 2);
    CHECK(box.run({"jobs", "-o", "csv"}) == 2);
}

TEST_CASE("a job of which nothing was measured says so, and a note is told beside") {
    CliBox box;
    box.server.on("GET", "/jobs/d/t:1/metrics",
                  R"({"name":"t:1","note":"the job has not started","has_more":false,"names":[],"metrics":[]})");
    CHECK(box.run({"metrics", "d/t:1"}) == 0);
    CHECK(box.out == "nothing was measured yet\n");
    CHECK(box.err == "note: the job has not started\n");
}

TEST_CASE("top shows machines and jobs once where there is no terminal, who uses most first") {
    CliBox box;
    box.server.on("GET", "/usage", kUsage);
    CHECK(box.run({"top"}) == 0);
    CHECK(box.out.find(
              "node-1  ▕██████      ▏ 400 %  ▕███         ▏ 8.0 GB  ▕███████████ ▏ 90 %  ▕██████      ▏ 40 GB") !=
          std::string::npos);
    CHECK(box.out.find("vision/tune:8") < box.out.find("digits/train:3"));
    CHECK(box.out.find("156.6 %") != std::string::npos);
    CHECK(box.out.find("and 1 more") != std::string::npos);
    CHECK(box.run({"top", "-o", "json"}) == 0);
    CHECK(box.out.starts_with("{\n  \"at\""));
}

TEST_CASE("top in a terminal is shown anew until its server is gone or it is ended") {
    CliBox box;
    box.use_terminal();
    int asked = 0;
    box.server.on("GET", "/usage", [&asked](const net::Request&) {
        return ++asked < 3 ? cli::testing::json_answer(200, kUsage) : error_answer(403, "denied", "not any more");
    });
    Duration slept{0};
    box.deps.sleep = [&slept](Duration time) { slept += time; };
    CHECK(box.run({"top", "--every", "5"}) == 5);
    CHECK(asked == 3);
    CHECK(slept == std::chrono::seconds(10));
    CHECK(box.err.find("not any more") != std::string::npos);
    asked = 0;
    CHECK(box.run({"top", "--once"}) == 0);
    CHECK(asked == 1);
    CHECK(box.out.find("\x1b[2J") == std::string::npos);
}
