#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

/// "project", or "cluster users": what the next event is about.
std::string next_of(EventReader& reader) {
    const auto event = reader.next();
    REQUIRE(event.has_value());
    CHECK(event->event == "change");
    const json::Value change = json::parse_json(event->data).value();
    CHECK(schema_fault(change, "Change").value_or("") == "");
    const std::string kind = change["kind"].as_string();
    return kind == "cluster" ? kind + " " + change["id"].as_string() : kind;
}

/// Everything up to the next change of a project.
std::vector<std::string> until_project(EventReader& reader) {
    std::vector<std::string> seen;
    for (std::string next = next_of(reader); next != "project"; next = next_of(reader)) seen.push_back(next);
    return seen;
}

bool has(const std::vector<std::string>& seen, const std::string& what) {
    return std::find(seen.begin(), seen.end(), what) != seen.end();
}

void make(TestClient& client, const std::string& name) { client.make_project("name: " + name + "\n"); }

}  // namespace

TEST_CASE("that a project is deleted is told to those who could see it, and to nobody else") {
    TestServer server;
    const domain::GroupId group = a_group(server, "research");
    TestClient ana(server, a_person(server, "ana", group).token);
    TestClient mate(server, a_person(server, "mia", group).token);
    TestClient bo(server, a_person(server, "bo").token);
    make(ana, "a0");
    make(bo, "b0");
    EventReader of_ana(server, "/changes?after=0", ana.token());
    EventReader of_mate(server, "/changes?after=0", mate.token());
    EventReader of_bo(server, "/changes?after=0", bo.token());
    until_project(of_ana);
    until_project(of_mate);
    until_project(of_bo);
    REQUIRE(ana.send("DELETE", "/projects/a0").status == 200);
    make(bo, "b1");
    const auto deletion = [](EventReader& reader) {
        for (auto event = reader.next(); event; event = reader.next()) {
            const json::Value change = json::parse_json(event->data).value();
            if (change["kind"].as_string() == "project") return change["deleted"].as_bool();
        }
        return false;
    };
    CHECK(deletion(of_ana));
    CHECK(deletion(of_mate));
    // What comes next for him is his own.
    CHECK_FALSE(deletion(of_bo));
}

TEST_CASE("people hear of their own group and pool, operators of every one") {
    TestServer server({.nodes = {testing::a_node("large", 16, 64, 4)}, .cluster_pause = Duration(0)});
    const domain::GroupId group = a_group(server, "research", 2);
    TestClient root(server, first_operator(server).token);
    TestClient ana(server, a_person(server, "ana", group).token);
    TestClient bo(server, a_person(server, "bo").token);
    make(ana, "a0");
    make(bo, "b0");
    // Hints of before are told to nobody, so the streams have to stand.
    EventReader of_root(server, "/changes?after=0", root.token());
    EventReader of_ana(server, "/changes?after=0", ana.token());
    EventReader of_bo(server, "/changes?after=0", bo.token());
    CHECK(until_project(of_ana).empty());
    CHECK(until_project(of_bo).empty());
    for (int i = 0; i < 2; ++i) CHECK(until_project(of_root).empty());

    static_cast<void>(a_person(server, "carl"));
    make(ana, "a1");
    make(bo, "b1");
    CHECK(until_project(of_ana).empty());
    CHECK(until_project(of_bo) == std::vector<std::string>{"cluster users"});
    CHECK(has(until_project(of_root), "cluster users"));
    until_project(of_root);

    const Answer moved = root.send("PATCH", "/users/carl", R"({"group": "research"})");
    REQUIRE(moved.status == 200);
    make(ana, "a2");
    make(bo, "b2");
    CHECK(has(until_project(of_ana), "cluster users"));
    CHECK(has(until_project(of_bo), "cluster users"));

    ana.make_project(std::string(kDigits));
    CHECK(until_project(of_ana).empty());
    REQUIRE(ana.post("/projects/digits/tasks/train/jobs", R"({"hold": true})").status == 201);
    make(ana, "a3");
    make(bo, "b3");
    CHECK(has(until_project(of_ana), "cluster queue"));
    CHECK(until_project(of_bo).empty());

    REQUIRE(root.send("PATCH", "/pools/research", R"({"gpus": 3})").status == 200);
    make(ana, "a4");
    make(bo, "b4");
    for (EventReader* reader : {&of_ana, &of_bo}) {  // The Default Pool gave what the other got.
        const auto seen = until_project(*reader);
        CHECK(has(seen, "cluster pools"));
        CHECK(has(seen, "cluster devices"));
        CHECK_FALSE(has(seen, "cluster groups"));
    }
}

TEST_CASE("however much happens, a stream has one hint of each topic for each pause") {
    TestServer server({.cluster_pause = std::chrono::hours(1)});
    TestClient root(server, first_operator(server).token);
    make(root, "before");
    EventReader reader(server, "/changes?after=0", root.token());
    CHECK(next_of(reader) == "project");
    static_cast<void>(a_person(server, "first"));
    CHECK(next_of(reader) == "cluster users");
    for (int i = 0; i < 50; ++i) static_cast<void>(a_person(server, fmt::format("person-{}", i)));
    make(root, "after");
    CHECK(next_of(reader) == "project");
}

TEST_CASE("what was held back for a pause is told after it") {
    TestServer server({.cluster_pause = Duration(20)});
    TestClient root(server, first_operator(server).token);
    make(root, "before");
    EventReader reader(server, "/changes?after=0", root.token());
    CHECK(next_of(reader) == "project");
    static_cast<void>(a_person(server, "first"));
    CHECK(next_of(reader) == "cluster users");
    static_cast<void>(a_person(server, "second"));
    CHECK(next_of(reader) == "cluster users");
}
