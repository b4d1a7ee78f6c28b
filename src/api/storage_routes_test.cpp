#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

std::string project_yaml(const std::string& name, const std::string& storage = "default",
                         const std::string& sub_path = "") {
    return fmt::format("name: {}\ntasks: [{{name: train, resources: [{{name: worker, command: 'true'}}]}}]\n"
                       "sources: [{{name: data, cluster_storage: {}, sub_path: {}}}]\n",
                       name, storage, sub_path.empty() ? "''" : sub_path);
}

/// A server with a storage for all, and one for the group research alone.
TestServerOptions two_storages() {
    TestServerOptions options;
    source::Storage lab;
    lab.name = "lab";
    lab.group = "research";
    lab.description = "fast disks";
    lab.project_quota = 1'000'000;
    options.storages = {lab};
    return options;
}

std::string names(const Answer& answer) {
    std::string text;
    for (const json::Value& item : answer.json["items"].as_array()) text += item["name"].as_string() + " ";
    return text;
}

/// Asks until the storage's folder has been measured with so many files.
json::Value measured_folder(TestServer& server, TestClient& client, const std::string& storage,
                            const std::string& folder, std::int64_t files) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (std::chrono::steady_clock::now() < deadline) {
        server.runtime().storage_meter().look_again();
        const Answer answer = client.get("/storages/" + storage);
        for (const json::Value& found : answer.json["folders"].as_array()) {
            if (found["folder"].as_string() == folder && found["files"].as_int() == files) return found;
        }
        std::this_thread::yield();
    }
    FAIL("not measured: " << folder);
    return {};
}

}  // namespace

TEST_CASE("a storage of one group is listed to that group and to operators only") {
    TestServer server(two_storages());
    const domain::GroupId research = a_group(server, "research");
    TestClient root(server, first_operator(server).token);
    TestClient member(server, a_person(server, "mia", research).token);
    TestClient other(server, a_person(server, "otto").token);
    CHECK(names(root.get("/storages")) == "default lab ");
    CHECK(names(member.get("/storages")) == "default lab ");
    CHECK(names(other.get("/storages")) == "default ");
    CHECK(other.get("/storages/lab").status == 404);
    CHECK(other.get("/storages/lab").json["message"].as_string() == "there is no storage \"lab\"");
    const Answer lab = member.get("/storages/lab");
    CHECK(lab.json["group"]["name"].as_string() == "research");
    CHECK(lab.json["description"].as_string() == "fast disks");
    CHECK(lab.json["project_quota_bytes"].as_int() == 1'000'000);
    CHECK(lab.json["total_bytes"].as_int() >= lab.json["free_bytes"].as_int());
    CHECK(lab.json["groups"].size() == 1);
    const Answer refused =
        other.post("/projects", project_yaml("digits", "lab"), {{"Content-Type", "application/yaml"}});
    CHECK(refused.status == 400);
    CHECK(refused.json["details"][std::size_t{0}]["message"].as_string() ==
          "there is no storage \"lab\"; there are: default");
}

TEST_CASE("on a storage of one group the folder /shared/x is the group's") {
    TestServer server(two_storages());
    const domain::GroupId research = a_group(server, "research");
    TestClient member(server, a_person(server, "mia", research).token);
    member.make_project(project_yaml("digits", "lab", "/shared/sets"));
    REQUIRE(member.send("PUT", "/projects/digits/sources/data/files?path=a.txt", "hello").status == 201);
    CHECK(os::exists(server.folder() + "/storage/lab/org/" + research.str() + "/shared/sets/a.txt"));
}

