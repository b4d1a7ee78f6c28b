#include <future>
#include <thread>

#include <doctest/doctest.h>

#include "base/bounded_queue.hpp"
#include "net/http_server.hpp"
#include "net/raw_client.hpp"

using namespace pintle;
using net::HttpServer;
using net::Request;
using net::Responder;
using net::Stream;
using net::testing::RawClient;
using net::testing::unchunk;

namespace {

using StreamPtr = std::shared_ptr<Stream>;

/// A server that begins a stream for every request and hands it to the test.
struct Streaming {
    explicit Streaming(HttpServer::Options options = {}) {
        options.listen = "127.0.0.1:0";
        server = HttpServer::open(options, [this](Request, Responder responder) {
                     (void)begun.push(responder.stream(200, {{"Content-Type", "text/event-stream"}}));
                 }).value();
    }
    StreamPtr next() { return begun.pop().value(); }

    BoundedQueue<StreamPtr> begun{16};
    std::unique_ptr<HttpServer> server;
};

/// A promise that a stream fulfils when its connection has ended.
std::future<void> end_of(Stream& stream) {
    auto ended = std::make_shared<std::promise<void>>();
    stream.on_closed([ended] { ended->set_value(); });
    return ended->get_future();
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("a stream sends each piece as it comes and ends properly") {
    Streaming streaming;
    RawClient client(streaming.server->address());
    client.send(kGet);
    const StreamPtr stream = streaming.next();
    const std::string head = client.read_until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"));
    CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(head.find("X-Request-Id: ") != std::string::npos);
    CHECK(stream->write("one"));
    CHECK(client.read_until("one\r\n") == "3\r\none\r\n");
    CHECK(stream->write(""));
    CHECK(stream->write("two"));
    auto ended = end_of(*stream);
    stream->close();
    CHECK(stream->closed());
    CHECK_FALSE(stream->write("three"));
    CHECK(client.read_all() == "3\r\ntwo\r\n0\r\n\r\n");
    ended.wait();
}

TEST_CASE("many threads write one stream and every piece arrives whole") {
    Streaming streaming;
    RawClient client(streaming.server->address());
    client.send(kGet);
    StreamPtr stream = streaming.next();
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t) {
        writers.emplace_back([&stream, t] {
            for (int i = 0; i < 500; ++i) CHECK(stream->write(std::string(9, static_cast<char>('a' + t)) + "\n"));
        });
    }
    for (std::thread& writer : writers) writer.join();
    stream.reset();  // Letting go ends the stream as close() does.
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
    const std::string body = unchunk(client.read_all());
    CHECK(body.size() == 4 * 500 * 10);
    for (std::size_t at = 0; at + 10 <= body.size(); at += 10) {
        if (body.substr(at, 10) != std::string(9, body[at]) + "\n") FAIL("a piece is torn at " << at);
    }
}

TEST_CASE("a client that vanishes in the middle of a stream is noticed without a write") {
    Streaming streaming;
    for (const bool reset : {false, true}) {
        RawClient client(streaming.server->address());
        client.send(kGet);
        const StreamPtr stream = streaming.next();
        auto ended = end_of(*stream);
        CHECK(stream->write("hello"));
        (void)client.read_until("hello");
        client.close(reset);
        ended.wait();
        CHECK(stream->closed());
        CHECK_FALSE(stream->write("anybody there?"));
        CHECK(stream->queued_bytes() == 0);
        // Asking later is answered at once.
        end_of(*stream).wait();
    }
}

TEST_CASE("a reader that is too slow for the queue limit is cut off and never blocks the writer") {
    HttpServer::Options options;
    options.stream_queue_limit_bytes = 100'000;
    Streaming streaming(options);
    RawClient client(streaming.server->address(), 4096);
    client.send(kGet);
    const StreamPtr stream = streaming.next();
    auto ended = end_of(*stream);
    std::size_t accepted = 0;
    while (stream->write(std::string(10'000, 'x'))) {
        accepted += 10'000;
        CHECK(stream->queued_bytes() <= 100'000);
        REQUIRE(accepted < 1'000'000'000);
    }
    ended.wait();
    CHECK(stream->closed());
    CHECK_FALSE(client.read_all().ends_with("0\r\n\r\n"));
}

TEST_CASE("a reader that takes nothing at all is cut off after the write timeout") {
    HttpServer::Options options;
    options.stream_queue_limit_bytes = 64 << 20;
    options.write_timeout = Duration(50);
    Streaming streaming(options);
    RawClient client(streaming.server->address(), 4096);
    client.send(kGet);
    const StreamPtr stream = streaming.next();
    auto ended = end_of(*stream);
    CHECK(stream->write(std::string(60 << 20, 'x')));
    CHECK_FALSE(stream->wait_below(0, std::chrono::minutes(1)));
    ended.wait();
}

TEST_CASE("a producer that can wait sends more than the queue holds") {
    HttpServer::Options options;
    options.stream_queue_limit_bytes = 100'000;
    Streaming streaming(options);
    RawClient client(streaming.server->address());
    client.send(kGet);
    StreamPtr stream = streaming.next();
    std::thread producer([&] {
        for (int i = 0; i < 300; ++i) {
            CHECK(stream->wait_below(50'000, std::chrono::minutes(1)));
            CHECK(stream->write(std::string(50'000, static_cast<char>('a' + i % 26))));
        }
        stream->close();
    });
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
    const std::string body = unchunk(client.read_all());
    producer.join();
    CHECK(body.size() == 300 * 50'000);
    CHECK(body[50'000 * 25] == 'z');
}

TEST_CASE("a stream to HTTP/1.0 is not chunked, one to HEAD has no body") {
    Streaming streaming;
    RawClient old(streaming.server->address());
    old.send("GET /a HTTP/1.0\r\n\r\n");
    StreamPtr stream = streaming.next();
    CHECK(stream->write("plain"));
    stream->close();
    CHECK(old.read_until("\r\n\r\n").find("chunked") == std::string::npos);
    CHECK(old.read_all() == "plain");

    RawClient head(streaming.server->address());
    head.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    stream = streaming.next();
    end_of(*stream).wait();
    CHECK(head.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(head.is_closed());
}

TEST_CASE("stop ends open streams properly and their callbacks run") {
    Streaming streaming;
    RawClient client(streaming.server->address());
    client.send(kGet);
    const StreamPtr stream = streaming.next();
    auto ended = end_of(*stream);
    CHECK(stream->write("last words"));
    streaming.server->stop();
    ended.wait();
    CHECK_FALSE(stream->write("ghost"));
    CHECK(client.read_all().ends_with("last words\r\n0\r\n\r\n"));
}

TEST_CASE("a stream begun after the server stopped is closed from the start") {
    BoundedQueue<Responder> given(1);
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    options.stop_grace = Duration(10);
    auto server = HttpServer::open(options, [&](Request, Responder responder) {
                      (void)given.push(std::move(responder));
                  }).value();
    RawClient client(server->address());
    client.send(kGet);
    std::optional<Responder> responder = given.pop();
    server.reset();
    const StreamPtr stream = responder->stream(200, {});
    CHECK(stream->closed());
    end_of(*stream).wait();
    const StreamPtr again = responder->stream(200, {});
    CHECK_FALSE(again->write("x"));
}
