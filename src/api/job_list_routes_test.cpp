#include <doctest/doctest.h>

#include "api/moment.hpp"
#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "net/url.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

using Names = std::vector<std::string>;

Names names(const Answer& page) {
    INFO(page.text);
    REQUIRE(page.status == 200);
    Names found;
    for (const json::Value& job : page.json["items"].as_array()) found.push_back(job["name"].as_string());
    return found;
}

Names pages(TestClient& client, const std::string& query) {
    Names found;
    std::string cursor;
    do {
        const Answer page = client.get("/jobs?limit=1&" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const std::string& name : names(page)) found.push_back(name);
        cursor = page.json["next_cursor"].is_null() ? "" : net::percent_encode(page.json["next_cursor"].as_string());
    } while (!cursor.empty());
    return found;
}

}  // namespace

TEST_CASE("a time in a query is a time, or how long ago") {
    const Time now = *time_from_iso("2026-03-01T12:00:00Z");
    CHECK(moment_from("2026-02-28T12:00:00Z", now) == now - std::chrono::hours(24));
    CHECK(moment_from("90s", now) == now - std::chrono::seconds(90));
    CHECK(moment_from("30m", now) == now - std::chrono::minutes(30));
    CHECK(moment_from("1h", now) == now - std::chrono::hours(1));
    CHECK(moment_from("7d", now) == now - std::chrono::hours(7 * 24));
    for (const char* wrong :
         {"", "h", "1", "1w", "-1h", "1.5h", "1 h", "yesterday", "99999999999999999999d", "999999999d"})
        CHECK_FALSE(moment_from(wrong, now).has_value());
}

TEST_CASE("jobs are listed in the order that is asked for, page by page, and counted") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.make_project("name: art\ntasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\n");
    const auto end = [&](const json::Value& job, int code, const std::string& state) {
        server.engine().finish(domain::JobId(job["id"].as_string()), "worker-0", code, server.now());
        client.wait_for(job["id"].as_string(), state);
    };
    const json::Value long_one = client.run("digits", "train");
    server.advance(std::chrono::minutes(5));
    const json::Value short_one = client.run("art", "train");
    server.advance(std::chrono::minutes(1));
    end(short_one, 1, "Error");
    server.advance(std::chrono::minutes(1));
    end(long_one, 0, "Complete");
    client.run("digits", "train");

    CHECK(pages(client, "order=longest") == Names{"digits/train:1", "art/train:1", "digits/train:2"});
    CHECK(pages(client, "order=shortest") == Names{"art/train:1", "digits/train:1", "digits/train:2"});
    CHECK(pages(client, "order=ended") == Names{"digits/train:1", "art/train:1", "digits/train:2"});
    CHECK(pages(client, "order=name") == Names{"art/train:1", "digits/train:1", "digits/train:2"});
    CHECK(pages(client, "order=state") == Names{"digits/train:2", "digits/train:1", "art/train:1"});
    CHECK(pages(client, "order=owner") == Names{"digits/train:2", "art/train:1", "digits/train:1"});
    CHECK(pages(client, "order=oldest") == Names{"digits/train:1", "art/train:1", "digits/train:2"});
    CHECK(client.get("/jobs?order=random").status == 400);

    CHECK(names(client.get("/jobs?since=3m")) == Names{"digits/train:2", "art/train:1"});
    CHECK(names(client.get("/jobs?until=1m")) == Names{"art/train:1", "digits/train:1"});
    CHECK(names(client.get("/jobs?since=2020-01-01T00:00:00Z&until=5m")) == Names{"digits/train:1"});
    CHECK(names(client.get("/jobs?ended_since=30s&order=ended")) == Names{"digits/train:1"});
    CHECK(names(client.get("/jobs?ended_since=1h")).size() == 2);
    CHECK(client.get("/jobs?since=soon").status == 400);
    CHECK(client.get("/jobs?ended_since=soon").status == 400);

    CHECK(client.get("/jobs").json["total"].is_null());
    CHECK(client.get("/jobs?count=true&limit=1").json["total"].as_int() == 3);
    CHECK(client.get("/jobs?count=true&state=Error,Complete").json["total"].as_int() == 2);
    CHECK(client.get("/jobs?count=true&text=ART").json["total"].as_int() == 1);
}

