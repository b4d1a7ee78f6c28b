#include "net/proxy_server.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "net/raw_client.hpp"

using namespace pintle;
using net::Forward;
using net::Headers;
using net::ProxyServer;
using net::Request;
using net::Response;
using net::testing::RawClient;
using net::testing::RawListener;
using net::testing::unchunk;

namespace {

ProxyServer::Options quick_options() {
    ProxyServer::Options options;
    options.recheck = Duration(20);
    return options;
}

/// A proxy before one server of the test's own. What it decides can be changed by the test before the first request.
struct Proxied {
    explicit Proxied(ProxyServer::Options options = quick_options()) {
        proxy = ProxyServer::open(options, [this](const Request& head) -> ProxyServer::Verdict {
                    if (head.path == "/refused") return Response{401, {{"Content-Type", "text/plain"}}, "not you"};
                    Forward forward;
                    forward.host = "127.0.0.1";
                    forward.port = port != 0 ? port : server.port();
                    forward.target = head.target;
                    forward.headers = head.headers;
                    forward.key = "one";
                    if (change) change(forward);
                    return forward;
                }).value();
    }
    RawClient client(int receive_buffer_bytes = 0) { return RawClient(proxy->address(), receive_buffer_bytes); }

    RawListener server;
    std::uint16_t port = 0;
    std::function<void(Forward&)> change;
    std::unique_ptr<ProxyServer> proxy;
};

const std::string kGet = "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
    "k\r\n\r\n";
const std::string kAgreed =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n";

/// A client and a server with a tunnel between them.
struct Tunnel {
    explicit Tunnel(Proxied& proxied, int client_buffer = 0, int server_buffer = 0)
        : client(proxied.client(client_buffer)), server([&] {
              client.send(kUpgrade);
              return proxied.server.accept(server_buffer);
          }()) {
        request = server.read_until("\r\n\r\n");
        server.send(kAgreed);
        answer = client.read_until("\r\n\r\n");
    }
    RawClient client;
    RawClient server;
    std::string request;
    std::string answer;
};

/// A long text in which a lost or doubled piece shows.
std::string long_text(std::size_t bytes) {
    std::string text;
    text.reserve(bytes + 16);
    for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + "\n";
    return text;
}

}  // namespace

TEST_CASE("a request and its answer pass, and the connection serves the next one") {
    Proxied proxied;
    RawClient client = proxied.client();
    for (int i = 0; i < 3; ++i) {
        client.send("GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nConnection: keep-alive, X-Two\r\nX-Two: 2\r\n\r\n");
        RawClient server = proxied.server.accept();
        const std::string head = server.read_until("\r\n\r\n");
        CHECK(head == "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nConnection: close\r\n\r\n");
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: timeout=1\r\nX-Mine: y\r\n\r\nhello");
        const Response answer = client.read_answer();
        CHECK(answer.status == 200);
        CHECK(answer.body == "hello");
        CHECK(answer.headers.get("X-Mine") == "y");
        CHECK(answer.headers.find("Keep-Alive") == nullptr);
        CHECK(answer.headers.get("Connection") == "keep-alive");
    }
}

TEST_CASE("what is decided against is answered, and the other server hears nothing") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("GET /refused HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.read_answer().status == 401);
    client.send("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nab");
    const Response refused = client.read_answer();
    CHECK(refused.body == "not you");
    CHECK(refused.headers.get("Connection") == "close");
    CHECK(client.is_closed());
    CHECK_FALSE(proxied.server.has_client(0));
}

TEST_CASE("pipelined requests are answered one after the other") {
    Proxied proxied;
    RawClient client = proxied.client();
    std::string all;
    for (int i = 0; i < 5; ++i)
        all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n" + std::to_string(i);
    client.send(all);
    for (int i = 0; i < 5; ++i) {
        RawClient server = proxied.server.accept();
        CHECK(server.read_until("\r\n\r\n" + std::to_string(i)).starts_with("POST /" + std::to_string(i) + " "));
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(i));
        CHECK(client.read_answer().body == std::to_string(i));
    }
}

TEST_CASE("an upload in chunks arrives piece by piece before it is complete") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    RawClient server = proxied.server.accept();
    CHECK(server.read_until("\r\n\r\n").find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(server.read_until("abc\r\n") == "3\r\nabc\r\n");
    client.send("2\r\nde\r\n0\r\nTrailer: lost\r\n\r\n");
    CHECK(server.read_until("0\r\n\r\n") == "2\r\nde\r\n0\r\n\r\n");
    server.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    CHECK(client.read_answer().status == 201);
}

