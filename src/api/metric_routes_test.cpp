#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "series/sample_writer.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;
using namespace std::chrono_literals;

namespace {

domain::Node a_node_with_gpus() {
    domain::Node node = testing::a_node("node-1", 8, 32, 2);
    for (domain::Device& device : node.devices) device.uuid = fmt::format("GPU-{}", device.index);
    return node;
}

/// A server with a running job of two replicas, and somewhere to write what would be measured.
struct Measuring {
    Measuring() : server({.nodes = {a_node_with_gpus()}}), client(server) {
        client.make_project(std::string(kDigits));
        job = client.run("digits", "pair");
        folder = fmt::format("{}/metrics/{}/{}", server.folder(), job["project_id"].as_string(), job["id"].as_string());
        start = time_from_iso(job["started_at"].as_string()).value();
    }
    void put(const std::string& subject, const std::string& metric, Duration at, double value,
             const std::string& device = "", bool reported = false, std::optional<std::int64_t> step = std::nullopt) {
        put_in(folder, {subject, metric, device, reported}, {start + at, value, step});
    }
    static void put_in(const std::string& where, const series::SeriesKey& key, const series::Sample& sample) {
        series::SampleWriter writer = series::SampleWriter::open(where).value();
        writer.append(key, sample);
    }
    std::string path(const std::string& query = "") { return "/jobs/" + job["id"].as_string() + "/metrics" + query; }

    TestServer server;
    TestClient client;
    json::Value job;
    std::string folder;
    Time start;
};

std::vector<std::string> names_of(const json::Value& metrics) {
    std::vector<std::string> names;
    for (const json::Value& metric : metrics["metrics"].as_array()) names.push_back(metric["name"].as_string());
    return names;
}

}  // namespace

