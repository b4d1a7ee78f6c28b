#include <unistd.h>

#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "net/url.hpp"
#include "os/file.hpp"
#include "source/git_fixture.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kFiles = "/projects/digits/sources/data/files";

}  // namespace

TEST_CASE("sources are added, replaced and removed one by one") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const Answer added = client.post("/projects/digits/sources",
                                     R"({"name": "src", "git": {"repository": "https://git.example/src.git"}})");
    REQUIRE(added.status == 201);
    CHECK(added.json["name"].as_string() == "src");
    CHECK(client.get("/projects/digits/sources").json["items"].size() == 2);

    const Answer replaced = client.send("PUT", "/projects/digits/sources/src",
                                        R"({"name": "code", "git": {"repository": "https://git.example/code.git"}})");
    REQUIRE(replaced.status == 200);
    CHECK(client.get("/projects/digits/sources/code").status == 200);
    CHECK(client.get("/projects/digits/sources/src").status == 404);

    CHECK(client.send("DELETE", "/projects/digits/sources/code").status == 200);
    CHECK(client.send("DELETE", "/projects/digits/sources/code").status == 404);
    CHECK(client.get("/projects/digits/sources").json["items"].size() == 1);
}

TEST_CASE("faults of a source have their place in the source") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const Answer wrong =
        client.post("/projects/digits/sources", "{\"name\": \"src\",\n \"git\": {\"repository\": \"ext::sh -c x\"}}");
    CHECK(wrong.status == 400);
    REQUIRE(wrong.json["details"].size() == 1);
    CHECK(wrong.json["details"][std::size_t{0}]["path"].as_string().find("sources[") == std::string::npos);
    CHECK(wrong.json["details"][std::size_t{0}]["line"].as_int() == 2);
    const Answer unknown =
        client.post("/projects/digits/sources", R"({"name": "src", "cluster_storage": "default", "colour": "blue"})");
    CHECK(unknown.status == 400);
    CHECK(unknown.json["details"][std::size_t{0}]["path"].as_string() == "colour");
    CHECK(client.post("/projects/digits/sources", "7").status == 400);
    const Answer twice = client.post("/projects/digits/sources", R"({"name": "data", "cluster_storage": "default"})");
    CHECK(twice.status == 400);
}

TEST_CASE("files are put, listed, read and removed") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string bytes("a\0b\xff", 4);
    const Answer put = client.send("PUT", std::string(kFiles) + "?path=a/b/c.bin", bytes);
    REQUIRE(put.status == 201);
    CHECK(put.json["size_bytes"].as_int() == 4);
    CHECK(client.get(kFiles).json["items"][std::size_t{0}]["kind"].as_string() == "folder");
    CHECK(client.get(std::string(kFiles) + "?path=a/b").json["items"][std::size_t{0}]["name"].as_string() == "c.bin");

    const Answer file = client.get(std::string(kFiles) + "?path=a/b/c.bin&download=1");
    CHECK(file.text == bytes);
    CHECK(file.headers.get("Content-Type") == "application/octet-stream");
    CHECK(file.headers.get("Content-Disposition") == "attachment; filename=\"c.bin\"");

    CHECK(client.send("DELETE", std::string(kFiles) + "?path=a").status == 200);
    CHECK(client.get(std::string(kFiles) + "?path=a/b/c.bin").status == 404);
    CHECK(client.send("DELETE", std::string(kFiles) + "?path=a").status == 404);
}

TEST_CASE("a large file arrives whole") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    std::string content(9'000'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761U >> 13);
    REQUIRE(client.send("PUT", std::string(kFiles) + "?path=big", content).status == 201);
    CHECK(client.get(std::string(kFiles) + "?path=big").text == content);
}

TEST_CASE("a folder is listed in pages") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    for (const char* name : {"a", "b", "c"})
        REQUIRE(client.send("PUT", fmt::format("{}?path={}", kFiles, name), name).status == 201);
    const Answer first = client.get(std::string(kFiles) + "?limit=2");
    REQUIRE(first.json["items"].size() == 2);
    const Answer second = client.get(std::string(kFiles) + "?limit=2&cursor=" + first.json["next_cursor"].as_string());
    REQUIRE(second.json["items"].size() == 1);
    CHECK(second.json["next_cursor"].is_null());
}

