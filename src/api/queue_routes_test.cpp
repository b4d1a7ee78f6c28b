#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "net/url.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr std::string_view kVision = R"(name: vision
tasks:
  - name: train
    run_time: 1h
    resources:
      - {name: worker, command: python train.py, gpus: 2, requests: {cpu: 1, memory: 1Gi}}
  - name: prepare
    resources:
      - {name: worker, command: python prepare.py, requests: {cpu: 16, memory: 1Gi}}
)";

/// One node with four GPUs and 16 CPUs; ana and mia are in the group research, whose pool has all four; bo is in the
/// Default Group, whose pool has none.
struct Lab {
    Lab()
        : server({.nodes = {testing::a_node("gpu-1", 16, 64, 4)}}), root(server, first_operator(server).token),
          research(a_group(server, "research", 4)), ana(server, a_person(server, "ana", research).token),
          mia(server, a_person(server, "mia", research).token), bo(server, a_person(server, "bo").token) {
        ana.make_project(std::string(kVision));
    }

    Answer submit(TestClient& client, const std::string& body = "", const std::string& task = "train") {
        return client.post("/projects/vision/tasks/" + task + "/jobs", body);
    }
    std::string run(TestClient& client, const std::string& body = "", const std::string& task = "train") {
        const Answer made = submit(client, body, task);
        INFO(made.text);
        REQUIRE(made.status == 201);
        return made.json["id"].as_string();
    }
    Answer act(TestClient& client, const std::string& job, const std::string& what, const std::string& body = "") {
        return client.post("/jobs/" + net::percent_encode(job) + "/" + what, body);
    }
    json::Value explain(TestClient& client, const std::string& job) {
        const Answer answer = client.get("/jobs/" + net::percent_encode(job) + "/explanation");
        INFO(answer.text);
        REQUIRE(answer.status == 200);
        return answer.json;
    }
    std::vector<std::string> queue(TestClient& client, const std::string& query = "") {
        const Answer answer = client.get("/queue" + query);
        INFO(answer.text);
        REQUIRE(answer.status == 200);
        std::vector<std::string> names;
        for (const json::Value& entry : answer.json["items"].as_array()) names.push_back(entry["name"].as_string());
        return names;
    }

    TestServer server;
    TestClient root;
    domain::GroupId research;
    TestClient ana;
    TestClient mia;
    TestClient bo;
};

using Names = std::vector<std::string>;

std::string message(const Answer& answer) { return answer.json["message"].as_string(); }
std::string fault(const Answer& answer) {
    const json::Value& details = answer.json["details"];
    if (details.size() == 0) return "";
    const json::Value& first = details[std::size_t{0}];
    return first["path"].as_string() + ": " + first["message"].as_string();
}

}  // namespace

TEST_CASE("a run says how many GPUs, how many workers, how urgent it is, and whether it is held") {
    Lab lab;
    const Answer made = lab.submit(lab.ana, R"({"gpus": 4, "workers": 4, "priority": 7, "hold": "wait for the data"})");
    REQUIRE(made.status == 201);
    CHECK(made.json["gpus"].as_int() == 4);
    CHECK(made.json["replicas"].size() == 4);
    CHECK(made.json["priority"].as_int() == 7);
    CHECK(made.json["pool"].as_string() == "research");
    CHECK(made.json["held"].as_string() == "wait for the data");
    CHECK(made.json["state"].as_string() == "Queued");
    CHECK(lab.submit(lab.ana, R"({"hold": true})").json["held"].as_string().empty());
    CHECK(lab.submit(lab.ana, R"({"hold": false, "gpus": 1})").json["held"].is_null());
}

TEST_CASE("a job that is to start immediately takes the GPUs that are free") {
    Lab lab;
    const std::string first = lab.run(lab.ana, R"({"gpus": 3})");
    lab.ana.wait_for(first, "Running");
    const std::string second = lab.run(lab.ana, R"({"gpus": 4, "immediate": true})");
    const json::Value running = lab.ana.wait_for(second, "Running");
    CHECK(running["gpus"].as_int() == 4);
    CHECK(running["gpus_held"].as_int() == 1);
}

