#include <doctest/doctest.h>

#include "cli/fake_server.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::json_answer;

TEST_CASE("sources are listed, shown, added and removed") {
    CliBox box;
    box.server.on(
        "GET", "/projects/d/sources",
        R"({"items":[{"name":"data","cluster_storage":"default","mount_path":"/workspace/data"},)"
        R"({"name":"old","nfs":{"server":"10.0.0.5","path":"/x"}},{"name":"new","s3":{"bucket":"abc","server":"h:9000"}}],)"
        R"("next_cursor":null})");
    CHECK(box.run({"source", "list", "d"}) == 0);
    CHECK(box.out == "source  kind     from           mounted at\ndata    storage  default        /workspace/data\n"
                     "old     nfs      10.0.0.5:/x\nnew     s3       abc on h:9000\n");
    box.server.on("GET", "/projects/d/sources/data", R"({"name":"data","cluster_storage":"default"})");
    CHECK(box.run({"source", "show", "d", "data"}) == 0);
    CHECK(box.out == "name: data\ncluster_storage: default\n");
    box.server.on("POST", "/projects/d/sources", R"({"name":"code"})");
    CHECK(box.run({"source", "add", "d", "code", "--git", "https://example.org/x.git", "--revision", "main",
                   "--read-only"}) == 0);
    CHECK(box.server.last("POST", "/projects/d/sources").body ==
          R"({"name":"code","git":{"repository":"https://example.org/x.git","revision":"main"},"read_only":true})");
    CHECK(box.run({"source", "add", "d", "code", "--nfs", "10.0.0.5:/exports"}) == 0);
    CHECK(box.server.last("POST", "/projects/d/sources").body == R"({"name":"code","nfs":"10.0.0.5:/exports"})");
    CHECK(box.run({"source", "add", "d", "code", "--s3", "abc", "--server", "http://h:9000", "--account", "ours"}) == 0);
    CHECK(box.server.last("POST", "/projects/d/sources").body ==
          R"({"name":"code","s3":{"bucket":"abc","server":"http://h:9000","account":"ours"}})");
    CHECK(box.run({"source", "add", "d", "-f", box.file("s.yaml", "name: more\ncluster_storage: default\n")}) == 0);
    CHECK(box.out == "added more to d\n");
    CHECK(box.run({"source", "add", "d", "-f", box.file("s.yaml", "a: [")}) == 2);
    CHECK(box.err.find("s.yaml:") != std::string::npos);
    CHECK(box.run({"source", "add", "d", "code"}) == 2);
    CHECK(box.run({"source", "add", "d", "code", "--git", "x", "--storage", "y"}) == 2);
    box.server.on("DELETE", "/projects/d/sources/data", "{}");
    CHECK(box.run({"source", "remove", "d", "data"}) == 0);
    CHECK(box.out == "removed data from d\n");
}

TEST_CASE("sources are tried one by one") {
    CliBox box;
    box.server.on("GET", "/projects/d/sources", R"({"items":[{"name":"a"},{"name":"b"}],"next_cursor":null})");
    box.server.on("POST", "/projects/d/sources/a/check", R"({"source":"a","ok":true,"message":"h:/x can be mounted","took_ms":3})");
    box.server.on("POST", "/projects/d/sources/b/check", R"({"source":"b","ok":false,"message":"source b: no answer","took_ms":9})");
    CHECK(box.run({"mount-check", "d"}) == 1);
    CHECK(box.out == "ok      a: h:/x can be mounted\nfailed  source b: no answer\n");
    CHECK(box.run({"mount-check", "d", "a"}) == 0);
}

TEST_CASE("files go up and come down") {
    CliBox box;
    box.server.on("PUT", "/projects/d/sources/data/files", "{}");
    box.file("up/a.txt", "a");
    box.file("up/sub/b.txt", "b");
    CHECK(box.run({"source", "upload", "d", "data", box.folder.path() + "/up", "--to", "raw"}) == 0);
    CHECK(box.out == "2 files uploaded into data of d\n");
    CHECK(*box.server.requests().back().query.find("path") == "raw/sub/b.txt");
    CHECK(box.run({"source", "upload", "d", "data", box.folder.path() + "/up/a.txt"}) == 0);
    CHECK(*box.server.requests().back().query.find("path") == "a.txt");
    CHECK(box.run({"source", "upload", "d", "data", box.folder.path() + "/none"}) == 3);

    box.server.on("GET", "/projects/d/sources/data/files", [](const net::Request& request) {
        const std::string* path = request.query.find("path");
        if (request.query.find("download") != nullptr) return json_answer(200, "content of " + *path);
        if (path == nullptr) {
            return json_answer(
                200,
                R"({"items":[{"name":"a.txt","kind":"file","size_bytes":12,"modified_at":"2026-03-01T11:57:00Z"},{"name":"sub","kind":"folder"}],"next_cursor":null})");
        }
        return json_answer(200, R"({"items":[{"name":"b.txt","kind":"file","size_bytes":1}],"next_cursor":null})");
    });
    CHECK(box.run({"source", "files", "d", "data"}) == 0);
    CHECK(box.out == "name       size  changed\na.txt  12 bytes  3 min ago\nsub/\n");
    const std::string to = box.folder.path() + "/down";
    CHECK(box.run({"source", "download", "d", "data", "--output", to}) == 0);
    CHECK(box.out == "2 files written to " + to + "\n");
    CHECK(os::read_file(to + "/a.txt").value() == "content of a.txt");
    CHECK(os::read_file(to + "/sub/b.txt").value() == "content of sub/b.txt");
    CHECK(box.run({"source", "download", "d", "data", "sub/b.txt", "--output", to + "/one"}) == 0);
    CHECK(os::read_file(to + "/one").value() == "content of sub/b.txt");
    CHECK(box.run({"source", "download", "d", "data", "sub/none", "--output", to + "/two"}) == 3);
    CHECK_FALSE(os::exists(to + "/two"));
}

TEST_CASE("a server cannot place files outside the folder they are fetched into") {
    CliBox box;
    for (const std::string name : {"..", ".", "a/b", "/etc/x", "", "\\u0000"}) {
        CAPTURE(name);
        box.server.on("GET", "/projects/d/sources/data/files", [name](const net::Request&) {
            return json_answer(200, R"({"items":[{"name":")" + name + R"(","kind":"file"}],"next_cursor":null})");
        });
        CHECK(box.run({"source", "download", "d", "data", "--output", box.folder.path() + "/down"}) == 5);
    }
    CHECK(os::list_folder(box.folder.path() + "/down").value().empty());
}