TEST_CASE("an answer without a length is streamed in chunks as it comes") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send(kGet);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
    CHECK(client.read_until("\r\n\r\n").find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(client.read_until("\n\n\r\n") == "9\r\ndata: 1\n\n\r\n");
    server.send("data: 2\n\n");
    CHECK(client.read_until("\n\n\r\n") == "9\r\ndata: 2\n\n\r\n");
    server.close();
    CHECK(client.read_until("0\r\n\r\n") == "0\r\n\r\n");
}

TEST_CASE("a client of HTTP/1.0 gets the answer without chunks") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("GET /a HTTP/1.0\r\n\r\n");
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
    CHECK(client.read_all().ends_with("Connection: close\r\n\r\nhi"));
}

TEST_CASE("HEAD and 304 keep the length that they speak of and have no body") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
    CHECK(client.read_answer(true).headers.get("Content-Length") == "77");
    client.send(kGet);
    RawClient again = proxied.server.accept();
    (void)again.read_until("\r\n\r\n");
    again.send("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n");
    const Response unchanged = client.read_answer(true);
    CHECK(unchanged.status == 304);
    CHECK(unchanged.headers.find("Content-Length") == nullptr);
}

TEST_CASE("a client that asks first is told to continue when the other server is there") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    RawClient server = proxied.server.accept();
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(server.read_until("\r\n\r\n").find("Expect") == std::string::npos);
    client.send("ab");
    CHECK(server.read_until("ab") == "ab");
    server.send(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
        "1\r\n\r\nc");
    CHECK(client.read_answer().body == "c");
}

TEST_CASE("neither side's body is held as a whole: the slower one sets the pace") {
    Proxied proxied;
    const std::string text = long_text(24 << 20);
    SUBCASE("a large download to a slow reader") {
        RawClient client = proxied.client(8 << 10);
        client.send(kGet);
        RawClient server = proxied.server.accept();
        (void)server.read_until("\r\n\r\n");
        std::atomic<bool> all_sent{false};
        std::thread sender([&] {
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
            all_sent = true;
        });
        (void)client.read_until("\r\n\r\n");
        // Were the proxy to hold what the client has not read, the server could have sent all of it by now.
        CHECK(client.read_until("\n1000\n").ends_with("\n1000\n"));
        CHECK_FALSE(all_sent);
        CHECK(client.read_until(text.substr(text.size() - 20)).size() > text.size() / 2);
        sender.join();
    }
    SUBCASE("a large upload to a slow server") {
        RawClient client = proxied.client();
        std::atomic<bool> all_sent{false};
        std::thread sender([&] {
            client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" +
                        text);
            all_sent = true;
        });
        RawClient server = proxied.server.accept(8 << 10);
        (void)server.read_until("\r\n\r\n");
        CHECK(server.read_until("\n1000\n").ends_with("\n1000\n"));
        CHECK_FALSE(all_sent);
        CHECK(server.read_until(text.substr(text.size() - 10)).size() > text.size() / 2);
        sender.join();
        server.send("HTTP/1.1 204 No Content\r\n\r\n");
        CHECK(client.read_answer(true).status == 204);
    }
}

TEST_CASE("a server that answers before it has read the upload has the last word") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nab");
    RawClient server = proxied.server.accept();
    (void)server.read_until("ab");
    server.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    const Response answer = client.read_answer();
    CHECK(answer.status == 413);
    CHECK(answer.body == "big");
    CHECK(client.is_closed());
}

TEST_CASE("a WebSocket's bytes pass both ways as they are, those that came early too") {
    Proxied proxied;
    std::mutex mu;
    std::string sent;
    proxied.change = [&](Forward& forward) {
        forward.on_sent = [&](std::string_view bytes) {
            const std::lock_guard lock(mu);
            sent += bytes;
        };
    };
    RawClient client = proxied.client();
    client.send(kUpgrade + "early");
    RawClient server = proxied.server.accept();
    const std::string head = server.read_until("\r\n\r\n");
    CHECK(head.find("Connection: Upgrade\r\nUpgrade: websocket\r\n") != std::string::npos);
    CHECK(head.find("Sec-WebSocket-Key: k\r\n") != std::string::npos);
    server.send(kAgreed + "first");
    const std::string answer = client.read_until("\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 101 "));
    CHECK(answer.find("Sec-WebSocket-Accept: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n") != std::string::npos);
    CHECK(client.read_until("first") == "first");
    CHECK(server.read_until("early") == "early");
    for (int i = 0; i < 100; ++i) {
        const std::string text("a\0\xff\r\n", 5);
        client.send(text + std::to_string(i) + ";");
        CHECK(server.read_until(";") == text + std::to_string(i) + ";");
        server.send(std::to_string(i) + text + ";");
        CHECK(client.read_until(";") == std::to_string(i) + text + ";");
    }
    const std::lock_guard lock(mu);
    CHECK(sent.starts_with("early"));
    CHECK(sent.ends_with("99;"));
}

