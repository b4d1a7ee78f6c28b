#include <doctest/doctest.h>

#include "api/test_server.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

std::string project_with(const std::string& source, const std::string& name = "p") {
    return "name: " + name + "\nsources: [{name: data, " + source +
           "}]\ntasks: [{name: t, resources: [{name: r, command: 'true'}]}, {name: alone, resources: [{name: r, "
           "command: 'true', volumes: [], default_volume_mapping: false}]}]\n";
}

constexpr const char* kPrivate[] = {"git: 'http://127.0.0.1:9/repo'",
                                    "git: 'git@10.0.0.5:team/repo.git'",
                                    "git: 'https://localhost/repo'",
                                    "nfs: '192.168.1.2:/exports'",
                                    "s3: {bucket: results, server: 'http://[::1]:9000'}",
                                    "git: 'ssh://git@169.254.169.254/repo'"};

net::Headers yaml() { return {{"Content-Type", "application/yaml"}}; }

struct Site {
    TestServer server{[] {
        TestServerOptions options;
        options.private_addresses = false;
        return options;
    }()};
    TestClient client{server};
};

}  // namespace

TEST_CASE("a source at a private address is refused when its project is saved, where the operator forbids it") {
    Site site;
    for (const char* source : kPrivate) {
        CAPTURE(source);
        const Answer made = site.client.post("/projects", project_with(source), yaml());
        INFO(made.text);
        CHECK(made.status == 403);
        CHECK(made.json["message"].as_string().find("where this server's administrator lets no source be") !=
              std::string::npos);
        CHECK(made.json["details"][std::size_t{0}]["path"].as_string() == "sources[0]");
        const Answer told = site.client.post("/projects/validate", project_with(source), yaml());
        CHECK_FALSE(told.json["valid"].as_bool());
    }
    CHECK(site.client.get("/projects").json["items"].size() == 0);
    site.client.make_project(project_with("cluster_storage: default"));
    CHECK(site.client.send("PUT", "/projects/p", project_with(kPrivate[0]), yaml()).status == 403);
    CHECK(site.client.send("PATCH", "/projects/p", R"({"sources":[{"name":"data","git":"http://127.0.0.1/x"}]})")
              .status == 403);
    CHECK(site.client.post("/projects/p/sources", R"({"name":"more","git":"http://127.0.0.1/x"})").status == 403);
    // A public address is not asked anything.
    CHECK(site.client.send("PUT", "/projects/p", project_with("git: 'https://93.184.216.34/repo'"), yaml()).status ==
          200);
}

TEST_CASE("where private addresses are allowed nothing is looked up") {
    TestServer server;
    TestClient client(server);
    int count = 0;
    for (const char* source : kPrivate) {
        CAPTURE(source);
        CHECK(client.post("/projects", project_with(source, fmt::format("p{}", ++count)), yaml()).status == 201);
    }
}

TEST_CASE(
    "a task that mounts a source from before the prohibition is refused when it is run; others and edits are not") {
    TestServer server;
    TestClient client(server);
    client.make_project(project_with(kPrivate[0]));
    server.forbid_private_addresses();
    TestClient later(server);
    const Answer run = later.post("/projects/p/tasks/t/jobs", "{}");
    INFO(run.text);
    CHECK(run.status == 403);
    CHECK(later.post("/projects/p/tasks/alone/jobs", "{}").status == 201);
    CHECK(later.send("PATCH", "/projects/p", R"({"summary":"x"})").status == 200);
}