TEST_CASE("a run that cannot be is refused with the place and the numbers") {
    Lab lab;
    const auto refused = [&](const std::string& body) { return lab.submit(lab.ana, body); };
    CHECK(message(refused(R"({"gpus": 5})")) ==
          "vision/train can never run here: it asks for 5 GPUs and pool research has 4");
    CHECK(message(refused(R"({"gpus": 4, "workers": 3})")) ==
          "4 GPUs do not divide evenly over 3 workers; ask for 3 or 6 GPUs");
    CHECK(message(refused(R"({"gpus": 1, "workers": 2})")) ==
          "1 GPU cannot be divided over 2 workers: each needs at least one; ask for 2 GPUs or fewer workers");
    CHECK(fault(refused(R"({"gpus": -1})")) == "gpus: expected a whole number from 0 to 100000, got -1");
    CHECK(fault(refused(R"({"gpus": "two"})")) == "gpus: expected a whole number from 0 to 100000, got \"two\"");
    CHECK(fault(refused(R"({"workers": 0})")) == "workers: expected a whole number from 1 to 250, got 0");
    CHECK(fault(refused(R"({"priority": 1001})")) == "priority: expected a whole number from -1000 to 1000, got 1001");
    CHECK(message(refused(R"({"priority": 101})")) ==
          "a priority is from -1000 to 100 (operators may go higher), not 101");
    CHECK(fault(refused(R"({"immediate": "yes"})")) == "immediate: expected true or false, got \"yes\"");
    CHECK(fault(refused(R"({"hold": 5})")) == "hold: expected a reason as text, true or false, got a whole number");
    CHECK(fault(refused(R"({"hold": ")" + std::string(501, 'x') + R"("})")) ==
          "hold: a reason has at most 500 characters, this one has 501");
    for (const char* body : {R"({"gpus": 5})", R"({"priority": 101})", R"({"gpus": 4, "workers": 3})"})
        CHECK(refused(body).status == 400);
    // What a run could not be, a dry run tells in the same words.
    for (const char* body :
         {R"({"gpus": 5})", R"({"priority": 101})", R"({"gpus": 4, "workers": 3})", R"({"hold": 5})"}) {
        const Answer dry = lab.ana.post("/projects/vision/tasks/train/dry-run", body);
        CHECK(dry.status == 400);
        CHECK(message(dry) == message(refused(body)));
    }
    CHECK(lab.ana.post("/projects/vision/tasks/trian/dry-run").status == 404);
    CHECK(lab.bo.post("/projects/vision/tasks/train/dry-run").status == 404);
    CHECK(lab.ana.get("/jobs").json["items"].size() == 0);
    CHECK(lab.root.post("/projects/vision/tasks/train/dry-run", R"({"gpus": 0, "priority": 1000})").status == 200);
}

TEST_CASE("a dry run tells what would become of a job, and makes none") {
    Lab lab;
    const auto dry = [&](const std::string& body) {
        return lab.ana.post("/projects/vision/tasks/train/dry-run", body).json;
    };
    const json::Value now = dry(R"({"gpus": 4, "workers": 2})");
    CHECK(now["starts_now"].as_bool());
    CHECK(now["nodes"].size() >= 1);
    CHECK(now["pool"].as_string() == "research");
    CHECK(now["gpus"].as_int() == 4);
    CHECK(now["gpus_free_in_pool"].as_int() == 4);
    CHECK(now["replicas"].as_int() == 2);
    CHECK(now["cpu_millis"].as_int() == 2000);
    CHECK(now["memory_bytes"].as_int() == 2LL << 30);
    CHECK(lab.ana.get("/jobs").json["items"].size() == 0);

    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 3})"), "Running");
    const json::Value later = dry(R"({"gpus": 2})");
    CHECK_FALSE(later["starts_now"].as_bool());
    CHECK(later["nodes"].size() == 0);
    CHECK(later["gpus_free_in_pool"].as_int() == 1);
    CHECK(later["position"].as_int() == 1);
    CHECK(later["explanation"]["code"].as_string() == "gpus");
    REQUIRE(later["explanation"]["waits_for"].size() == 1);
    CHECK(later["explanation"]["waits_for"][std::size_t{0}]["name"].as_string() == "vision/train:1");
    CHECK_FALSE(later["explanation"]["forecast"].is_null());
    CHECK(dry(R"({"gpus": 2, "immediate": true})")["starts_now"].as_bool());
    CHECK(dry(R"({"gpus": 1, "hold": true})")["explanation"]["code"].as_string() == "held");
}

