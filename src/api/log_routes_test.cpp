#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "net/raw_client.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

struct Logged {
    Logged() : client(server) {
        client.make_project(std::string(kDigits));
        id = client.run("digits", "train")["id"].as_string();
    }
    void say(std::string_view text) { server.engine().say(domain::JobId(id), "worker-0", text, server.now()); }
    void finish() { server.engine().finish(domain::JobId(id), "worker-0", 0, server.now()); }
    Answer page(const std::string& query) { return client.get("/jobs/" + id + "/logs/" + query); }

    TestServer server;
    TestClient client;
    std::string id;
};

std::vector<std::string> texts(const json::Value& items) {
    std::vector<std::string> all;
    for (const json::Value& item : items.as_array()) all.push_back(item["text"].as_string());
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a log is read forwards, backwards and from its end") {
    Logged log;
    for (int i = 1; i <= 10; ++i) log.say(fmt::format("line {}\n", i));

    const Answer middle = log.page("worker-0?from_line=4&limit=2");
    CHECK(texts(middle.json["items"]) == Texts{"line 4", "line 5"});
    CHECK(middle.json["next_from_line"].as_int() == 6);
    CHECK(middle.json["prev_before_line"].as_int() == 4);
    CHECK(middle.json["first_line"].as_int() == 1);
    CHECK(middle.json["last_line"].as_int() == 10);
    CHECK_FALSE(middle.json["complete"].as_bool());

    const Answer tail = log.page("worker-0?tail=2");
    CHECK(texts(tail.json["items"]) == Texts{"line 9", "line 10"});
    CHECK(tail.json["complete"].as_bool());
    CHECK(tail.json["next_from_line"].is_null());
    CHECK(log.page("worker-0?tail=0&limit=0").status == 200);
    CHECK(texts(log.page("worker-0?before_line=9&limit=3").json["items"]) == Texts{"line 6", "line 7", "line 8"});
    CHECK(log.page("worker-0?before_line=3").json["prev_before_line"].is_null());
    CHECK(log.page("worker-0?tail=0").json["items"].size() == 0);
    CHECK(log.page("worker-0?from_line=100").json["items"].size() == 0);

    CHECK(log.page("worker-0?tail=2&from_line=1").status == 400);
    CHECK(log.page("worker-0?cursor=1.2").status == 400);
    CHECK(log.page("worker-0?from_line=0").status == 400);
    const Answer none = log.page("worker-1");
    CHECK(none.status == 404);
    CHECK(none.json["message"].as_string().find("did you mean \"worker-0\"") != std::string::npos);
    CHECK(log.page("..%2F..").status == 404);
}

TEST_CASE("a log is searched by expressions") {
    Logged log;
    log.say("Epoch 1\nloss 0.5\nepoch 2\nloss 0.25\nEPOCH 3\n");
    CHECK(texts(log.page("worker-0?grep=%5Eepoch").json["items"]) == Texts{"epoch 2"});
    CHECK(texts(log.page("worker-0?grep=%5Eepoch&case=ignore").json["items"]) ==
          Texts{"Epoch 1", "epoch 2", "EPOCH 3"});
    const Answer limited = log.page("worker-0?grep=epoch&case=ignore&limit=1");
    CHECK(texts(limited.json["items"]) == Texts{"Epoch 1"});
    CHECK_FALSE(limited.json["complete"].as_bool());
    CHECK(texts(log.page(fmt::format("worker-0?grep=epoch&case=ignore&limit=1&from_line={}",
                                     limited.json["next_from_line"].as_int()))
                    .json["items"]) == Texts{"epoch 2"});
    CHECK(texts(log.page("worker-0?grep=epoch&case=ignore&tail=2").json["items"]) == Texts{"epoch 2", "EPOCH 3"});
    CHECK(texts(log.page("job?grep=Submitted").json["items"]).size() == 1);
    CHECK(texts(log.page("all?grep=epoch&case=ignore").json["items"]).size() == 3);
    CHECK(log.page("worker-0?grep=(").status == 400);
    CHECK(log.page("worker-0?grep=").status == 400);
    CHECK(log.page("job?grep=(").status == 400);
    CHECK(log.page("worker-0?grep=x&before_line=2").status == 400);
}