TEST_CASE("everybody is told of what they may know, and of nobody else's project") {
    TestServer server;
    const domain::GroupId research = a_group(server, "research");
    TestClient root(server, first_operator(server).token);
    TestClient mia(server, a_person(server, "mia", research).token);
    TestClient otto(server, a_person(server, "otto").token);
    mia.make_project(project_yaml("secret"));
    mia.make_project(project_yaml("common", "default", "/pool"));
    otto.make_project(project_yaml("open", "default", "/shared/mnist"));
    for (const char* project : {"secret", "common"}) {
        REQUIRE(mia.send("PUT", fmt::format("/projects/{}/sources/data/files?path=a.txt", project),
                         std::string(10'000, 'x'))
                    .status == 201);
    }
    REQUIRE(otto.send("PUT", "/projects/open/sources/data/files?path=a.txt", "x").status == 201);
    const json::Value secret = measured_folder(server, root, "default", "org/" + research.str() + "/secret", 1);
    CHECK(secret["owner"].as_string() == "project");
    CHECK(secret["project"]["name"].as_string() == "secret");
    CHECK(secret["group"]["name"].as_string() == "research");
    CHECK(secret["bytes"].as_int() >= 10'000);
    CHECK_FALSE(secret["measured_at"].is_null());
    CHECK(measured_folder(server, root, "default", "org/" + research.str() + "/pool", 1)["owner"].as_string() ==
          "group");
    CHECK(measured_folder(server, otto, "default", "shared/mnist", 1)["owner"].as_string() == "everybody");
    const Answer of_otto = otto.get("/storages/default");
    CHECK(of_otto.text.find("secret") == std::string::npos);
    CHECK(of_otto.text.find("research") == std::string::npos);
    CHECK(of_otto.text.find("pool") == std::string::npos);
    CHECK(of_otto.json["groups"].size() == 1);
    CHECK(of_otto.json["bytes"].as_int() < 10'000);
    const Answer of_mia = mia.get("/storages/default");
    CHECK(of_mia.json["folders"].size() == 3);
    CHECK(of_mia.json["groups"][std::size_t{0}]["group"]["name"].as_string() == "research");
    CHECK(of_mia.json["groups"][std::size_t{0}]["files"].as_int() == 2);
}

TEST_CASE("an operator sets quotas, and others may not") {
    TestServer server;
    const Person operators = first_operator(server);
    TestClient root(server, operators.token);
    const Person otto = a_person(server, "otto");
    TestClient client(server, otto.token);
    client.make_project(project_yaml("digits"));
    REQUIRE(client.send("PUT", "/projects/digits/sources/data/files?path=a.txt", std::string(10'000, 'x')).status ==
            201);
    CHECK(client.send("PUT", "/storages/default/quota", R"({"project": "digits", "quota": "1TB"})").status == 403);
    const Answer set = root.send("PUT", "/storages/default/quota", R"({"project": "digits", "quota": "100kB"})");
    REQUIRE_MESSAGE(set.status == 200, set.text);
    const json::Value folder = measured_folder(server, root, "default", "org/default/digits", 1);
    CHECK(folder["quota_bytes"].as_int() == 100'000);
    CHECK(folder["quota_own"].as_bool());
    CHECK_FALSE(folder["full"].as_bool());
    CHECK(root.send("PUT", "/storages/default/quota", R"({"group": "Default Group", "quota": 50})")
              .json["groups"][std::size_t{0}]["full"]
              .as_bool());
    const Answer limits = client.get("/projects/digits/storage");
    REQUIRE(limits.json["items"].size() == 1);
    const json::Value& use = limits.json["items"][std::size_t{0}];
    CHECK(use["source"].as_string() == "data");
    CHECK(use["owner"].as_string() == "project");
    REQUIRE(use["limits"].size() == 2);
    CHECK(use["limits"][std::size_t{0}]["of"].as_string() == "project");
    CHECK(use["limits"][std::size_t{1}]["full"].as_bool());
    CHECK(root.send("PUT", "/storages/default/quota", R"({"group": "Default Group", "quota": "none"})")
              .json["groups"][std::size_t{0}]["quota_bytes"]
              .is_null());
    CHECK_FALSE(root.send("PUT", "/storages/default/quota", R"({"project": "digits", "quota": "default"})")
                    .json["folders"][std::size_t{0}]["quota_own"]
                    .as_bool());
    for (const char* wrong :
         {R"({"project": "digits"})", R"({"quota": "1G"})",
          R"({"project": "digits", "group": "default", "quota": "1G"})", R"({"project": "digits", "quota": "much"})",
          R"({"project": "digits", "quota": ""})", R"({"project": "digits", "quota": "-1"})"}) {
        CAPTURE(wrong);
        CHECK(root.send("PUT", "/storages/default/quota", wrong).status == 400);
    }
    CHECK(root.send("PUT", "/storages/other/quota", R"({"project": "digits", "quota": "1G"})").status == 404);
    CHECK(root.send("PUT", "/storages/default/quota", R"({"project": "none", "quota": "1G"})").status == 404);
    CHECK(root.get("/audit").text.find("the project digits: 100 kB, before the default") != std::string::npos);
}

TEST_CASE("an upload that would go past the quota is refused until something is removed") {
    TestServer server;
    TestClient root(server, first_operator(server).token);
    root.make_project(project_yaml("digits"));
    REQUIRE(root.send("PUT", "/projects/digits/sources/data/files?path=a.bin", std::string(60'000, 'x')).status == 201);
    REQUIRE(root.send("PUT", "/storages/default/quota", R"({"project": "digits", "quota": "100kB"})").status == 200);
    static_cast<void>(measured_folder(server, root, "default", "org/default/digits", 1));
    const Answer refused = root.send("PUT", "/projects/digits/sources/data/files?path=b.bin", std::string(60'000, 'x'));
    CHECK(refused.status == 507);
    CHECK(refused.json["message"].as_string().starts_with("source data: there is no room for 60 kB more; "));
    CHECK(refused.json["message"].as_string().ends_with(
        " of 100 kB that the project digits may keep on the storage default are used; remove files, or ask your "
        "operator for a larger quota"));
    CHECK_FALSE(os::exists(server.storage_folder() + "/org/default/digits/data/b.bin"));
    const std::string uploads = "/projects/digits/sources/data/uploads?path=";
    CHECK(root.post(uploads + "large.bin", R"({"size_bytes": 60000})").status == 507);
    // Each of these alone would have room.
    CHECK(root.post(uploads + "one.bin", R"({"size_bytes": 20000})").status == 201);
    CHECK(root.post(uploads + "two.bin", R"({"size_bytes": 25000})").status == 507);
    REQUIRE(root.send("DELETE", "/projects/digits/sources/data/files?path=a.bin").status == 200);
    static_cast<void>(measured_folder(server, root, "default", "org/default/digits", 0));
    CHECK(root.send("PUT", "/projects/digits/sources/data/files?path=b.bin", std::string(60'000, 'x')).status == 201);
}