TEST_CASE("jobs of an owner are listed without telling who there is") {
    TestServer server;
    const domain::GroupId group = a_group(server, "research");
    TestClient root(server, first_operator(server).token);
    TestClient ana(server, a_person(server, "ana", group).token);
    TestClient mia(server, a_person(server, "mia", group).token);
    TestClient bo(server, a_person(server, "bo").token);
    ana.make_project(std::string(kDigits));
    ana.run("digits", "train");
    mia.run("digits", "train");

    CHECK(names(mia.get("/jobs?owner=ana")) == Names{"digits/train:1"});
    CHECK(names(mia.get("/jobs?owner=mia&order=longest")) == Names{"digits/train:2"});
    CHECK(names(ana.get("/jobs?order=owner")) == Names{"digits/train:1", "digits/train:2"});
    CHECK(names(bo.get("/jobs?owner=ana")).empty());
    CHECK(bo.get("/jobs?owner=ana").text == bo.get("/jobs?owner=nobody").text);
    CHECK(bo.get("/jobs?count=true&owner=ana").json["total"].as_int() == 0);
    CHECK(names(root.get("/jobs?owner=ana")).empty());
    CHECK(names(root.get("/jobs?owner=ana&show=everyone")) == Names{"digits/train:1"});
    CHECK(ana.get("/jobs?count=true&show=shared").json["total"].as_int() == 1);
    CHECK(root.get("/jobs?count=true").json["total"].as_int() == 0);
    CHECK(root.get("/jobs?count=true&show=everyone").json["total"].as_int() == 2);
    for (const char* order : {"longest", "shortest", "name", "state", "owner", "ended"})
        CHECK(names(bo.get(std::string("/jobs?order=") + order)).empty());
}

TEST_CASE("the numbers of jobs are those of the jobs that one sees, since the time that is asked for") {
    TestServer server;
    const domain::GroupId group = a_group(server, "research");
    TestClient root(server, first_operator(server).token);
    TestClient ana(server, a_person(server, "ana", group).token);
    TestClient mia(server, a_person(server, "mia", group).token);
    TestClient bo(server, a_person(server, "bo").token);
    ana.make_project(std::string(kDigits));
    const auto end = [&](const json::Value& job, int code, const std::string& state) {
        server.engine().finish(domain::JobId(job["id"].as_string()), "worker-0", code, server.now());
        ana.wait_for(job["id"].as_string(), state);
    };
    end(ana.run("digits", "train"), 0, "Complete");
    server.advance(std::chrono::hours(2));
    end(mia.run("digits", "train"), 1, "Error");
    ana.run("digits", "train");
    REQUIRE(ana.post("/projects/digits/tasks/train/jobs", R"({"hold": true})").status == 201);

    const json::Value all = ana.get("/jobs/summary").json;
    CHECK(all["by_state"].size() == 4);
    CHECK(all["by_state"]["Running"].as_int() == 1);
    CHECK(all["live"].as_int() == 2);
    CHECK(all["waiting"].as_int() == 1);
    CHECK(all["failed_since"].as_int() == 1);
    CHECK(all["complete_since"].as_int() == 1);
    CHECK(ana.get("/jobs/summary?since=1h").json["complete_since"].as_int() == 0);
    CHECK(ana.get("/jobs/summary?since=1h&project=digits").json["failed_since"].as_int() == 1);
    CHECK(mia.get("/jobs/summary?show=owned").json["by_state"].size() == 1);
    CHECK(mia.get("/jobs/summary?show=shared").json["live"].as_int() == 2);
    CHECK(bo.get("/jobs/summary").json["by_state"].size() == 0);
    CHECK(bo.get("/jobs/summary").json["failed_since"].as_int() == 0);
    CHECK(bo.get("/jobs/summary?show=everyone").status == 403);
    CHECK(bo.get("/jobs/summary?project=digits").status == 404);
    CHECK(root.get("/jobs/summary?show=everyone").json["live"].as_int() == 2);
    CHECK(ana.get("/jobs/summary?since=never").status == 400);
}