TEST_CASE("the job's own log is paged like any other") {
    Logged log;
    const Answer whole = log.page("job");
    const auto count = static_cast<std::int64_t>(whole.json["items"].size());
    REQUIRE(count >= 4);
    CHECK(whole.json["complete"].as_bool());
    CHECK(whole.json["last_line"].as_int() == count);
    CHECK(log.page("job?tail=1").json["items"][std::size_t{0}]["line"].as_int() == count);
    CHECK(log.page("job?tail=1").json["prev_before_line"].as_int() == count);
    const Answer middle = log.page("job?from_line=2&limit=1");
    CHECK(middle.json["items"][std::size_t{0}]["line"].as_int() == 2);
    CHECK(middle.json["next_from_line"].as_int() == 3);
    CHECK(log.page("job?before_line=3&limit=1").json["items"][std::size_t{0}]["line"].as_int() == 2);
    CHECK(log.page("job?from_line=1000").json["items"].size() == 0);
    CHECK(log.page("job?before_line=9223372036854775807&limit=1").json["items"][std::size_t{0}]["line"].as_int() ==
          count);
    CHECK(log.page("job?tail=0").json["items"].size() == 0);
}

TEST_CASE("all logs together are in the order of time and paged by cursors") {
    Logged log;
    log.server.advance(Duration(1));  // Past the moment in which the replica was seen to run.
    log.say("one\ntwo\nthree\n");
    const Answer whole = log.page("all");
    const Texts all = texts(whole.json["items"]);
    REQUIRE(all.size() >= 7);
    CHECK(all[0] == "Submitted by root as build 1.");
    CHECK(Texts(all.end() - 3, all.end()) == Texts{"one", "two", "three"});

    Texts forwards;
    std::string cursor;
    for (int i = 0; i < 100; ++i) {
        const Answer page = log.page("all?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const std::string& text : texts(page.json["items"])) forwards.push_back(text);
        cursor = page.json["next_cursor"].as_string();
        if (page.json["complete"].as_bool()) break;
    }
    CHECK(forwards == all);

    Texts backwards;
    Answer page = log.page("all?tail=2");
    for (int i = 0; i < 100; ++i) {
        Texts before = texts(page.json["items"]);
        backwards.insert(backwards.begin(), before.begin(), before.end());
        if (page.json["prev_cursor"].is_null()) break;
        page = log.page("all?limit=2&before_cursor=" + page.json["prev_cursor"].as_string());
    }
    CHECK(backwards == all);

    CHECK(log.page("all?from_line=1").status == 400);
    CHECK(log.page("all?cursor=x").status == 400);
    CHECK(log.page("all?cursor=1.2.3.4").status == 400);
    CHECK(log.page("all?cursor=1.2&tail=3").status == 400);
}

// So that what the job says of a replica's end never comes before that replica's last words.
TEST_CASE("what a replica wrote comes before what its job said in the same moment") {
    Logged log;
    log.say("");  // Waits until it runs.
    const json::Value said = log.page("job?tail=1").json["items"][std::size_t{0}];
    const std::string event = said["text"].as_string();
    const Time moment = *time_from_iso(said["at"].as_string());
    log.server.engine().say(domain::JobId(log.id), "worker-0", "words\n", moment);

    const Texts all = texts(log.page("all").json["items"]);
    REQUIRE(all.size() > 2);
    CHECK(Texts(all.end() - 2, all.end()) == Texts{"words", event});
    CHECK(texts(log.page("all?tail=1").json["items"]) == Texts{event});
    // Also on a page that begins at either of them, and among the hits of a search.
    CHECK(texts(log.page("all?around=worker-0:1").json["items"]) == Texts{"words", event});
    const auto line = said["line"].as_int();
    CHECK(texts(log.page(fmt::format("all?around=job:{}", line)).json["items"]) == Texts{event});
    CHECK(texts(log.page("all?tail=2&grep=.").json["items"]) == Texts{"words", event});
}

TEST_CASE("all logs together are read from any line of one of them, forwards and backwards, with no gap") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "pair")["id"].as_string();
    const Time begin = server.now();
    for (int i = 1; i <= 200; ++i) {
        server.engine().say(domain::JobId(id), i % 3 == 0 ? "worker-1" : "worker-0", fmt::format("said {}\n", i),
                            begin + std::chrono::seconds(i));
    }
    const auto page = [&](const std::string& query) { return client.get("/jobs/" + id + "/logs/all" + query).json; };
    const json::Value whole = page("");
    for (const char* line : {"worker-0:1", "worker-0:60", "worker-1:1", "worker-1:66", "job:1", "job:3"}) {
        CAPTURE(line);
        const json::Value after = page(std::string("?around=") + line);
        const json::Value& first = after["items"][std::size_t{0}];
        CHECK(fmt::format("{}:{}", first["replica"].as_string(), first["line"].as_int()) == line);
        Texts all;
        if (!after["prev_cursor"].is_null())
            all = texts(page("?limit=1000&before_cursor=" + after["prev_cursor"].as_string())["items"]);
        for (const std::string& text : texts(after["items"])) all.push_back(text);
        CHECK(all == texts(whole["items"]));
    }
    for (const char* wrong : {"worker-0", "worker-0:", "worker-0:0", ":1", "worker-7:1", "worker-0:1&tail=3", "x:y"})
        CHECK_MESSAGE(client.get("/jobs/" + id + "/logs/all?around=" + wrong).status == 400, wrong);
    CHECK(client.get("/jobs/" + id + "/logs/all?around=worker-0:100000").status == 404);
    CHECK(client.get("/jobs/" + id + "/logs/worker-0?around=worker-0:1").status == 400);
}