TEST_CASE("a waiting job is explained, and lists tell when it will probably start") {
    Lab lab;
    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 3})"), "Running");
    const std::string waiting = lab.run(lab.mia);
    const json::Value told = lab.explain(lab.ana, waiting);
    CHECK(told["name"].as_string() == "vision/train:2");
    CHECK(told["state"].as_string() == "Waiting for GPUs");
    CHECK(told["gpus"].as_int() == 2);
    CHECK(told["pool"]["name"].as_string() == "research");
    CHECK(told["pool"]["gpus"].as_int() == 4);
    CHECK(told["pool"]["used"].as_int() == 3);
    CHECK(told["pool"]["free"].as_int() == 1);
    CHECK(told["history"].is_null());
    CHECK(told["waiting"]["code"].as_string() == "gpus");
    REQUIRE(told["waiting"]["waits_for"].size() == 1);
    CHECK(told["waiting"]["waits_for"][std::size_t{0}]["name"].as_string() == "vision/train:1");
    CHECK_FALSE(told["waiting"]["forecast"].is_null());

    const json::Value listed = lab.ana.get("/jobs?order=newest").json["items"];
    CHECK_FALSE(listed[std::size_t{0}]["forecast"].is_null());
    CHECK(listed[std::size_t{1}]["forecast"].is_null());
    CHECK(lab.bo.get("/jobs/" + waiting + "/explanation").status == 404);
}

TEST_CASE("a job that has started tells why it waited, and names the job whose end let it start") {
    Lab lab;
    const std::string first = lab.run(lab.ana, R"({"gpus": 4})");
    lab.ana.wait_for(first, "Running");
    const std::string second = lab.run(lab.mia);
    lab.mia.wait_for(second, "Waiting for GPUs");
    lab.server.engine().finish(domain::JobId(first), "worker-0", 0, lab.server.now());
    lab.mia.wait_for(second, "Running");
    const json::Value told = lab.explain(lab.mia, second);
    CHECK(told["waiting"].is_null());
    const json::Value& history = told["history"];
    REQUIRE(history["blockers"].size() == 1);
    CHECK(history["blockers"][std::size_t{0}]["name"].as_string() == "vision/train:1");
    CHECK(history["blockers"][std::size_t{0}]["job"].as_string() == first);
    CHECK(history["blockers"][std::size_t{0}]["gpus"].as_int() == 4);
    CHECK(history["sentences"][history["sentences"].size() - 1].as_string() ==
          "It could start when vision/train:1 (4 GPUs) ended.");
    CHECK(lab.explain(lab.ana, first)["history"]["sentences"][std::size_t{0}].as_string() == "It started at once.");
}

TEST_CASE("jobs of another group are never named to those who may not know of them") {
    Lab lab;
    lab.bo.make_project(
        "name: secret\ntasks: [{name: plan, resources: [{name: w, command: x, requests: {cpu: 12, memory: 1Gi}}]}]\n");
    lab.bo.wait_for(lab.bo.post("/projects/secret/tasks/plan/jobs").json["id"].as_string(), "Running");
    const std::string waiting = lab.run(lab.ana, "", "prepare");
    const auto text = [&](TestClient& client, const std::string& path) { return client.get(path).text; };
    for (const std::string& path :
         {"/jobs/" + waiting + "/explanation", "/jobs/" + waiting, std::string("/queue"), std::string("/jobs")}) {
        INFO(path);
        CHECK(text(lab.ana, path).find("secret") == std::string::npos);
    }
    const json::Value blocker = lab.explain(lab.ana, waiting)["waiting"]["waits_for"][std::size_t{0}];
    CHECK(blocker["name"].as_string() == "a job of another group");
    CHECK(blocker["job"].is_null());
    const Answer dry = lab.ana.post("/projects/vision/tasks/prepare/dry-run");
    CHECK(dry.text.find("secret") == std::string::npos);
    // Operators see it, and so does its owner's group of course.
    CHECK(text(lab.root, "/jobs/" + waiting + "/explanation").find("secret/plan:1") != std::string::npos);
}