TEST_CASE("a job's metrics are curves over the seconds since its start, its replicas together or apart") {
    Measuring at;
    at.put("worker-0", "cpu_percent", 0s, 100);
    at.put("worker-1", "cpu_percent", 0s, 56.6);
    at.put("worker-0", "cpu_percent", 60s, 20);
    at.put("worker-0", "gpu_percent", 0s, 90, "GPU-0");
    at.put("worker-1", "gpu_percent", 0s, 70, "GPU-1");
    at.put("worker-0", "loss", 1500ms, 0.25, "", true, 10);
    at.server.advance(120s);

    const Answer whole = at.client.get(at.path());
    CHECK(whole.status == 200);
    CHECK(whole.json["name"].as_string() == "pair:1");
    CHECK(whole.json["type"].as_string() == "task");
    CHECK(whole.json["end"].is_null());
    CHECK(whole.json["width_ms"].as_int() == 10'000);
    CHECK(whole.json["note"].is_null());
    CHECK(names_of(whole.json) == std::vector<std::string>{"cpu_percent", "gpu_percent", "loss"});
    const json::Value& cpu = whole.json["metrics"][0];
    CHECK(cpu["title"].as_string() == "CPU usage");
    CHECK(cpu["unit"].as_string() == "%");
    CHECK(cpu["joined_by"].as_string() == "sum");
    REQUIRE(cpu["curves"].size() == 1);
    const json::Value& curve = cpu["curves"][0];
    CHECK(curve["label"].as_string() == "pair:1");
    REQUIRE(curve["x"].size() == 2);
    CHECK(curve["x"][0].as_double() == 0);
    CHECK(curve["x"][1].as_double() > 50);
    CHECK(curve["x"][1].as_double() <= 60);
    CHECK(curve["mean"][0].as_double() == 156.6);
    CHECK(curve["step"].is_null());
    CHECK(whole.json["metrics"][1]["curves"][0]["mean"][0].as_double() == 80);
    CHECK(whole.json["metrics"][1]["joined_by"].as_string() == "mean");
    const json::Value& loss = whole.json["metrics"][2];
    CHECK(loss["reported"].as_bool());
    CHECK(loss["joined_by"].is_null());
    CHECK(loss["curves"][0]["label"].as_string() == "worker-0");
    CHECK(loss["curves"][0]["x"][0].as_double() == 1.5);
    CHECK(loss["curves"][0]["step"][0].as_int() == 10);

    const Answer apart = at.client.get(at.path("?details=replicas&metrics=cpu_percent,loss"));
    CHECK(names_of(apart.json) == std::vector<std::string>{"cpu_percent", "loss"});
    CHECK(apart.json["names"].size() == 3);
    CHECK(apart.json["metrics"][0]["curves"].size() == 2);
    CHECK(apart.json["metrics"][0]["curves"][1]["label"].as_string() == "worker-1");
    CHECK(at.client.get(at.path("?details=devices&metrics=gpu_percent"))
              .json["metrics"][0]["curves"][0]["label"]
              .as_string() == "worker-0 GPU-0");
}

TEST_CASE("steps and points are limited, and what is no interval is refused with those there are") {
    Measuring at;
    for (int i = 0; i < 200; ++i) at.put("worker-0", "memory_mb", Duration(i * 10'000), i == 77 ? 5000 : 100);
    at.server.advance(2000s);
    CHECK(at.client.get(at.path("?interval=1m")).json["metrics"][0]["curves"][0]["x"].size() <= 35);
    const json::Value few = at.client.get(at.path("?max_points=7")).json;
    CHECK(few["metrics"][0]["curves"][0]["x"].size() <= 7);
    double most = 0;
    for (const json::Value& value : few["metrics"][0]["curves"][0]["max"].as_array())
        most = std::max(most, value.as_double());
    CHECK(most == 5000);
    for (const char* query : {"?interval=15s", "?interval=", "?interval=2h", "?period=1h", "?max_points=1",
                              "?max_points=20000", "?details=yes", "?format=xml"}) {
        CAPTURE(query);
        const Answer refused = at.client.get(at.path(query));
        CHECK(refused.status == 400);
    }
    CHECK(at.client.get(at.path("?interval=1w")).json["message"].as_string() ==
          "interval: \"1w\" is none; there are 10s, 30s, 1m, 5m, 10m, 30m or 1h");
}

TEST_CASE("a job that is sampled more often than usual is shown so, unless an interval is asked for") {
    Measuring at;
    at.client.make_project(
        "name: often\ntasks: [{name: train, sample_interval: 1s, resources: [{name: worker, command: 'true'}]}]\n");
    at.job = at.client.run("often", "train");
    CHECK(at.client.get(at.path()).json["width_ms"].as_int() == 1000);
    CHECK(at.client.get(at.path("?interval=10s")).json["width_ms"].as_int() == 10'000);
}

TEST_CASE("of a job that ran for more than a week the last week is shown, and it says so") {
    Measuring at;
    at.put("worker-0", "cpu_percent", 0s, 1);
    at.put("worker-0", "cpu_percent", 200h, 2);
    at.server.advance(201h);
    const json::Value metrics = at.client.get(at.path("?interval=1h")).json;
    CHECK(metrics["note"].as_string() == "the job ran for more than a week; this is the last week");
    REQUIRE(metrics["metrics"][0]["curves"][0]["x"].size() == 1);
    CHECK(metrics["metrics"][0]["curves"][0]["mean"][0].as_double() == 2);
    CHECK(metrics["metrics"][0]["curves"][0]["x"][0].as_double() > 190.0 * 3600);
}

TEST_CASE("metrics come as lines of comma separated values where these are asked for") {
    Measuring at;
    at.put("worker-0", "cpu_percent", 0s, 12.5);
    at.put("worker-0", "=1+1,\"x\"", 100ms, 2, "", true, 3);
    at.server.advance(5s);
    const Answer csv = at.client.get(at.path("?format=csv&details=replicas"));
    CHECK(csv.headers.get("Content-Type") == "text/csv; charset=utf-8");
    CHECK(csv.headers.get("Content-Disposition").find("pair-1.csv") != std::string::npos);
    const auto lines = split(csv.text, '\n');
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "metric,unit,reported,replica,device,time,seconds,min,mean,max,count,step");
    CHECK(lines[1].starts_with("cpu_percent,%,false,worker-0,,"));
    CHECK(lines[1].ends_with(",12.5,12.5,12.5,1,"));
    CHECK(lines[2].starts_with("\"'=1+1,\"\"x\"\"\",,true,worker-0,,"));
    CHECK(lines[2].ends_with(",2,2,2,1,3"));
    CHECK(at.client.get(at.path(), {{"Accept", "text/csv"}}).text.starts_with("metric,"));
    CHECK(at.client.get(at.path("?format=json"), {{"Accept", "text/csv"}}).json["name"].is_string());
}

TEST_CASE("a project tells what it has metrics of, tasks with the newest first") {
    Measuring at;
    at.client.run("digits", "train");
    const json::Value measured = at.client.get("/projects/digits/metrics").json;
    REQUIRE(measured["tasks"].size() == 2);
    CHECK(measured["tasks"][0]["name"].as_string() == "train:2");
    CHECK(measured["tasks"][1]["name"].as_string() == "pair:1");
    CHECK(measured["tasks"][1]["live"].as_bool());
    CHECK(measured["components"].size() >= 2);
    CHECK(measured["servings"].size() == 0);
    const json::Value first = at.client.get("/projects/digits/metrics?limit=1").json;
    CHECK(first["tasks"].size() == 1);
    CHECK(at.client.get("/projects/digits/metrics?limit=1&cursor=" + first["next_cursor"].as_string())
              .json["tasks"][0]["name"]
              .as_string() == "pair:1");
}

TEST_CASE("a component's metrics go back for a period and through its restarts") {
    Measuring at;
    const json::Value made = at.client.post("/projects/digits/components/jupyter/enable").json;
    const std::string first = made["job"].as_string();
    const std::string project = at.job["project_id"].as_string();
    const series::SeriesKey key{"jupyter-0", "cpu_percent", "", false};
    Measuring::put_in(fmt::format("{}/metrics/{}/{}", at.server.folder(), project, first), key,
                      {at.server.now() - 200s, 5, std::nullopt});
    Measuring::put_in(fmt::format("{}/metrics/{}/{}", at.server.folder(), project, first), key,
                      {at.server.now() - 7000s, 50, std::nullopt});
    const json::Value metrics = at.client.get("/projects/digits/components/jupyter/metrics?period=1h").json;
    CHECK(metrics["type"].as_string() == "component");
    REQUIRE(metrics["metrics"].size() == 1);
    CHECK(metrics["metrics"][0]["curves"][0]["mean"][0].as_double() == 5);
    CHECK(at.client.get("/projects/digits/components/jupyter/metrics?period=3h")
              .json["metrics"][0]["curves"][0]["x"]
              .size() == 2);
    CHECK(at.client.get("/projects/digits/components/jupyter/metrics").json["width_ms"].as_int() == 10'000);
    CHECK(at.client.get("/projects/digits/components/jupyter/metrics?period=2d").status == 400);
    CHECK(at.client.get("/projects/digits/components/jupyter/metrics?interval=10s").status == 400);
    CHECK(at.client.get("/projects/digits/components/nothing/metrics").status == 404);
}

TEST_CASE("operators see what machines and their GPUs do, and everybody what their jobs use now") {
    Measuring at;
    const Time now = at.server.now();
    const std::string folder = at.server.folder() + "/metrics/nodes/node-1";
    Measuring::put_in(folder, {"", "cpu_percent", "", false}, {now - 5s, 250, std::nullopt});
    Measuring::put_in(folder, {"", "gpu_percent", "GPU-1", false}, {now - 5s, 60, std::nullopt});
    Measuring::put_in(folder, {"", "gpu_percent", "GPU-0", false}, {now - 500s, 99, std::nullopt});
    at.start = now;
    at.put("worker-0", "cpu_percent", -3s, 120);
    at.put("worker-1", "cpu_percent", -3s, 30);

    const json::Value node = at.client.get("/nodes/node-1/metrics?period=5m").json;
    CHECK(names_of(node) == std::vector<std::string>{"cpu_percent", "gpu_percent"});
    CHECK(node["metrics"][0]["curves"][0]["label"].as_string() == "node-1");
    CHECK(node["metrics"][1]["curves"][0]["label"].as_string() == "GPU 1");
    CHECK(at.client.get("/nodes/..%2F../metrics").status == 404);

    const json::Value usage = at.client.get("/usage").json;
    REQUIRE(usage["nodes"].size() == 1);
    CHECK(usage["nodes"][0]["cpu_percent"].as_double() == 250);
    CHECK(usage["nodes"][0]["memory_mb"].is_null());
    CHECK(usage["nodes"][0]["gpu_percent"].as_double() == 60);
    CHECK(usage["nodes"][0]["devices"][1]["gpu_percent"].as_double() == 60);
    CHECK(usage["nodes"][0]["devices"][0]["gpu_percent"].is_null());
    REQUIRE(usage["jobs"].size() == 1);
    CHECK(usage["jobs"][0]["name"].as_string() == "digits/pair:1");
    CHECK(usage["jobs"][0]["cpu_percent"].as_double() == 150);
    CHECK(usage["running_jobs"].as_int() == 1);

    const Person stranger = a_person(at.server, "stranger", a_group(at.server, "elsewhere"));
    TestClient outside(at.server, stranger.token);
    CHECK(outside.get(at.path()).status == 404);
    CHECK(outside.get("/nodes/node-1/metrics").status == 403);
    const json::Value seen = outside.get("/usage").json;
    CHECK(seen["nodes"].size() == 0);
    CHECK(seen["jobs"].size() == 0);
}

TEST_CASE("samples go with their job and with their project") {
    Measuring at;
    at.put("worker-0", "cpu_percent", 0s, 1);
    at.client.post("/jobs/" + at.job["id"].as_string() + "/stop");
    at.client.wait_for(at.job["id"].as_string(), "Stopped");
    CHECK(at.client.get(at.path()).json["metrics"].size() == 1);
    CHECK(at.client.send("DELETE", "/jobs/" + at.job["id"].as_string()).status == 200);
    for (int tries = 0; tries < 2000 && os::exists(at.folder); ++tries) at.client.get("/projects");
    CHECK_FALSE(os::exists(at.folder));
}