TEST_CASE("a log is downloaded whole") {
    Logged log;
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += fmt::format("this is line number {} of a longer log\n", i);
    log.say(text);
    const Answer whole = log.page("worker-0?download=1");
    CHECK(whole.text == text);
    CHECK(whole.headers.get("Content-Disposition") == "attachment; filename=\"digits-train-1-worker-0.log\"");
    CHECK(log.page("job?download=true").text.starts_with("Submitted by root as build 1.\n"));
    CHECK(log.page("all?download=1").text.starts_with("job | Submitted by root as build 1.\n"));
}

TEST_CASE("a followed log comes line by line and ends with the job") {
    Logged log;
    log.say("first\n");
    EventReader reader(log.server, "/jobs/" + log.id + "/logs/worker-0", log.client.token());
    const auto first = reader.next();
    REQUIRE(first.has_value());
    CHECK(first->event == "line");
    CHECK(json::parse_json(first->data).value()["text"].as_string() == "first");
    log.say("sec");
    log.say("ond\nlast without an end");
    const auto second = reader.next();
    REQUIRE(second.has_value());
    CHECK(json::parse_json(second->data).value()["text"].as_string() == "second");
    CHECK(json::parse_json(second->data).value()["line"].as_int() == 2);
    log.finish();
    const auto rest = reader.rest();
    REQUIRE(rest.size() == 2);
    CHECK(json::parse_json(rest[0].data).value()["text"].as_string() == "last without an end");
    CHECK(rest[1].event == "end");
    CHECK(json::parse_json(rest[1].data).value()["state"].as_string() == "Complete");
}

TEST_CASE("a line that stays without its end is shown, and its rest has the same number") {
    TestServer server({.partial_line_patience = Duration(1)});
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    EventReader reader(server, "/jobs/" + id + "/logs/worker-0", client.token());
    server.engine().say(domain::JobId(id), "worker-0", "progress 10 %", server.now());
    const json::Value part = json::parse_json(reader.next()->data).value();
    CHECK(part["text"].as_string() == "progress 10 %");
    CHECK_FALSE(part["ends"].as_bool());
    server.engine().say(domain::JobId(id), "worker-0", ", done\n", server.now());
    const json::Value rest = json::parse_json(reader.next()->data).value();
    CHECK(rest["text"].as_string() == ", done");
    CHECK(rest["line"].as_int() == 1);
    CHECK_FALSE(rest["starts"].as_bool());
    CHECK(rest["ends"].as_bool());
    client.post("/jobs/" + id + "/stop");
    CHECK(reader.rest().back().event == "end");
}

TEST_CASE("a followed log goes on after a restart with no gap and no duplicate") {
    Logged log;
    std::string last_id;
    Texts seen;
    int said = 0;
    for (int life = 0; life < 3; ++life) {
        for (int i = 0; i < 50; ++i) log.say(fmt::format("line {}\n", ++said));
        EventReader reader(log.server, "/jobs/" + log.id + "/logs/all", TestClient(log.server).token(),
                           last_id.empty() ? net::Headers{} : net::Headers{{"Last-Event-ID", last_id}});
        while (seen.empty() || seen.back() != fmt::format("line {}", said - 25)) {
            const auto event = reader.next();
            REQUIRE(event.has_value());
            const json::Value line = json::parse_json(event->data).value();
            last_id = event->id;
            if (line["replica"].as_string() == "worker-0") seen.push_back(line["text"].as_string());
        }
        log.server.restart();
    }
    log.finish();
    EventReader reader(log.server, "/jobs/" + log.id + "/logs/all", TestClient(log.server).token(),
                       {{"Last-Event-ID", last_id}});
    for (const net::SseEvent& event : reader.rest()) {
        const json::Value line = json::parse_json(event.data).value();
        if (event.event == "line" && line["replica"].as_string() == "worker-0")
            seen.push_back(line["text"].as_string());
    }
    Texts expected;
    for (int i = 1; i <= said; ++i) expected.push_back(fmt::format("line {}", i));
    CHECK(seen == expected);
}

