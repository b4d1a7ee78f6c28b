#include <doctest/doctest.h>

#include "api/stream_pump.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

TEST_CASE("a job's events are listed in pages and streamed to the last") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    EventReader reader(server, "/jobs/" + id + "/events", client.token());
    const auto first = reader.next();
    REQUIRE(first.has_value());
    CHECK(first->id == "1");
    CHECK(json::parse_json(first->data).value()["kind"].as_string() == "submitted");
    server.engine().finish(domain::JobId(id), "worker-0", 0, server.now());
    const auto rest = reader.rest();
    REQUIRE(!rest.empty());
    CHECK(json::parse_json(rest.back().data).value()["kind"].as_string() == "ended");

    const Answer all = client.get("/jobs/" + id + "/events");
    CHECK(all.json["items"].size() == rest.size() + 1);
    std::size_t seen = 0;
    std::string cursor;
    do {
        const Answer page = client.get("/jobs/" + id + "/events?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        seen += page.json["items"].size();
        cursor = page.json["next_cursor"].is_null() ? "" : page.json["next_cursor"].as_string();
    } while (!cursor.empty());
    CHECK(seen == all.json["items"].size());
    CHECK(client.get("/jobs/" + id + "/events?after=2").json["items"][std::size_t{0}]["sequence"].as_int() == 3);
    CHECK(client.get("/jobs/" + id + "/events?cursor=x").status == 400);

    // Resuming sends what is missing, and only that.
    const auto missing =
        EventReader(server, "/jobs/" + id + "/events", client.token(), {{"Last-Event-ID", "3"}}).rest();
    CHECK(missing.size() == rest.size() - 2);
    CHECK(missing.front().id == "4");
    CHECK(client.get("/jobs/" + id + "/events", {{"Accept", "text/event-stream"}, {"Last-Event-ID", "-1"}}).status ==
          400);
}

TEST_CASE("changes are told as they happen, and resumed after a restart") {
    TestServer server;
    TestClient client(server);
    std::string last_id;
    {
        EventReader reader(server, "/changes?after=0", client.token());
        client.make_project(std::string(kDigits));
        const auto made = reader.next();
        REQUIRE(made.has_value());
        CHECK(made->event == "change");
        const json::Value change = json::parse_json(made->data).value();
        CHECK(change["kind"].as_string() == "project");
        CHECK(change["state"].is_null());
        last_id = made->id;
    }
    const std::string id = client.run("digits", "train")["id"].as_string();
    server.restart();
    TestClient later(server);
    EventReader reader(server, "/changes", later.token(), {{"Last-Event-ID", last_id}});
    std::int64_t before = std::stoll(last_id);
    for (;;) {
        const auto event = reader.next();
        REQUIRE(event.has_value());
        const json::Value change = json::parse_json(event->data).value();
        // Hints have no number of their own.
        if (change["kind"].as_string() == "cluster") continue;
        CHECK(std::stoll(event->id) == before + 1);
        before = std::stoll(event->id);
        if (change["id"].as_string() == id && !change["state"].is_null() && change["state"].as_string() == "Running")
            break;
    }
}

TEST_CASE("whoever missed too many changes is told to begin anew") {
    TestServer server({.changes_kept = 2});
    TestClient client(server);
    // The log is trimmed now and then, so it takes many.
    for (int i = 0; i < 1500; ++i) {
        const core::input::CreateProject command{domain::ProjectId(server.runtime().make_id()), {},
                                                 testing::a_project(fmt::format("p{}", i), {}), "", ""};
        if (i < 1499) {
            server.runtime().post(command, {}, [](const Result<std::string>&) {});
        } else {
            CHECK(server.runtime().call(command).has_value());
        }
    }
    EventReader reader(server, "/changes?after=1", client.token());
    const auto reset = reader.next();
    REQUIRE(reset.has_value());
    CHECK(reset->event == "reset");
    // And one whose numbers are of another life of the data as well.
    EventReader ahead(server, "/changes", client.token(), {{"Last-Event-ID", "1000000"}});
    CHECK(ahead.next()->event == "reset");
    client.make_project("name: after\n");
    CHECK(reader.next()->event == "change");
    CHECK(ahead.next()->event == "change");
}

TEST_CASE("a job sees only the changes of its project") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const json::Value job = client.run("digits", "train");
    EventReader reader(server, "/changes?after=0",
                       server.job_token(job["project_id"].as_string(), job["id"].as_string()));
    // The token is good while the job lives, so the stream has to stand before the job is stopped.
    auto event = reader.next();
    REQUIRE(event.has_value());
    client.make_project("name: other\n");
    client.post("/jobs/" + job["id"].as_string() + "/stop");
    for (;; event = reader.next()) {
        REQUIRE(event.has_value());
        const json::Value change = json::parse_json(event->data).value();
        CHECK(change["project_id"] == job["project_id"]);
        if (!change["state"].is_null() && change["state"].as_string() == "Stopped") break;
    }
}

TEST_CASE("a silent stream has heartbeats") {
    TestServer server({.heartbeat = Duration(5)});
    TestClient client(server);
    EventReader reader(server, "/changes", client.token());
    while (reader.comments() < 5) std::this_thread::yield();
    client.make_project("name: p\n");
    CHECK(reader.next()->event == "change");
}

TEST_CASE("a stream whose client has gone is let go of") {
    struct Counted final : Producer {
        explicit Counted(std::atomic<int>& l) : left(l) {}
        ~Counted() override { ++left; }
        Duration step() override { return steps++ < 3 ? Duration(0) : kDone; }
        std::atomic<int>& left;
        int steps = 0;
    };
    std::atomic<int> left{0};
    StreamPump pump;
    for (int i = 0; i < 10; ++i) pump.add(std::make_unique<Counted>(left), pump.make_poke());
    while (left < 10) std::this_thread::yield();
    CHECK(left == 10);
}

TEST_CASE("a poked producer is called before its time") {
    struct Sleeper final : Producer {
        explicit Sleeper(std::atomic<int>& c) : calls(c) {}
        Duration step() override {
            ++calls;
            return std::chrono::hours(1);
        }
        std::atomic<int>& calls;
    };
    std::atomic<int> calls{0};
    StreamPump pump;
    const Poke poke = pump.make_poke();
    pump.add(std::make_unique<Sleeper>(calls), poke);
    while (calls < 1) std::this_thread::yield();
    poke();
    while (calls < 2) std::this_thread::yield();
    CHECK(calls == 2);
    pump.stop();
    poke();
    pump.add(std::make_unique<Sleeper>(calls), poke);
    CHECK(calls == 2);
}

TEST_CASE("stopping the server ends streams and long polls at once") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    EventReader events(server, "/jobs/" + id + "/events?after=100", client.token());
    EventReader logs(server, "/jobs/" + id + "/logs/worker-0", client.token());
    EventReader changes(server, "/changes", client.token());
    const auto before = std::chrono::steady_clock::now();
    server.stop();
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(30));
    CHECK(events.rest().empty());
    CHECK(logs.rest().empty());
    CHECK(changes.rest().empty());
}