TEST_CASE("a tunnel is as fast as its slower side and loses nothing") {
    Proxied proxied;
    Tunnel tunnel(proxied, 8 << 10, 8 << 10);
    const std::string text = long_text(24 << 20);
    std::atomic<int> done{0};
    std::thread up([&] { done += tunnel.client.send(text) ? 1 : 0; });
    std::thread down([&] { done += tunnel.server.send(text) ? 1 : 0; });
    CHECK(tunnel.server.read_until("\n1000\n").size() > 1000);
    CHECK(done == 0);
    std::string got_up = tunnel.server.read_until(text.substr(text.size() - 12));
    std::string got_down = tunnel.client.read_until(text.substr(text.size() - 12));
    up.join();
    down.join();
    CHECK(done == 2);
    CHECK(got_down == text);
    CHECK(text.ends_with(got_up));
}

TEST_CASE("one side of a tunnel may end before the other") {
    Proxied proxied;
    Tunnel tunnel(proxied);
    SUBCASE("the client") {
        tunnel.client.send("last");
        tunnel.client.finish_sending();
        CHECK(tunnel.server.read_all() == "last");
        tunnel.server.send("more");
        CHECK(tunnel.client.read_until("more") == "more");
        tunnel.server.close();
        CHECK(tunnel.client.is_closed());
    }
    SUBCASE("the server") {
        tunnel.server.send("last");
        tunnel.server.finish_sending();
        CHECK(tunnel.client.read_all() == "last");
        tunnel.client.send("more");
        CHECK(tunnel.server.read_until("more") == "more");
        tunnel.client.close();
        CHECK(tunnel.server.is_closed());
    }
    SUBCASE("the client is gone at once") {
        tunnel.client.close(true);
        CHECK(tunnel.server.is_closed());
    }
    SUBCASE("the server is gone at once") {
        tunnel.server.close(true);
        CHECK(tunnel.client.is_closed());
    }
}

TEST_CASE("a server that does not want a WebSocket answers as to any other request") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send(kUpgrade);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    CHECK(client.read_answer().body == "no");
}

TEST_CASE("nobody tunnels without having asked for a WebSocket") {
    Proxied proxied;
    for (const std::string& asked :
         {kGet, std::string("GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
                            "h2c\r\nHTTP2-Settings: AA\r\n\r\n")}) {
        RawClient client = proxied.client();
        client.send(asked);
        RawClient server = proxied.server.accept();
        CHECK(server.read_until("\r\n\r\n").find("pgrade") == std::string::npos);
        server.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nfree bytes");
        CHECK(client.read_answer().status == 502);
        CHECK(server.is_closed());
    }
}

TEST_CASE("a client that goes ends what the server does for it") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send(kGet);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\n\r\nsome");
    (void)client.read_until("some");
    client.close(true);
    CHECK(server.is_closed());
}

TEST_CASE("a client that only ends its side still gets its answer") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send(kGet);
    client.finish_sending();
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(client.read_all().ends_with("hi"));
}

TEST_CASE("a client that has ended its side and hears nothing for long is given up") {
    ProxyServer::Options options;
    options.half_closed_timeout = Duration(30);
    Proxied proxied(options);
    RawClient client = proxied.client();
    client.send(kGet);
    client.finish_sending();
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    CHECK(server.is_closed());
    CHECK(client.read_all().empty());
}

TEST_CASE("a server that gives no answer is told of in words") {
    Proxied proxied;
    proxied.change = [](Forward& forward) {
        forward.on_fault = [](std::string_view why) { return Response{502, {}, "because " + std::string(why)}; };
    };
    SUBCASE("nothing listens") {
        {
            const RawListener gone;
            proxied.port = gone.port();
        }
        RawClient client = proxied.client();
        client.send(kGet);
        const Response answer = client.read_answer();
        CHECK(answer.status == 502);
        CHECK(answer.body == "because nothing listens there");
        client.send(kGet);
        CHECK(client.read_answer().status == 502);
    }
    SUBCASE("it closes without a word") {
        RawClient client = proxied.client();
        client.send(kGet);
        proxied.server.accept().close();
        CHECK(client.read_answer().body == "because it has closed the connection");
    }
    SUBCASE("it closes in the middle of its head") {
        RawClient client = proxied.client();
        client.send(kGet);
        RawClient server = proxied.server.accept();
        (void)server.read_until("\r\n\r\n");
        server.send("HTTP/1.1 200 OK\r\nContent-");
        server.close();
        CHECK(client.read_answer().body == "because it has closed the connection");
    }
    SUBCASE("it speaks something else, or without end") {
        for (const std::string& text :
             {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'a'),
              std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")}) {
            RawClient client = proxied.client();
            client.send(kGet);
            RawClient server = proxied.server.accept();
            (void)server.read_until("\r\n\r\n");
            server.send(text);
            CHECK(client.read_answer().body == "because its answer is not HTTP");
        }
    }
}

