#include <sys/stat.h>

#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "net/url.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kFiles = "/projects/digits/sources/data/files";
constexpr const char* kUploads = "/projects/digits/sources/data/uploads";

struct Area {
    TestServer server;
    TestClient client{server};
    Area() { client.make_project(std::string(kDigits)); }
    std::string begin(const std::string& path, std::int64_t size, const std::string& more = "") {
        const Answer begun =
            client.post(fmt::format("{}?path={}", kUploads, path), fmt::format(R"({{"size_bytes":{}{}}})", size, more));
        REQUIRE(begun.status == 201);
        return begun.json["id"].as_string();
    }
    Answer piece(const std::string& id, std::int64_t offset, const std::string& bytes) {
        return client.send("PATCH", fmt::format("{}/{}?offset={}", kUploads, id, offset), bytes);
    }
};

}  // namespace

TEST_CASE("a file is sent in pieces and is there as a whole after the last") {
    Area area;
    const std::string id = area.begin("a/b.bin", 6);
    const Answer first = area.piece(id, 0, std::string("a\0\xff", 3));
    CHECK(first.status == 200);
    CHECK(first.json["offset"].as_int() == 3);
    CHECK(first.json["state"].as_string() == "receiving");
    CHECK(area.client.get(kFiles).json["items"].size() == 0);
    const Answer last = area.piece(id, 3, "def");
    CHECK(last.json["state"].as_string() == "done");
    CHECK(area.client.get(std::string(kFiles) + "?path=a/b.bin").text == std::string("a\0\xff" "def", 6));
    CHECK(area.client.get(fmt::format("{}/{}", kUploads, id)).json["state"].as_string() == "done");
}

TEST_CASE("a piece at the wrong place is answered with the right one") {
    Area area;
    const std::string id = area.begin("file", 6);
    REQUIRE(area.piece(id, 0, "abc").status == 200);
    const Answer wrong = area.piece(id, 0, "abc");
    CHECK(wrong.status == 409);
    CHECK(wrong.json["details"][std::size_t{0}]["path"].as_string() == "offset");
    CHECK(wrong.json["details"][std::size_t{0}]["message"].as_string() == "3");
    CHECK(area.piece(id, 3, "defg").status == 400);
    CHECK(area.piece(id, -1, "x").status == 400);
    CHECK(area.client.send("PATCH", fmt::format("{}/{}", kUploads, id), "x").status == 400);
}

TEST_CASE("an upload goes on after the server was started again, and by its fingerprint") {
    Area area;
    const std::string same = R"(,"fingerprint":"6-17")";
    const std::string id = area.begin("file", 6, same);
    REQUIRE(area.piece(id, 0, "abc").status == 200);
    area.server.restart();
    TestClient client(area.server);
    const Answer again = client.post(std::string(kUploads) + "?path=file", R"({"size_bytes":6,"fingerprint":"6-17"})");
    CHECK(again.json["id"].as_string() == id);
    CHECK(again.json["offset"].as_int() == 3);
    CHECK(client.send("PATCH", fmt::format("{}/{}?offset=3", kUploads, id), "def").json["state"].as_string() == "done");
    CHECK(client.get(std::string(kFiles) + "?path=file").text == "abcdef");
}

