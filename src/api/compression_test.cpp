#include <doctest/doctest.h>

#include "api/test_server.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

net::Response ask(TestServer& server, const std::string& method, const std::string& path, std::string body = "") {
    net::HttpClient http;
    net::ClientRequest request{.method = method, .url = server.url(path)};
    request.headers = {{"Authorization", "Bearer " + server.token()}, {"Accept-Encoding", "gzip"}};
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    return http.send(request).value();
}

bool is_compressed(const net::Response& response) { return response.headers.get("Content-Encoding") == "gzip"; }

}  // namespace

TEST_CASE("long lists are compressed for whoever takes it, and for nobody else") {
    TestServer server;
    TestClient client(server);
    for (int i = 0; i < 20; ++i) client.make_project("name: project-" + std::to_string(i));
    const Answer plain = client.get("/projects");
    const net::Response packed = ask(server, "GET", "/projects");
    CHECK(plain.headers.find("Content-Encoding") == nullptr);
    CHECK(plain.headers.get("Vary") == "Accept-Encoding");
    CHECK(is_compressed(packed));
    CHECK(packed.body.size() * 4 < plain.text.size());
    CHECK(packed.headers.get("Content-Length") == std::to_string(packed.body.size()));
    CHECK(packed.headers.get("Cache-Control") == "no-store");
}

TEST_CASE("answers with secrets, to changes, of errors and of events are never compressed") {
    TestServer server;
    const std::string long_name(2000, 'x');
    CHECK(!is_compressed(ask(server, "GET", "/session")));
    const net::Response made = ask(server, "POST", "/projects", R"({"name":"p","summary":")" + long_name + "\"}");
    CHECK(made.status == 201);
    CHECK(made.body.size() > 2000);
    CHECK(!is_compressed(made));
    const net::Response error = ask(server, "GET", "/projects?" + long_name + "=1");
    CHECK(error.status == 400);
    CHECK(!is_compressed(error));
}