TEST_CASE("a server that dies in the middle of its answer breaks it off visibly") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send(kGet);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    SUBCASE("of a known length") {
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        server.close();
        CHECK(client.read_all().ends_with("\r\n\r\nhalf"));
    }
    SUBCASE("in chunks") {
        server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        (void)client.read_until("half\r\n");
        server.close(true);
        CHECK(client.read_all().empty());
    }
    SUBCASE("in a chunk that is none") {
        server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n\r\n");
        CHECK(client.read_all().find("\r\n0\r\n") == std::string::npos);
    }
}

TEST_CASE("requests that two servers could read differently are refused and reach nobody") {
    Proxied proxied;
    const std::vector<std::pair<std::string, int>> cases{
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x "
         "HTTP/1.1\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /a/%2e%2E/b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(60'000, 'a') + "\r\n\r\n", 431},
        {"GET /" + std::string(60'000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
        {"\x16\x03\x01\x02\r\n\r\n", 400},
    };
    for (const auto& [text, status] : cases) {
        CAPTURE(text.substr(0, 120));
        RawClient client = proxied.client();
        client.send(text);
        CHECK(client.read_answer().status == status);
        CHECK(client.is_closed());
    }
    CHECK_FALSE(proxied.server.has_client(0));
}

TEST_CASE("a body that goes wrong on the way is not passed on as if it were whole") {
    Proxied proxied;
    RawClient client = proxied.client();
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    RawClient server = proxied.server.accept();
    (void)server.read_until("abc\r\n");
    client.send("zz\r\nGET /b HTTP/1.1\r\n\r\n");
    CHECK(client.read_answer().status == 400);
    CHECK(server.is_closed());
}

TEST_CASE("what may no longer go on is ended, streams and tunnels too") {
    Proxied proxied;
    std::atomic<bool> may{true};
    proxied.change = [&](Forward& forward) { forward.may_go_on = [&] { return may.load(); }; };
    Tunnel tunnel(proxied);
    RawClient client = proxied.client();
    client.send(kGet);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\n\r\nsome");
    (void)client.read_until("some");
    tunnel.client.send("still");
    CHECK(tunnel.server.read_until("still") == "still");
    may = false;
    CHECK(tunnel.client.is_closed());
    CHECK(tunnel.server.is_closed());
    CHECK(client.read_all().find("0\r\n\r\n") == std::string::npos);
    CHECK(server.is_closed());
}

TEST_CASE("one key has a limit of what may be under way") {
    ProxyServer::Options options;
    options.max_exchanges_per_key = 1;
    Proxied proxied(options);
    Tunnel tunnel(proxied);
    RawClient second = proxied.client();
    second.send(kGet);
    CHECK(second.read_answer().status == 503);
    tunnel.client.close(true);
    CHECK(tunnel.server.is_closed());
    // The place is free again by the time the server hears of the end.
    second.send(kGet);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(second.read_answer().status == 200);
}

TEST_CASE("the answer's headers can be changed, and the end of an exchange is told once") {
    Proxied proxied;
    std::promise<void> ended;
    proxied.change = [&](Forward& forward) {
        forward.on_answer = [](int, Headers& headers) { headers.set("Set-Cookie", "mine"); };
        forward.on_end = [&] { ended.set_value(); };
    };
    RawClient client = proxied.client();
    client.send(kGet);
    RawClient server = proxied.server.accept();
    (void)server.read_until("\r\n\r\n");
    server.send("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n");
    const Response answer = client.read_answer();
    CHECK(answer.headers.count("Set-Cookie") == 1);
    CHECK(answer.headers.get("Set-Cookie") == "mine");
    ended.get_future().wait();
}

TEST_CASE("stopping ends what is under way") {
    Proxied proxied;
    Tunnel tunnel(proxied);
    RawClient idle = proxied.client();
    proxied.proxy->stop();
    CHECK(tunnel.client.is_closed());
    CHECK(tunnel.server.is_closed());
    CHECK(idle.is_closed());
    proxied.proxy->stop();
}