TEST_CASE("a waiting job is held and released by its owner") {
    Lab lab;
    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 4})"), "Running");
    const std::string job = lab.run(lab.ana);
    const Answer held = lab.act(lab.ana, job, "hold", R"({"reason": "not before the data is there"})");
    CHECK(held.status == 200);
    CHECK(held.json["held"].as_string() == "not before the data is there");
    CHECK(lab.act(lab.mia, job, "release").status == 403);
    CHECK(lab.act(lab.bo, job, "release").status == 404);
    CHECK(lab.act(lab.ana, job, "release").json["held"].is_null());
    CHECK(message(lab.act(lab.ana, job, "release")) == "vision/train:2 is not held");
    CHECK(lab.act(lab.ana, job, "hold").json["held"].as_string().empty());
}

TEST_CASE("only an operator releases what an operator holds, and what runs cannot be held") {
    Lab lab;
    const std::string running = lab.run(lab.ana, R"({"gpus": 4})");
    lab.ana.wait_for(running, "Running");
    const Answer late = lab.act(lab.ana, running, "hold");
    CHECK(late.status == 409);
    CHECK(message(late) == "vision/train:1 is Running; only a job that waits has a place in the queue");
    const std::string job = lab.run(lab.ana);
    CHECK(lab.act(lab.root, job, "hold", R"({"reason": "maintenance"})").status == 200);
    const Answer refused = lab.act(lab.ana, job, "release");
    CHECK(refused.status == 403);
    CHECK(message(refused) == "vision/train:2 was held by root, an operator; ask an operator to release it");
    CHECK(lab.act(lab.ana, job, "hold").status == 403);
    CHECK(lab.act(lab.root, job, "release").status == 200);
    CHECK(fault(lab.act(lab.ana, job, "hold", R"({"reason": 5})")) == "reason: expected text, got 5");
    CHECK(fault(lab.act(lab.ana, job, "hold", R"({"why": "x"})")).starts_with("why: "));
}

TEST_CASE("the queue is shown in its order, and operators change that order") {
    Lab lab;
    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 4})"), "Running");
    for (int i = 0; i < 3; ++i) lab.run(lab.ana);
    CHECK(lab.queue(lab.mia) == Names{"vision/train:2", "vision/train:3", "vision/train:4"});
    const auto move = [&](const std::string& job, const std::string& body) {
        const Answer answer = lab.act(lab.root, job, "reorder", body);
        INFO(answer.text);
        CHECK(answer.status == 200);
        return lab.queue(lab.ana);
    };
    CHECK(move("vision/train:4", R"({"place": "first"})") ==
          Names{"vision/train:4", "vision/train:2", "vision/train:3"});
    CHECK(move("vision/train:4", R"({"place": "last"})") ==
          Names{"vision/train:2", "vision/train:3", "vision/train:4"});
    CHECK(move("vision/train:4", R"({"place": "before", "other": "vision/train:3"})") ==
          Names{"vision/train:2", "vision/train:4", "vision/train:3"});
    CHECK(move("vision/train:2", R"({"place": "after", "other": "vision/train:4"})") ==
          Names{"vision/train:4", "vision/train:2", "vision/train:3"});
    // Its owner changes its priority alone.
    CHECK(lab.act(lab.ana, "vision/train:3", "reorder", R"({"priority": 100})").json["priority"].as_int() == 100);
    CHECK(lab.queue(lab.ana) == Names{"vision/train:3", "vision/train:4", "vision/train:2"});
}