TEST_CASE("where a file of an upload cannot be put is said at once, or when it is tried") {
    Area area;
    const auto begin = [&](const std::string& path, const std::string& body) {
        return area.client.post(fmt::format("{}?path={}", kUploads, net::percent_encode(path)), body);
    };
    for (const std::string path : {"../x", "/etc/x", "", "a/../../x"}) {
        CAPTURE(path);
        CHECK(begin(path, R"({"size_bytes":1})").status == 400);
    }
    CHECK(begin("x", R"({"size_bytes":-1})").status == 400);
    CHECK(begin("x", R"({"size_bytes":1,"sha256":"abc"})").status == 400);
    CHECK(begin("x", R"({})").status == 400);
    const Answer large = begin("x", R"({"size_bytes":1000000000000000000})");
    CHECK(large.status == 507);
    CHECK(large.json["message"].as_string().find("free for the source data") != std::string::npos);

    const std::string id = area.begin("place", 1);
    REQUIRE(area.client.send("PUT", std::string(kFiles) + "?path=place/inner", "x").status == 201);
    const Answer refused = area.piece(id, 0, "1");
    CHECK(refused.status == 409);
    CHECK(refused.json["message"].as_string() == "\"place\" is a folder; a file cannot take its place");
    CHECK(area.client.get(fmt::format("{}/{}", kUploads, id)).json["fault"].as_string() ==
          refused.json["message"].as_string());
    REQUIRE(area.client.send("DELETE", std::string(kFiles) + "?path=place").status == 200);
    CHECK(area.piece(id, 1, "").json["state"].as_string() == "done");

    const std::string orphan = area.begin("orphan", 1);
    REQUIRE(area.client.send("DELETE", "/projects/digits/sources/data").status == 200);
    CHECK(area.piece(orphan, 0, "1").status == 404);
}

TEST_CASE("a large file is checked while nobody waits, and asking tells when it is in its place") {
    Area area;
    constexpr std::int64_t kSize = 65 << 20;
    // Of that many zero bytes.
    const std::string sum = "9aee7a9a04a8f2a0e3e1d1fa6a4aa8ea71ed2ea2cf3ee8b4d11ee1f1f2dd4d0e";
    const std::string id = area.begin("zeros", kSize, fmt::format(R"(,"sha256":"{}")", sum));
    const std::string staged = area.server.storage_folder() + "/.pintle-uploads/upload-" + id;
    REQUIRE(::truncate(staged.c_str(), kSize) == 0);
    CHECK(area.piece(id, kSize, "").json["state"].as_string() == "storing");
    Answer told;
    do told = area.client.get(fmt::format("{}/{}", kUploads, id));
    while (told.json["state"].as_string() == "storing");
    // The sum is made up, so that what is told is that it is wrong.
    CHECK(told.json["state"].as_string() == "receiving");
    CHECK(told.json["offset"].as_int() == 0);
    CHECK(told.json["fault"].as_string().find(sum) != std::string::npos);
}

TEST_CASE("uploads are their senders' own, and can be listed and cancelled") {
    Area area;
    const std::string id = area.begin("file", 2);
    CHECK(area.client.get(kUploads).json["items"].size() == 1);
    const Person other = a_person(area.server, "other", domain::kDefaultGroup);
    TestClient theirs(area.server, other.token);
    CHECK(theirs.get(kUploads).json["items"].size() == 0);
    CHECK(theirs.get(fmt::format("{}/{}", kUploads, id)).status == 403);
    CHECK(area.client.send("DELETE", fmt::format("{}/{}", kUploads, id)).status == 200);
    CHECK(area.client.get(fmt::format("{}/{}", kUploads, id)).status == 404);
    CHECK(area.piece(id, 0, "ab").status == 404);
    CHECK(os::list_folder(area.server.storage_folder() + "/.pintle-uploads").value().empty());
}

TEST_CASE("an upload without a piece for a day is gone after the next start") {
    Area area;
    const std::string id = area.begin("file", 2);
    area.server.advance(std::chrono::hours(25));
    area.server.restart();
    TestClient client(area.server);
    CHECK(client.get(fmt::format("{}/{}", kUploads, id)).status == 404);
}

TEST_CASE("a body that is too large for a file or a piece is refused, and what to do is said") {
    Area area;
    const std::string large((16 << 20) + 1, 'x');
    const Answer put = area.client.send("PUT", std::string(kFiles) + "?path=x", large);
    CHECK(put.status == 413);
    CHECK(put.json["message"].as_string().find("in pieces") != std::string::npos);
    const std::string id = area.begin("x", 100 << 20);
    CHECK(area.piece(id, 0, large).status == 413);
    CHECK(area.piece(id, 0, large.substr(1)).status == 200);
}

