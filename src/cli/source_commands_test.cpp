#include <doctest/doctest.h>

#include "cli/fake_server.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
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
    CHECK(box.run({"source", "add", "d", "code", "--s3", "abc", "--server", "http://h:9000", "--account", "ours"}) ==
          0);
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

TEST_CASE("the branches and tags of a repository are listed") {
    CliBox box;
    box.server.on("POST", "/repositories/revisions",
                  R"({"repository":"https://h/x","revision":null,"sub_path":null,"head":"main","branches":)"
                  R"([{"name":"main","commit":"aaaaaaaaaaaaaaaa"},{"name":"next","commit":"bbbbbbbbbbbbbbbb"}],"tags":)"
                  R"([{"name":"v1","commit":"cccccccccccccccc"}],"cut":true})");
    CHECK(box.run({"source", "revisions", "https://h/x", "--account", "ours"}) == 0);
    CHECK(box.out == "revision  is            commit\nmain      branch, HEAD  aaaaaaaaaaaa\n"
                     "next      branch        bbbbbbbbbbbb\nv1        tag           cccccccccccc\n"
                     "There are more, which can be named too.\n");
    CHECK(box.server.last("POST", "/repositories/revisions").body ==
          R"({"repository":"https://h/x","account":"ours"})");
    box.server.on("POST", "/repositories/revisions",
                  R"({"repository":"https://h/x","head":null,"branches":[],"tags":[],"cut":false})");
    CHECK(box.run({"source", "revisions", "https://h/x"}) == 0);
    CHECK(box.out == "no branches and no tags; its commits can still be named\n");
    CHECK(box.run({"source", "revisions"}) == 2);
}

TEST_CASE("sources are tried one by one") {
    CliBox box;
    box.server.on("GET", "/projects/d/sources", R"({"items":[{"name":"a"},{"name":"b"}],"next_cursor":null})");
    box.server.on("POST", "/projects/d/sources/a/check",
                  R"({"source":"a","ok":true,"message":"h:/x can be mounted","took_ms":3})");
    box.server.on("POST", "/projects/d/sources/b/check",
                  R"({"source":"b","ok":false,"message":"source b: no answer","took_ms":9})");
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
        const std::string* found = request.query.find("path");
        const std::string path = found == nullptr ? "" : *found;
        if (request.query.find("itself") != nullptr) {
            if (path.empty()) return json_answer(200, R"({"items":[{"name":"","kind":"folder"}],"next_cursor":null})");
            if (path == "sub/b.txt")
                return json_answer(
                    200,
                    R"({"items":[{"name":"b.txt","kind":"file","size_bytes":20,"tag":"\"20-2\""}],"next_cursor":null})");
            return error_answer(404, "not_found", "there is no such file");
        }
        if (request.query.find("download") != nullptr) return json_answer(200, "content of " + path);
        if (path.empty()) {
            return json_answer(
                200,
                R"({"items":[{"name":"a.txt","kind":"file","size_bytes":16,"modified_at":"2026-03-01T11:57:00Z","tag":"\"16-1\""},{"name":"sub","kind":"folder"}],"next_cursor":null})");
        }
        return json_answer(
            200, R"({"items":[{"name":"b.txt","kind":"file","size_bytes":20,"tag":"\"20-2\""}],"next_cursor":null})");
    });
    CHECK(box.run({"source", "files", "d", "data"}) == 0);
    CHECK(box.out == "name       size  changed\na.txt  16 bytes  3 min ago\nsub/\n");
    const std::string to = box.folder.path() + "/down";
    box.server.on("GET", "/projects/d/sources/code/files",
                  R"({"items":[{"name":"README","kind":"file","size_bytes":3,"modified_at":"2026-03-01T11:57:00Z"}],)"
                  R"("next_cursor":null,"commit":"0123456789abcdef0123456789abcdef01234567"})");
    CHECK(box.run({"source", "files", "d", "code"}) == 0);
    CHECK(box.out == "code at commit 0123456789ab\nname       size  changed\nREADME  3 bytes  3 min ago\n");
    CHECK(box.run({"source", "files", "d", "code", "-o", "json"}) == 0);
    CHECK(box.out.find("\"commit\": \"0123456789abcdef0123456789abcdef01234567\"") != std::string::npos);
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
        box.server.on("GET", "/projects/d/sources/data/files", [name](const net::Request& request) {
            if (request.query.find("itself") != nullptr)
                return json_answer(200, R"({"items":[{"name":"","kind":"folder"}],"next_cursor":null})");
            return json_answer(200, R"({"items":[{"name":")" + name + R"(","kind":"file"}],"next_cursor":null})");
        });
        CHECK(box.run({"source", "download", "d", "data", "--output", box.folder.path() + "/down"}) == 5);
    }
    CHECK_FALSE(os::exists(box.folder.path() + "/down"));
}

