#include "net/http_client.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include "base/synchronized.hpp"
#include "net/http_server.hpp"
#include "net/sse.hpp"
#include "os/unique_fd.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using net::HttpClient;
using net::HttpServer;
using net::Request;
using net::Responder;
using net::Response;

namespace {

std::unique_ptr<HttpServer> open_server(HttpServer::Handler handler) {
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    return HttpServer::open(options, std::move(handler)).value();
}

void echo(Request request, Responder responder) {
    Response response{200,
                      {{"X-Saw", std::string(request.headers.get("X-Say"))}},
                      request.method + " " + request.target + "\n" + request.body};
    if (request.path == "/teapot") response.status = 418;
    responder.send(std::move(response));
}

/// A port of this machine on which nothing listens, for as long as this lives.
class RefusedPort {
public:
    RefusedPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] int port() const { return port_; }

private:
    os::UniqueFd fd_;
    int port_ = 0;
};

}  // namespace

TEST_CASE("a client sends method, headers and body, and reads status, headers and body") {
    const auto server = open_server(echo);
    const std::string base = "http://" + server->address();
    HttpClient client;
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        CAPTURE(method);
        net::ClientRequest request;
        request.method = method;
        request.headers = {{"X-Say", "hello"}};
        request.body = request.method == "GET" ? "" : std::string("\0body", 5);
        request.url = base + "/a%2Fb?d=e";
        const Response response = client.send(request).value();
        CHECK(response.status == 200);
        CHECK(response.headers.get("x-saw") == "hello");
        CHECK(response.body == request.method + " /a%2Fb?d=e\n" + request.body);
    }
    CHECK(client.send({.method = "POST", .url = base + "/empty"}).value().body == "POST /empty\n");
    const Response head = client.send({.method = "HEAD", .url = base + "/teapot"}).value();
    CHECK(head.status == 418);
    CHECK(head.body.empty());
    CHECK(client.send({.method = "POST", .url = base + "/big", .body = std::string(3'000'000, 'x')})
              .value()
              .body.size() == 3'000'010);
}

TEST_CASE("a client uses its connection again") {
    Synchronized<std::set<std::string>> remotes;
    const auto server = open_server([&](Request request, Responder responder) {
        remotes.with([&](auto& all) { all.insert(request.remote); });
        responder.send({200, {}, "ok"});
    });
    HttpClient client;
    for (int i = 0; i < 5; ++i) CHECK(client.send({.url = "http://" + server->address() + "/"}).value().body == "ok");
    CHECK(remotes.with([](const auto& all) { return all.size(); }) == 1);
}

TEST_CASE("a refused connection is said in a plain sentence") {
    const RefusedPort refused;
    const std::string origin = "http://127.0.0.1:" + std::to_string(refused.port());
    HttpClient client;
    const Error error = client.send({.url = origin + "/path?token=secret"}).error();
    CHECK(error.code == ErrorCode::kUnavailable);
    CHECK(error.message == "could not reach " + origin + ": nothing listens there");
    const Error no_socket =
        client.send({.url = "http://docker/info", .unix_socket_path = "/nonexistent/socket"}).error();
    CHECK(no_socket.code == ErrorCode::kUnavailable);
    CHECK(no_socket.message == "could not reach /nonexistent/socket: nothing listens there");
}

TEST_CASE("proxies from the environment are ignored for this machine") {
    const RefusedPort proxy;
    ::setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
    const auto server = open_server(echo);
    HttpClient client;
    CHECK(client.send({.url = "http://" + server->address() + "/"}).has_value());
    CHECK(client.send({.url = "http://elsewhere.invalid/"}).error().message.find("could not reach") == 0);
    ::unsetenv("http_proxy");
}

TEST_CASE("an answer that does not come in time is a timeout") {
    Synchronized<std::vector<std::unique_ptr<Responder>>> held;
    const auto server = open_server([&](Request, Responder responder) {
        held.with([&](auto& all) { all.push_back(std::make_unique<Responder>(std::move(responder))); });
    });
    HttpClient client;
    const Error error = client.send({.url = "http://" + server->address() + "/", .timeout = Duration(50)}).error();
    CHECK(error.code == ErrorCode::kTimeout);
    CHECK(error.message == "http://" + server->address() + " did not answer within 50 ms");
    CHECK(client
              .stream({.url = "http://" + server->address() + "/", .timeout = Duration(50)},
                      [](std::string_view) { return true; })
              .error()
              .code == ErrorCode::kTimeout);
    held.with([](auto& all) { all.clear(); });
}

