#include "net/http_server.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include "base/bounded_queue.hpp"
#include "net/raw_client.hpp"

using namespace pintle;
using net::HttpServer;
using net::Request;
using net::Responder;
using net::Response;
using net::testing::RawClient;

namespace {

HttpServer::Options test_options() {
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    options.worker_threads = 2;
    return options;
}

std::unique_ptr<HttpServer> open_server(HttpServer::Handler handler, HttpServer::Options options = test_options()) {
    return HttpServer::open(std::move(options), std::move(handler)).value();
}

/// Says back what it got.
void echo(Request request, Responder responder) {
    std::string text = request.method + " " + request.path + "\n" + request.body;
    responder.send({200, {{"Content-Type", "text/plain"}}, std::move(text)});
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

/// Hands every responder to the test instead of answering.
struct Held {
    HttpServer::Handler handler() {
        return [this](Request, Responder responder) { (void)arrived.push(std::move(responder)); };
    }
    Responder next() { return arrived.pop().value(); }

    BoundedQueue<Responder> arrived{16};
};

}  // namespace

TEST_CASE("one connection serves many requests, each with its own id") {
    const auto server = open_server(echo);
    RawClient client(server->address());
    std::set<std::string> ids;
    for (int i = 0; i < 10; ++i) {
        CHECK(client.send("POST /x%20y?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"));
        const Response response = client.read_answer();
        CHECK(response.status == 200);
        CHECK(response.body == "POST /x y\nhi");
        CHECK(response.headers.get("Content-Type") == "text/plain");
        CHECK(response.headers.get("Date").size() == 29);
        ids.insert(std::string(response.headers.get("X-Request-Id")));
    }
    CHECK(ids.size() == 10);
    CHECK(ids.begin()->size() == 26);
}

TEST_CASE("a side door leads to the same server, and is closed without harm to who came through it") {
    const auto server = open_server(echo);
    const std::string port = server->address().substr(server->address().rfind(':'));
    const std::string door = "127.0.0.77" + port;
    REQUIRE(server->open_side_door(door).has_value());
    CHECK(server->open_side_door(door).error().code == ErrorCode::kConflict);
    // An address that the machine does not have, or not yet.
    REQUIRE(server->open_side_door("192.0.2.1" + port).has_value());
    RawClient client(door);
    CHECK(client.send(kGet));
    CHECK(client.read_answer().body == "GET /a\n");
    server->close_side_door(door);
    server->close_side_door("127.0.0.78" + port);
    CHECK(client.send(kGet));
    CHECK(client.read_answer().status == 200);
    RawClient main(server->address());
    CHECK(main.send(kGet));
    CHECK(main.read_answer().status == 200);
}

TEST_CASE("the handler learns who asks and under which id") {
    std::promise<Request> seen;
    const auto server = open_server([&](Request request, Responder responder) {
        responder.send({204, {}, {}});
        seen.set_value(std::move(request));
    });
    RawClient client(server->address());
    client.send("DELETE /a/b?c=d HTTP/1.1\r\nHost: h\r\nX-Thing: 1\r\nX-Request-Id: forged\r\n\r\n");
    const Response response = client.read_answer();
    const Request request = seen.get_future().get();
    CHECK(response.status == 204);
    CHECK(response.headers.find("Content-Length") == nullptr);
    CHECK(request.request_id == response.headers.get("X-Request-Id"));
    CHECK(request.request_id != "forged");
    CHECK(request.remote.starts_with("127.0.0.1:"));
    CHECK(request.segments == std::vector<std::string>{"a", "b"});
    CHECK(*request.query.find("c") == "d");
    CHECK(request.headers.get("x-thing") == "1");
    CHECK(request.target == "/a/b?c=d");
}

TEST_CASE("pipelined requests are answered in order") {
    const auto server = open_server(echo);
    RawClient client(server->address());
    std::string all;
    for (int i = 0; i < 50; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    client.send(all);
    for (int i = 0; i < 50; ++i) CHECK(client.read_answer().body == "GET /" + std::to_string(i) + "\n");
}

TEST_CASE("a request may arrive byte by byte, chunked, after empty lines") {
    const auto server = open_server(echo);
    RawClient client(server->address());
    const std::string text =
        "\r\n\r\nPUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (const char c : text) client.send(std::string_view(&c, 1));
    CHECK(client.read_answer().body == "PUT /a\nabc");
}

TEST_CASE("HEAD gets the headers of GET without the body") {
    const auto server = open_server(echo);
    RawClient client(server->address());
    client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
    const Response head = client.read_answer(true);
    CHECK(head.status == 200);
    CHECK(head.headers.get("Content-Length") == "8");
    CHECK(client.read_answer().body == "GET /a\n");
}

TEST_CASE("a client that asks first is told to continue") {
    const auto server = open_server(echo);
    RawClient client(server->address());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    CHECK(client.read_answer().body == "POST /\nabc");
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection after the answer") {
    const auto server = open_server(echo);
    for (const char* text : {"GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}) {
        RawClient client(server->address());
        client.send(text);
        const Response response = client.read_answer();
        CHECK(response.status == 200);
        CHECK(response.headers.get("Connection") == "close");
        CHECK(client.is_closed());
    }
    RawClient kept(server->address());
    kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(kept.read_answer().headers.get("Connection") == "keep-alive");
    kept.send("GET /b HTTP/1.0\r\n\r\n");
    CHECK(kept.read_answer().body == "GET /b\n");
}

TEST_CASE("a body over the limit gets 413 as JSON, even when the client keeps sending it") {
    HttpServer::Options options = test_options();
    options.body_limit_bytes = 1000;
    const auto server = open_server(echo, options);
    RawClient asks(server->address());
    asks.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
    const Response response = asks.read_answer();
    CHECK(response.status == 413);
    CHECK(response.headers.get("Content-Type") == "application/json");
    CHECK(response.body.starts_with(
        R"({"code":"exhausted","message":"the body of the request is larger than 1.0 kB","details":[],"request_id":")"));
    CHECK(response.body.find(response.headers.get("X-Request-Id")) != std::string::npos);

    RawClient sends(server->address());
    sends.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'x'));
    sends.finish_sending();
    CHECK(sends.read_answer().status == 413);
    CHECK(sends.is_closed());
}

TEST_CASE("requests that are not HTTP get an answer and are closed") {
    const auto server = open_server(echo);
    const std::vector<std::pair<std::string, int>> cases{
        {"nonsense\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(20000, 'x') + "\r\n\r\n", 431},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x'), 431},
    };
    for (const auto& [text, status] : cases) {
        CAPTURE(text.substr(0, 80));
        RawClient client(server->address());
        client.send(text);
        client.finish_sending();
        CHECK(client.read_answer().status == status);
        CHECK(client.is_closed());
    }
    RawClient cut(server->address());
    cut.send("GET / HTTP/1.1\r\nHo");
    cut.finish_sending();
    CHECK(cut.is_closed());
}

TEST_CASE("a client that sends its request too slowly is told so and closed, a silent one is closed") {
    HttpServer::Options options = test_options();
    options.request_timeout = Duration(50);
    options.idle_timeout = Duration(50);
    const auto server = open_server(echo, options);
    for (const char* text : {"GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"}) {
        RawClient slow(server->address());
        slow.send(text);
        CHECK(slow.read_answer().status == 408);
        CHECK(slow.is_closed());
    }
    RawClient silent(server->address());
    CHECK(silent.is_closed());
    RawClient idle(server->address());
    idle.send(kGet);
    CHECK(idle.read_answer().status == 200);
    CHECK(idle.is_closed());
}

TEST_CASE("an answer may come from another thread, long after the handler returned") {
    Held held;
    const auto server = open_server(held.handler());
    RawClient client(server->address());
    client.send(kGet + "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    Responder first = held.next();
    std::thread([&] { first.send({200, {}, "first"}); }).join();
    CHECK(client.read_answer().body == "first");
    Responder second = held.next();
    first.send({200, {}, "too late"});
    second.send({200, {}, "second"});
    second.send({200, {}, "twice"});
    CHECK(client.read_answer().body == "second");
}

TEST_CASE("a handler that throws or forgets to answer answers 500") {
    const auto server = open_server([](Request request, Responder) {
        if (request.path == "/throw") throw std::runtime_error("on purpose");
    });
    RawClient client(server->address());
    for (const char* path : {"/throw", "/forget"}) {
        client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        const Response response = client.read_answer();
        CHECK(response.status == 500);
        CHECK(response.body.starts_with(R"({"code":"internal",)"));
    }
}

TEST_CASE("a header that would split the answer is dropped, framing is the server's own") {
    const auto server = open_server([](Request, Responder responder) {
        responder.send({200, {{"X-Bad", "a\r\nX-Evil: 1"}, {"content-length", "999"}, {"X-Good", "1"}}, "ok"});
    });
    RawClient client(server->address());
    client.send(kGet);
    const Response response = client.read_answer();
    CHECK(response.headers.find("X-Bad") == nullptr);
    CHECK(response.headers.find("X-Evil") == nullptr);
    CHECK(response.headers.get("X-Good") == "1");
    CHECK(response.headers.count("Content-Length") == 1);
    CHECK(response.body == "ok");
}

TEST_CASE("when all workers are busy and the queue is full, further requests get 503") {
    HttpServer::Options options = test_options();
    options.worker_threads = 1;
    options.request_queue = 1;
    std::promise<void> busy;
    std::promise<void> go_on;
    const std::shared_future<void> may_go_on = go_on.get_future().share();
    std::once_flag once;
    const auto server = open_server(
        [&](Request request, Responder responder) {
            std::call_once(once, [&] { busy.set_value(); });
            may_go_on.wait();
            echo(std::move(request), std::move(responder));
        },
        options);
    RawClient first(server->address());
    first.send(kGet);
    busy.get_future().wait();
    // One of these three takes the only place in the queue; the others are refused while the worker is still busy.
    BoundedQueue<int> statuses(3);
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back([&] {
            RawClient client(server->address());
            client.send(kGet);
            const int status = client.read_answer().status;
            (void)statuses.push(status);
        });
    }
    CHECK(statuses.pop() == 503);
    CHECK(statuses.pop() == 503);
    go_on.set_value();
    CHECK(statuses.pop() == 200);
    CHECK(first.read_answer().status == 200);
    for (std::thread& client : clients) client.join();
}

TEST_CASE("connections over the maximum get 503 and are closed, until others leave") {
    HttpServer::Options options = test_options();
    options.max_connections = 2;
    const auto server = open_server(echo, options);
    RawClient first(server->address());
    RawClient second(server->address());
    for (RawClient* client : {&first, &second}) {
        client->send(kGet);
        CHECK(client->read_answer().status == 200);
    }
    RawClient third(server->address());
    const Response refused = third.read_answer();
    CHECK(refused.status == 503);
    CHECK(refused.body.starts_with(R"({"code":"exhausted",)"));
    CHECK(third.is_closed());
    third.close();
    first.close();
    int status = 0;
    while (status != 200) {
        RawClient next(server->address());
        next.send(kGet);
        status = next.read_answer().status;
    }
    CHECK(status == 200);
}

TEST_CASE("a thousand connections are served at the same time") {
    const auto server = open_server(echo);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<RawClient>(server->address()));
    for (int round = 0; round < 3; ++round) {
        for (const auto& client : clients) REQUIRE(client->send(kGet));
        int good = 0;
        for (const auto& client : clients) good += client->read_answer().status == 200 ? 1 : 0;
        CHECK(good == 1000);
    }
}

TEST_CASE("a large body goes both ways whole") {
    const auto server = open_server(echo);
    std::string body(10'000'000, ' ');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
    RawClient client(server->address());
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body +
                kGet);
    CHECK(client.read_answer().body == "POST /a\n" + body);
    CHECK(client.read_answer().body == "GET /a\n");
}

TEST_CASE("a client that does not read its answer is cut off") {
    HttpServer::Options options = test_options();
    options.write_timeout = Duration(50);
    std::promise<void> sent;
    const auto server = open_server(
        [&](Request, Responder responder) {
            responder.send({200, {}, std::string(50'000'000, 'x')});
            sent.set_value();
        },
        options);
    RawClient client(server->address(), 4096);
    client.send(kGet);
    sent.get_future().wait();
    // The server gives up by itself: sending more does not help, and stop() has nothing to wait for.
    std::string ping(1000, 'x');
    while (client.send(ping)) {
    }
    CHECK(client.read_all().size() < 50'000'000);
}

TEST_CASE("stop lets a running request finish and closes idle connections") {
    std::promise<void> arrived;
    std::promise<void> go_on;
    const auto server = open_server([&](Request request, Responder responder) {
        arrived.set_value();
        go_on.get_future().wait();
        echo(std::move(request), std::move(responder));
    });
    RawClient idle(server->address());
    RawClient busy(server->address());
    busy.send(kGet);
    arrived.get_future().wait();
    std::thread stopping([&] { server->stop(); });
    CHECK(idle.is_closed());
    go_on.set_value();
    const Response response = busy.read_answer();
    CHECK(response.status == 200);
    CHECK(response.headers.get("Connection") == "close");
    CHECK(busy.is_closed());
    stopping.join();
    server->stop();
}

TEST_CASE("stop cuts a request that outlasts the grace, and its late answer harms nobody") {
    HttpServer::Options options = test_options();
    options.stop_grace = Duration(20);
    Held held;
    auto server = open_server(held.handler(), options);
    RawClient client(server->address());
    client.send(kGet);
    Responder responder = held.next();
    server->stop();
    CHECK(client.is_closed());
    server.reset();
    responder.send({200, {}, "late"});
}

TEST_CASE("stop under load answers or closes every connection and leaves nobody waiting") {
    BoundedQueue<int> answered(100'000);
    const auto server = open_server(echo);
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&answered, client = RawClient(server->address())]() mutable {
            while (client.send(kGet) && client.read_answer().status == 200) (void)answered.push(200);
        });
    }
    for (int i = 0; i < 200; ++i) CHECK(answered.pop() == 200);
    server->stop();
    for (std::thread& client : clients) client.join();
}

TEST_CASE("a server says in words why it cannot listen") {
    const auto server = open_server(echo);
    HttpServer::Options options = test_options();
    options.listen = server->address();
    const Error taken = HttpServer::open(options, echo).error();
    CHECK(taken.code == ErrorCode::kConflict);
    CHECK(taken.message == "cannot listen on " + server->address() + ": another process already does");
    for (const char* bad : {"", "7171", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                            "::1:80", "[127.0.0.1]:80", "host.name:80"}) {
        CAPTURE(bad);
        options.listen = bad;
        CHECK(HttpServer::open(options, echo).error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("a server listens on IPv6 where the machine has it") {
    HttpServer::Options options = test_options();
    options.listen = "[::1]:0";
    auto server = HttpServer::open(options, echo);
    if (!server) {
        CHECK(server.error().code == ErrorCode::kUnavailable);
        return;
    }
    CHECK(server.value()->address().starts_with("[::1]:"));
    RawClient client(server.value()->address());
    client.send(kGet);
    CHECK(client.read_answer().status == 200);
}