namespace {

/// A server that takes uploads into d/data, as far as it is not told to fail.
struct UploadTaker {
    explicit UploadTaker(CliBox& box) {
        box.server.on("POST", "/projects/d/sources/data/uploads", [this](const net::Request& request) {
            wishes.push_back(request.body);
            return answer(201);
        });
        box.server.on("GET", "/projects/d/sources/data/uploads/U1",
                      [this](const net::Request&) { return answer(200); });
        box.server.on("PATCH", "/projects/d/sources/data/uploads/U1", [this](const net::Request& request) {
            ++pieces;
            if (pieces == lose_answer) {
                content += request.body;
                return error_answer(503, "unavailable", "the server is stopping");
            }
            if (pieces == refuse) return error_answer(409, "conflict", "x is a folder; a file cannot take its place");
            if (*request.query.find("offset") != std::to_string(content.size()))
                return error_answer(409, "conflict", "wrong",
                                    fmt::format(R"([{{"path":"offset","message":"{}"}}])", content.size()));
            content += request.body;
            return answer(200);
        });
    }
    net::Response answer(int status) const {
        return json_answer(status, fmt::format(R"({{"id":"U1","offset":{},"state":"{}","fault":{}}})", content.size(),
                                               content.size() == size ? "done" : "receiving", fault));
    }
    std::string content;
    std::size_t size = 0;
    std::string fault = "null";
    std::vector<std::string> wishes;
    int pieces = 0;
    int lose_answer = -1;
    int refuse = -1;
};

std::string large_content() {
    std::string content(std::size_t{5} << 20, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761U >> 13);
    return content;
}

}  // namespace

TEST_CASE("a large file goes in pieces, and on from where it stopped") {
    CliBox box;
    UploadTaker taker(box);
    const std::string content = large_content();
    taker.size = content.size();
    const std::string path = box.file("big", content);
    SUBCASE("without trouble") {}
    SUBCASE("when an answer is lost") { taker.lose_answer = 2; }
    SUBCASE("when a part is there already") { taker.content = content.substr(0, 3'000'000); }
    CHECK(box.run({"source", "upload", "d", "data", path}) == 0);
    CHECK(taker.content == content);
    CHECK(taker.wishes.at(0).find(R"("fingerprint":"5242880-)") != std::string::npos);
}

TEST_CASE("an upload that cannot get to its place fails with the server's words") {
    CliBox box;
    UploadTaker taker(box);
    taker.size = 5 << 20;
    taker.refuse = 2;
    taker.fault = R"("x is a folder; a file cannot take its place")";
    CHECK(box.run({"source", "upload", "d", "data", box.file("big", large_content())}) == 4);
    CHECK(box.err.find("is a folder") != std::string::npos);
}

TEST_CASE("copies go to folders that are there, and under the name that is said") {
    CliBox box;
    box.server.on("PUT", "/projects/d/sources/data/files", "{}");
    box.server.on("GET", "/projects/d/sources/data/files", [](const net::Request& request) {
        const std::string* path = request.query.find("path");
        if (path == nullptr || *path == "raw")
            return json_answer(200, R"({"items":[{"name":"raw","kind":"folder"}],"next_cursor":null})");
        return error_answer(404, "not_found", "there is none");
    });
    box.file("up/a.txt", "a");
    box.file("up/.git/b", "b");
    const std::string up = box.folder.path() + "/up";
    const auto target = [&] { return *box.server.requests().back().query.find("path"); };
    CHECK(box.run({"cp", up + "/a.txt", "d/data:"}) == 0);
    CHECK(box.out == "1 file copied\n");
    CHECK(target() == "a.txt");
    CHECK(box.run({"cp", up + "/a.txt", "d/data:raw"}) == 0);
    CHECK(target() == "raw/a.txt");
    CHECK(box.run({"cp", up + "/a.txt", "d/data:new/"}) == 0);
    CHECK(target() == "new/a.txt");
    CHECK(box.run({"cp", up + "/a.txt", "d/data:new"}) == 0);
    CHECK(target() == "new");
    CHECK(box.run({"cp", up, "d/data:raw"}) == 2);
    CHECK(box.run({"cp", "-r", up, "d/data:raw"}) == 0);
    CHECK(box.out == "2 files copied\n");
    CHECK(target() == "raw/up/a.txt");
    CHECK(box.run({"cp", "-r", up + "/.", "d/data:raw"}) == 0);
    CHECK(target() == "raw/a.txt");
    CHECK(box.run({"cp", "a", "b"}) == 2);
    CHECK(box.run({"cp", "d/data:none", up}) == 3);
    CHECK(box.run({"cp", up + "/none", "d/data:"}) == 3);
}