TEST_CASE("following begins with the last lines when they are asked for") {
    Logged log;
    log.say("a\nb\nc\n");
    log.finish();
    log.client.wait_for(log.id, "Complete");
    const auto two = EventReader(log.server, "/jobs/" + log.id + "/logs/worker-0?tail=2", log.client.token()).rest();
    REQUIRE(two.size() == 3);
    CHECK(json::parse_json(two[0].data).value()["text"].as_string() == "b");
    const auto none = EventReader(log.server, "/jobs/" + log.id + "/logs/worker-0?tail=0", log.client.token()).rest();
    REQUIRE(none.size() == 1);
    CHECK(none[0].event == "end");
    const auto own = EventReader(log.server, "/jobs/" + log.id + "/logs/job?tail=1", log.client.token()).rest();
    CHECK(own.size() == 2);
    // A client that has seen the end asks again with its last id and is told the end again.
    const auto again = EventReader(log.server, "/jobs/" + log.id + "/logs/worker-0", log.client.token(),
                                   {{"Last-Event-ID", two.back().id}})
                           .rest();
    REQUIRE(again.size() == 1);
    CHECK(again[0].event == "end");
    const net::Headers events{{"Accept", "text/event-stream"}};
    CHECK(log.client.get("/jobs/" + log.id + "/logs/worker-0?grep=x", events).status == 400);
    CHECK(
        log.client
            .get("/jobs/" + log.id + "/logs/worker-0", {{"Accept", "text/event-stream"}, {"Last-Event-ID", "nonsense"}})
            .status == 400);
    CHECK(log.client.get("/jobs/" + log.id + "/logs/all", {{"Accept", "text/event-stream"}, {"Last-Event-ID", "1.2.3"}})
              .status == 400);
}

TEST_CASE("two replicas are followed as one") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "pair")["id"].as_string();
    EventReader reader(server, "/jobs/" + id + "/logs/all", client.token());
    for (int i = 0; i < 100; ++i) {
        server.engine().say(domain::JobId(id), i % 2 == 0 ? "worker-0" : "worker-1", fmt::format("{}\n", i),
                            server.now());
    }
    server.engine().finish(domain::JobId(id), "worker-0", 0, server.now());
    server.engine().finish(domain::JobId(id), "worker-1", 0, server.now());
    std::map<std::string, std::vector<int>> numbers;
    std::size_t own = 0;
    const auto events = reader.rest();
    for (const net::SseEvent& event : events) {
        const json::Value line = json::parse_json(event.data).value();
        if (event.event == "end") continue;
        if (line["replica"].as_string() == "job") {
            ++own;
        } else {
            numbers[line["replica"].as_string()].push_back(std::stoi(line["text"].as_string()));
        }
    }
    CHECK(own == static_cast<std::size_t>(client.get("/jobs/" + id).json["revision"].as_int()));
    for (const char* replica : {"worker-0", "worker-1"}) {
        CHECK(numbers[replica].size() == 50);
        CHECK(std::is_sorted(numbers[replica].begin(), numbers[replica].end()));
    }
    CHECK(events.back().event == "end");
}

TEST_CASE("a client that does not read holds up nobody") {
    Logged log;
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += fmt::format("this is line number {} of a log that fills every buffer on its way\n", i);
    log.say(text);
    const std::string request = fmt::format(
        "GET /api/v1/jobs/{}/logs/worker-0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: "
        "Bearer {}\r\n\r\n",
        log.id, log.client.token());
    net::testing::RawClient stuck(log.server.address(), 4096);
    REQUIRE(stuck.send(request));
    CHECK(stuck.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
    EventReader reader(log.server, "/jobs/" + log.id + "/logs/worker-0", log.client.token());
    log.finish();
    const auto events = reader.rest();
    CHECK(events.size() == 100'001);
    CHECK(log.client.get("/jobs/" + log.id).status == 200);
}