TEST_CASE("a place in the queue that cannot be is refused with words that help") {
    Lab lab;
    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 4})"), "Running");
    lab.run(lab.ana);
    lab.run(lab.ana);
    const auto refused = [&](TestClient& client, const std::string& body) {
        return lab.act(client, "vision/train:2", "reorder", body);
    };
    const Answer place = refused(lab.ana, R"({"place": "first"})");
    CHECK(place.status == 403);
    CHECK(message(place) ==
          "only operators give a job another place in the queue; you may change your own job's priority, up to 100");
    CHECK(refused(lab.mia, R"({"priority": 1})").status == 403);
    CHECK(refused(lab.bo, R"({"priority": 1})").status == 404);
    CHECK(message(refused(lab.ana, R"({"priority": 101})")) ==
          "a priority is from -1000 to 100 (operators may go higher), not 101");
    CHECK(fault(refused(lab.root, R"({"priority": 2000})")) ==
          "priority: expected a whole number from -1000 to 1000, got 2000");
    CHECK(fault(refused(lab.root, R"({"place": "before"})")) == "other: a place before which job?");
    CHECK(fault(refused(lab.root, R"({"place": "first", "other": "vision/train:3"})")) ==
          "other: only for a place before or after another job");
    CHECK(fault(refused(lab.root, "{}")).ends_with("say a place, a priority, or both"));
    CHECK(refused(lab.root, R"({"place": "up"})").status == 400);
    CHECK(refused(lab.root, R"({"place": "before", "other": "vision/train:9"})").status == 404);
    CHECK(message(refused(lab.root, R"({"place": "before", "other": "vision/train:2"})")) ==
          "vision/train:2 cannot be placed before or after itself");
    const Answer ended = refused(lab.root, R"({"place": "after", "other": "vision/train:1"})");
    CHECK(ended.status == 409);
    CHECK(message(ended) == "vision/train:1 is Running; only a job that waits has a place in the queue");

    lab.bo.make_project("name: other\ntasks: [{name: t, resources: [{name: w, command: x}]}]\n");
    REQUIRE(lab.bo.post("/projects/other/tasks/t/jobs", R"({"hold": true})").status == 201);
    CHECK(message(refused(lab.root, R"({"place": "before", "other": "other/t:1"})")) ==
          "vision/train:2 and other/t:1 wait in different pools");
}

TEST_CASE("everybody sees the queue of their own pool, operators that of any, page by page") {
    Lab lab;
    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 4})"), "Running");
    for (int i = 0; i < 3; ++i) lab.run(lab.ana, R"({"priority": 5})");
    lab.bo.make_project("name: other\ntasks: [{name: t, resources: [{name: w, command: x}]}]\n");
    REQUIRE(lab.bo.post("/projects/other/tasks/t/jobs", R"({"hold": "later"})").status == 201);

    CHECK(lab.queue(lab.bo) == Names{"other/t:1"});
    CHECK(lab.queue(lab.root) == Names{"other/t:1", "vision/train:2", "vision/train:3", "vision/train:4"});
    CHECK(lab.queue(lab.root, "?pool=research&limit=2") == Names{"vision/train:2", "vision/train:3"});
    CHECK(message(lab.bo.get("/queue?pool=research")) == "there is no pool \"research\" that your group has");
    CHECK(lab.bo.get("/queue?pool=research").status == 404);
    CHECK(message(lab.root.get("/queue?pool=reserch")) == "there is no pool \"reserch\"");

    Names all;
    std::string cursor;
    do {
        const Answer page = lab.root.get("/queue?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor));
        REQUIRE(page.json["items"].size() == 1);
        all.push_back(page.json["items"][std::size_t{0}]["name"].as_string());
        cursor = page.json["next_cursor"].is_null() ? "" : page.json["next_cursor"].as_string();
    } while (!cursor.empty());
    CHECK(all == lab.queue(lab.root));
    CHECK(lab.root.get("/queue?cursor=x").status == 400);

    const json::Value first = lab.ana.get("/queue").json["items"][std::size_t{0}];
    CHECK(first["pool"].as_string() == "research");
    CHECK(first["position"].as_int() == 1);
    CHECK(first["owner"].as_string() == "ana");
    CHECK(first["priority"].as_int() == 5);
    CHECK(first["gpus"].as_int() == 2);
    CHECK_FALSE(first["reason"].is_null());
    CHECK_FALSE(first["forecast"].is_null());
}