TEST_CASE("a part of a file is sent for a Range, and all of it when the file changed since") {
    Area area;
    REQUIRE(area.client.send("PUT", std::string(kFiles) + "?path=f", "0123456789").status == 201);
    const std::string file = std::string(kFiles) + "?path=f";
    const Answer whole = area.client.get(file);
    CHECK(whole.headers.get("Content-Length") == "10");
    CHECK(whole.headers.get("Accept-Ranges") == "bytes");
    const std::string tag(whole.headers.get("ETag"));
    const Answer rest = area.client.get(file, {{"Range", "bytes=4-"}, {"If-Range", tag}});
    CHECK(rest.status == 206);
    CHECK(rest.text == "456789");
    CHECK(rest.headers.get("Content-Range") == "bytes 4-9/10");
    CHECK(area.client.get(file, {{"Range", "bytes=2-3"}}).text == "23");
    CHECK(area.client.get(file, {{"Range", "bytes=-2"}}).text == "89");
    const Answer beyond = area.client.get(file, {{"Range", "bytes=10-"}});
    CHECK(beyond.status == 416);
    CHECK(beyond.headers.get("Content-Range") == "bytes */10");
    const Answer itself = area.client.get(file + "&itself=1");
    CHECK(itself.json["items"][std::size_t{0}]["kind"].as_string() == "file");
    CHECK(itself.json["items"][std::size_t{0}]["tag"].as_string() == tag);
    CHECK(area.client.get(std::string(kFiles) + "?itself=1").json["items"][std::size_t{0}]["kind"].as_string() ==
          "folder");
    CHECK(area.client.get(std::string(kFiles) + "?path=none&itself=1").status == 404);
    CHECK(area.client.get(file, {{"Range", "bytes=4-"}, {"If-Match", tag}}).text == "456789");
    CHECK(area.client.get(file, {{"Range", "bytes=4-"}, {"If-Match", "\"another\""}}).status == 412);
    const Answer changed = area.client.get(file, {{"Range", "bytes=4-"}, {"If-Range", "\"another\""}});
    CHECK(changed.status == 200);
    CHECK(changed.text == "0123456789");
}

TEST_CASE("names that are not UTF-8 are listed, read, put and removed by their encoded name") {
    Area area;
    const std::string name = "caf\xe9 \n%25.txt";
    const std::string encoded = net::percent_encode(name);
    const std::string query = fmt::format("?encoded_path={}", net::percent_encode("d/" + encoded));
    REQUIRE(area.client.send("PUT", kFiles + query, "bytes").status == 201);
    const Answer listed = area.client.get(std::string(kFiles) + "?path=d");
    REQUIRE(listed.json["items"].size() == 1);
    CHECK(listed.json["items"][std::size_t{0}]["encoded_name"].as_string() == encoded);
    CHECK(area.client.get(kFiles + query).text == "bytes");
    CHECK(os::read_file(area.server.storage_folder() + "/org/default/digits/data/d/" + name).value() == "bytes");
    REQUIRE(area.client.send("PUT", std::string(kFiles) + "?path=d/e", "x").status == 201);
    const Answer first = area.client.get(std::string(kFiles) + "?path=d&limit=1");
    const Answer second = area.client.get(
        std::string(kFiles) + "?path=d&limit=1&cursor=" + net::percent_encode(first.json["next_cursor"].as_string()));
    CHECK(first.json["items"][std::size_t{0}]["encoded_name"].as_string() == encoded);
    CHECK(second.json["items"][std::size_t{0}]["name"].as_string() == "e");
    CHECK(second.json["items"][std::size_t{0}]["encoded_name"].is_null());
    CHECK(area.client.send("DELETE", kFiles + query).status == 200);
    CHECK(area.client.get(kFiles + query).status == 404);
    CHECK(area.client.get(std::string(kFiles) + "?path=a&encoded_path=b").status == 400);
    CHECK(area.client.get(std::string(kFiles) + "?encoded_path=%25zz").status == 400);
}