TEST_CASE("an answer over the limit is refused") {
    const auto server = open_server([](Request, Responder responder) {
        responder.send({200, {}, std::string(1000, 'x')});
    });
    HttpClient client;
    CHECK(client.send({.url = "http://" + server->address() + "/", .response_limit_bytes = 999}).error().code ==
          ErrorCode::kExhausted);
    CHECK(client.send({.url = "http://" + server->address() + "/", .response_limit_bytes = 1000}).value().body.size() ==
          1000);
}

TEST_CASE("requests that cannot be sent are refused before anything is sent") {
    HttpClient client;
    const std::vector<net::ClientRequest> bad{
        {.url = ""},
        {.url = "file:///etc/passwd"},
        {.url = "127.0.0.1:80"},
        {.url = "http://h/a b"},
        {.url = "http://h/\r\nX: 1"},
        {.method = "GET /x", .url = "http://127.0.0.1:1/"},
        {.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nb: c"}}},
        {.url = "http://127.0.0.1:1/", .headers = {{"X Y", "a"}}},
        {.url = "http://:x/"},
    };
    for (const net::ClientRequest& request : bad) {
        CAPTURE(request.url);
        CHECK(client.send(request).error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("a client reads server-sent events until it has enough") {
    const auto server = open_server([](Request, Responder responder) {
        const auto stream = responder.stream(200, {{"Content-Type", "text/event-stream"}});
        for (int i = 0; stream->wait_below(100'000, std::chrono::minutes(1)); ++i) {
            if (!stream->write(net::sse_event(std::to_string(i), "tick", "line\n" + std::to_string(i)))) return;
        }
    });
    HttpClient client;
    net::SseParser parser;
    std::vector<net::SseEvent> events;
    const auto collect = [&](std::string_view chunk) {
        const auto more = parser.feed(chunk).value();
        events.insert(events.end(), more.begin(), more.end());
        return events.size() < 1000;
    };
    CHECK(client.stream({.url = "http://" + server->address() + "/"}, collect).value().status == 200);
    REQUIRE(events.size() >= 1000);
    CHECK(events[999] == net::SseEvent{"999", "tick", "line\n999"});
}

TEST_CASE("a stream that ends by itself and one that is refused come back with their status") {
    const auto server = open_server([](Request request, Responder responder) {
        if (request.path == "/no") return responder.send({403, {}, "not for you"});
        const auto stream = responder.stream(201, {});
        (void)stream->write("all of it");
    });
    HttpClient client;
    std::string seen;
    const auto collect = [&](std::string_view chunk) {
        seen += chunk;
        return true;
    };
    CHECK(client.stream({.url = "http://" + server->address() + "/yes"}, collect).value().status == 201);
    CHECK(seen == "all of it");
    const Response refused = client.stream({.url = "http://" + server->address() + "/no"}, collect).value();
    CHECK(refused.status == 403);
    CHECK(refused.body == "not for you");
    CHECK(seen == "all of it");
    CHECK_THROWS_AS((void)client.stream({.url = "http://" + server->address() + "/yes"},
                                        [](std::string_view) -> bool { throw std::runtime_error("stop"); }),
                    std::runtime_error);
}

TEST_CASE("a client speaks over a unix socket") {
    const pintle::testing::TempFolder folder;
    const std::string path = folder.path() + "/s";
    const os::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    std::thread server([&] {
        const os::UniqueFd peer(::accept(listener.get(), nullptr, nullptr));
        std::array<char, 4096> buffer;
        const ssize_t got = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
        const std::string_view request(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        const std::string_view answer = request.starts_with("GET /info HTTP/1.1\r\nHost: docker\r\n")
                                            ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
                                            : "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
        ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
    HttpClient client;
    const Response response = client.send({.url = "http://docker/info", .unix_socket_path = path}).value();
    server.join();
    CHECK(response.status == 200);
    CHECK(response.body == "hi");
}

TEST_CASE("a server that breaks off is unavailable, not an empty answer") {
    const os::UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    std::thread server([&] {
        const os::UniqueFd peer(::accept(listener.get(), nullptr, nullptr));
        std::array<char, 4096> buffer;
        (void)::recv(peer.get(), buffer.data(), buffer.size(), 0);
        constexpr std::string_view kCut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
        ::send(peer.get(), kCut.data(), kCut.size(), MSG_NOSIGNAL);
    });
    HttpClient client;
    const Error error =
        client.send({.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"}).error();
    server.join();
    CHECK(error.code == ErrorCode::kUnavailable);
    CHECK(error.message.find("broke") != std::string::npos);
}