TEST_CASE("the summary of the queue tells operators the waiting jobs, the oldest wait, and the GPUs of every pool") {
    Lab lab;
    CHECK(lab.ana.get("/queue/summary").status == 403);
    CHECK(lab.root.get("/queue/summary").json["oldest_wait_ms"].is_null());
    lab.ana.wait_for(lab.run(lab.ana, R"({"gpus": 3})"), "Running");
    lab.run(lab.ana);
    const json::Value summary = lab.root.get("/queue/summary").json;
    CHECK(summary["waiting_jobs"].as_int() == 1);
    CHECK(summary["oldest_wait_ms"].as_int() >= 0);
    CHECK(summary["gpus"].as_int() == 4);
    CHECK(summary["used"].as_int() == 3);
    REQUIRE(summary["pools"].size() == 2);
    CHECK(summary["pools"][std::size_t{0}]["name"].as_string() == "Default Pool");
    CHECK(summary["pools"][std::size_t{0}]["gpus"].as_int() == 0);
    CHECK(summary["pools"][std::size_t{1}]["used"].as_int() == 3);
    CHECK(summary["pools"][std::size_t{1}]["waiting_jobs"].as_int() == 1);
}

TEST_CASE("a dry run tells what would become of a task that is not saved") {
    Lab lab;
    const auto dry = [&](const std::string& task, const std::string& body) {
        return lab.ana.post("/projects/vision/tasks/" + task + "/dry-run", body);
    };
    const Answer fresh = dry("fresh", R"({"gpus": 2, "document": {"name": "fresh", "resources":
        [{"name": "worker", "command": "x", "limits": {"gpu": 1}}]}})");
    INFO(fresh.text);
    REQUIRE(fresh.status == 200);
    CHECK(fresh.json["gpus"].as_int() == 2);
    CHECK(fresh.json["explanation"]["reason"].is_string());
    // Instead of the saved one of that name.
    const Answer edited = dry("train", R"({"document": {"name": "train", "resources":
        [{"name": "worker", "replicas": 3, "command": "x"}]}, "set": {"worker.replicas": 2}})");
    CHECK(edited.json["replicas"].as_int() == 2);
    CHECK(lab.ana.get("/projects/vision").json["document"]["tasks"].size() == 2);
    CHECK(dry("fresh", R"({"document": null})").status == 404);

    const auto places = [&](const std::string& body) {
        const Answer answer = dry("fresh", body);
        CHECK(answer.status == 400);
        std::vector<std::string> paths;
        for (const json::Value& detail : answer.json["details"].as_array()) paths.push_back(detail["path"].as_string());
        return paths;
    };
    CHECK(places(R"({"document": {"name": "Fresh", "resources": [{"name": "worker", "command": "x", "replicas": "a"}]},
                     "gpus": -1})") ==
          std::vector<std::string>{"document.name", "document.resources[0].replicas", "gpus"});
    CHECK(places(R"({"document": {"name": "fresh", "resources": [{"name": "worker", "command": "x",
                     "limits": {"memory": "1Gi"}}]}, "set": {"worker.requests.memory": "2Gi"}})") ==
          std::vector<std::string>{"document.resources[0].requests.memory"});
    CHECK(places(R"({"document": 7})") == std::vector<std::string>{"document"});
    // What can never run is told as when it is run.
    CHECK(dry("fresh", R"({"document": {"name": "fresh", "resources": [{"name": "w", "command": "x",
                           "limits": {"gpu": 99}}]}})")
              .json["message"]
              .as_string()
              .find("can never run") != std::string::npos);
    // To run it, it must be saved.
    CHECK(lab.ana.post("/projects/vision/tasks/fresh/jobs", R"({"document": {"name": "fresh"}})").status == 400);
}
