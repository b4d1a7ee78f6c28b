#include "net/gzip.hpp"

#include <zlib.h>

#include <doctest/doctest.h>

#include "net/http_server.hpp"
#include "net/raw_client.hpp"

using namespace pintle;
using namespace pintle::net;

namespace {

std::string gunzip(std::string_view compressed) {
    z_stream stream{};
    REQUIRE(::inflateInit2(&stream, 15 + 16) == Z_OK);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = ::inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::inflateEnd(&stream);
    REQUIRE(ended == Z_STREAM_END);
    return out;
}

std::string list_of(int rows) {
    std::string out;
    for (int i = 0; i < rows; ++i) out += R"({"name":"digits/train:)" + std::to_string(i) + R"(","state":"Complete"},)";
    return out;
}

Response answer_to(std::string_view accepted, std::string body, Headers headers = {}) {
    Request request;
    if (!accepted.empty()) request.headers.add("Accept-Encoding", std::string(accepted));
    Response response{200, std::move(headers), std::move(body)};
    gzip_answer(response, request);
    return response;
}

}  // namespace

TEST_CASE("gzip is taken by those who name it or take anything, and not by those who refuse it") {
    for (const char* takes : {"gzip", "GZIP", "br, gzip", "gzip, deflate, br, zstd", "gzip;q=0.5", "gzip; q=0.001",
                              "x-gzip", "*", "identity, *;q=0.1", "*;q=0, gzip", "deflate;q=1,gzip;q=1"}) {
        CHECK_MESSAGE(takes_gzip(takes), takes);
    }
    for (const char* refuses : {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *",
                                "*, gzip;q=0", "gzipped", ",,;;", ";q=1"}) {
        CHECK_MESSAGE(!takes_gzip(refuses), refuses);
    }
}

TEST_CASE("what is compressed comes out again as it was") {
    for (const std::string& text : {std::string(), std::string("a"), std::string("\0\xff\x80", 3), list_of(2000)})
        CHECK(gunzip(gzip(text)) == text);
}

TEST_CASE("a long answer is compressed for whoever takes it") {
    const std::string list = list_of(200);
    const Response response = answer_to("gzip, br", list);
    CHECK(response.headers.get("Content-Encoding") == "gzip");
    CHECK(response.headers.get("Vary") == "Accept-Encoding");
    CHECK(response.body.size() * 5 < list.size());
    CHECK(gunzip(response.body) == list);
}

TEST_CASE("a long answer stays as it is for whoever does not ask, and caches learn that it could differ") {
    for (const char* accepted : {"", "identity", "gzip;q=0"}) {
        const Response response = answer_to(accepted, list_of(200));
        CHECK(response.body == list_of(200));
        CHECK(response.headers.find("Content-Encoding") == nullptr);
        CHECK(response.headers.get("Vary") == "Accept-Encoding");
    }
}

TEST_CASE("short answers and those that are compressed already stay as they are") {
    const Response small = answer_to("gzip", std::string(kGzipFromBytes - 1, 'a'));
    CHECK(small.body.size() == kGzipFromBytes - 1);
    CHECK(small.headers.find("Vary") == nullptr);
    const Response done = answer_to("gzip", list_of(200), {{"Content-Encoding", "br"}});
    CHECK(done.body == list_of(200));
    CHECK(done.headers.get("Content-Encoding") == "br");
}

TEST_CASE("what compressing would make longer is sent as it is") {
    std::string noise;
    for (std::uint32_t i = 0, x = 1; i < 4096; ++i, x = x * 1664525 + 1013904223) noise += static_cast<char>(x >> 24);
    const Response response = answer_to("gzip", noise);
    CHECK(response.body == noise);
    CHECK(response.headers.find("Content-Encoding") == nullptr);
}

TEST_CASE("GET and HEAD of a compressed answer tell the length that is sent") {
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    const auto server = HttpServer::open(options, [](Request request, Responder responder) {
        Response response{200, {{"Content-Type", "application/json"}}, list_of(200)};
        gzip_answer(response, request);
        responder.send(std::move(response));
    });
    REQUIRE(server.has_value());
    testing::RawClient client((*server)->address());
    client.send("GET /a HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
    const Response got = client.read_answer();
    CHECK(got.headers.get("Content-Length") == std::to_string(got.body.size()));
    CHECK(gunzip(got.body) == list_of(200));
    client.send("HEAD /a HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
    const Response head = client.read_answer(true);
    CHECK(head.headers.get("Content-Length") == std::to_string(got.body.size()));
    CHECK(head.headers.get("Content-Encoding") == "gzip");
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.read_answer().body == list_of(200));
}