TEST_CASE("no path leads out of a source") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    REQUIRE(client.send("PUT", std::string(kFiles) + "?path=x", "x").status == 201);
    REQUIRE(os::write_file_atomic(server.folder() + "/secret-file", "secret", 0600, false).has_value());
    const std::string folder = server.storage_folder() + "/org/default/digits/data";
    REQUIRE(os::exists(folder + "/x"));
    REQUIRE(::symlink(server.folder().c_str(), (folder + "/out").c_str()) == 0);
    REQUIRE(::symlink((server.folder() + "/secret-file").c_str(), (folder + "/leak").c_str()) == 0);

    for (const std::string path : {"../../../../../secret-file", "a/../../x", "/etc/passwd", "out/secret-file", "leak",
                                   "out", "..", "a//../..", "./../x"}) {
        INFO(path);
        const std::string query = std::string(kFiles) + "?path=" + net::percent_encode(path);
        const Answer read = client.get(query);
        CHECK(read.status >= 400);
        CHECK(read.text.find("secret\n") == std::string::npos);
        // A link itself may be removed or replaced by a file; what it points to is never touched.
        if (path == "leak" || path == "out") continue;
        CHECK(client.send("PUT", query, "overwritten").status >= 400);
        CHECK(client.send("DELETE", query).status >= 400);
    }
    CHECK(client.send("PUT", std::string(kFiles) + "?path=leak", "overwritten").status == 201);
    CHECK(client.send("DELETE", std::string(kFiles) + "?path=out").status == 200);
    CHECK(os::read_file(server.folder() + "/secret-file").value() == "secret");
    CHECK(client.send("PUT", kFiles, "x").status == 400);
    CHECK(client.send("DELETE", kFiles).status == 400);
}

TEST_CASE("the files of a git source are shown at their commit, and read") {
    TestServer server;
    TestClient client(server);
    const source::TestRepository repository(server.folder() + "/team/code");
    client.make_project("name: digits\nsources: [{name: src, git: '" + repository.url() + "'}]\n");
    const std::string files = "/projects/digits/sources/src/files";
    const Answer top = client.get(files);
    REQUIRE(top.status == 200);
    CHECK(top.json["commit"].as_string() == repository.head());
    CHECK(top.json["items"][std::size_t{0}]["name"].as_string() == "code");
    const Answer folder = client.get(files + "?path=code&limit=1");
    REQUIRE(folder.json["items"].size() == 1);
    const json::Value& readme = folder.json["items"][std::size_t{0}];
    CHECK(readme["name"].as_string() == "README");
    const std::string tag = "\"" + repository.git("rev-parse HEAD:README") + "\"";
    CHECK(readme["tag"].as_string() == tag);
    const Answer rest = client.get(files + "?path=code&cursor=" + folder.json["next_cursor"].as_string());
    CHECK(rest.json["items"].size() == 1);
    CHECK(rest.json["next_cursor"].is_null());
    const Answer itself = client.get(files + "?path=code/README&itself=true");
    CHECK(itself.json["items"][std::size_t{0}]["tag"].as_string() == tag);

    const Answer content = client.get(files + "?path=code/src/train.py");
    CHECK(content.status == 200);
    CHECK(content.text == "print('one')\n");
    const Answer part = client.send("GET", files + "?path=code/src/train.py", "", {{"Range", "bytes=6-9"}});
    CHECK(part.status == 206);
    CHECK(part.text == "'one");
    CHECK(client.send("GET", files + "?path=code/README", "", {{"If-Match", "\"0\""}}).status == 412);
    CHECK(client.get(files + "?path=code/none").status == 404);
    CHECK(client.get(files + "?path=../x").status == 400);
    CHECK(client.get("/projects/digits/sources/none/files").status == 404);
}

TEST_CASE("nothing is put into a git source or removed from it, whatever it is asked for with") {
    TestServer server;
    TestClient client(server);
    client.make_project("name: digits\nsources: [{name: src, git: 'https://git.example/src.git'}]\n");
    const std::string source = "/projects/digits/sources/src";
    for (const Answer& refused : {client.send("PUT", source + "/files?path=src/a", "x"),
                                  client.send("DELETE", source + "/files?path=src/a"),
                                  client.post(source + "/uploads?path=src/a", R"({"size_bytes": 1})")}) {
        CHECK(refused.status == 403);
        CHECK(refused.json["message"].as_string().find("files of a git repository are changed by commits") == 0);
        CHECK(refused.json["message"].as_string().find("https://git.example/src.git") != std::string::npos);
    }
}

TEST_CASE("a git source whose repository or branch is not there says so") {
    TestServer server;
    TestClient client(server);
    const source::TestRepository repository(server.folder() + "/team/code");
    client.make_project("name: digits\nsources:\n- {name: src, git: {repository: '" + repository.url() +
                        "', revision: gone}}\n- {name: away, git: 'file:///nowhere/x'}\n"
                        "- {name: mine, git: {repository: 'https://git.example/x', account: none}}\n");
    const Answer gone = client.get("/projects/digits/sources/src/files");
    CHECK(gone.status == 404);
    CHECK(gone.json["message"].as_string().find("has no branch, tag or commit \"gone\"") != std::string::npos);
    CHECK(client.get("/projects/digits/sources/away/files").status == 404);
    const Answer mine = client.get("/projects/digits/sources/mine/files");
    CHECK(mine.status == 404);
    CHECK(mine.json["message"].as_string().find("source mine: ") == 0);
}
