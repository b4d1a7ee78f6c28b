#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "series/sample_reader.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

struct Reporting {
    Reporting() : client(server) {
        client.make_project(std::string(kDigits));
        job = client.run("digits", "pair");
    }
    Answer report(const std::string& body) { return client.post("/jobs/" + job["id"].as_string() + "/metrics", body); }
    /// "worker-0 loss=0.3@10 …"
    [[nodiscard]] std::string kept() const {
        const std::string folder =
            fmt::format("{}/metrics/{}/{}", server.folder(), job["project_id"].as_string(), job["id"].as_string());
        const auto all = series::SampleReader(folder).latest(100).value();
        std::string text;
        for (const auto& [key, samples] : all) {
            for (const series::Sample& sample : samples) {
                text += fmt::format("{}{} {}={}", text.empty() ? "" : ", ", key.subject, key.metric, sample.value);
                if (sample.step) text += fmt::format("@{}", *sample.step);
            }
        }
        return text;
    }

    TestServer server;
    TestClient client;
    json::Value job;
};

}  // namespace

TEST_CASE("a program reports values with their steps, and they are kept when it is answered") {
    Reporting at;
    const Answer answer = at.report(
        R"({"points": [{"step": 10, "values": {"loss": 0.3, "acc": "NaN"}}, {"values": {"loss": 1}, "time": "2026-03-01T12:00:00Z"}]})");
    CHECK(answer.status == 200);
    CHECK(answer.json["accepted"].as_int() == 3);
    CHECK(at.report(R"({"replica": "worker-1", "points": [{"values": {"loss": 2}}]})").status == 200);
    CHECK(at.kept() == "worker-0 acc=nan@10, worker-0 loss=1, worker-0 loss=0.3@10, worker-1 loss=2");
}

TEST_CASE("a report that is none is refused with the place of every fault") {
    Reporting at;
    for (const char* bad :
         {"", "[]", "{}", R"({"points": []})", R"({"points": [{}]})", R"({"points": [{"values": {}}]})",
          R"({"points": [{"values": {"a": "much"}}]})", R"({"points": [{"values": {"a": 1}, "step": 1.5}]})",
          R"({"points": [{"values": {"": 1}}]})", R"({"points": [{"values": {"a": 1}, "time": "soon"}]})",
          R"({"points": [{"values": {"a": 1}}], "replica": "../worker-0"})",
          R"({"points": [{"values": {"a": 1}}], "more": 1})"}) {
        CHECK_MESSAGE(at.report(bad).status == 400, bad);
    }
    CHECK(at.kept() == "");
    const Answer told = at.report(R"({"points": [{"values": {"a": 1}}, {"values": {"b": true}}]})");
    CHECK(told.json["details"][std::size_t{0}]["path"].as_string() == "points[1].values.b");
}

TEST_CASE("what Prometheus reads tells of the server, its queue and its machines") {
    Reporting at;
    const Answer answer = at.client.get("/server/metrics");
    CHECK(answer.status == 200);
    CHECK(answer.text.find("pintle_live_jobs 1\n") != std::string::npos);
    CHECK(answer.text.find("pintle_jobs{state=\"Running\"} 1\n") != std::string::npos);
    CHECK(answer.text.find("pintle_queue_jobs{pool=\"Default Pool\",reason=\"gpus\"} 0\n") != std::string::npos);
    CHECK(answer.text.find("process_resident_memory_bytes ") != std::string::npos);
    CHECK(answer.text.find("DCGM_FI_DEV_GPU_UTIL") == std::string::npos);
}
