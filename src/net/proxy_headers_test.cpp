#include <doctest/doctest.h>

#include "net/proxy_server.hpp"

using namespace pintle;
using net::Headers;

namespace {

net::Request upgrade(std::string method, Headers headers) {
    net::Request request;
    request.method = std::move(method);
    request.headers = std::move(headers);
    return request;
}

}  // namespace

TEST_CASE("what is about one hop goes no further, and neither does what Connection names") {
    const Headers kept = net::end_to_end({{"Host", "h"},
                                          {"connection", "keep-alive, X-Secret"},
                                          {"X-SECRET", "1"},
                                          {"Keep-Alive", "timeout=5"},
                                          {"TE", "trailers"},
                                          {"Transfer-Encoding", "chunked"},
                                          {"Content-Length", "3"},
                                          {"Upgrade", "h2c"},
                                          {"HTTP2-Settings", "AAA"},
                                          {"Proxy-Authorization", "Basic x"},
                                          {"Expect", "100-continue"},
                                          {"X-Kept", "2"}});
    CHECK(kept.size() == 2);
    CHECK(kept.get("Host") == "h");
    CHECK(kept.get("X-Kept") == "2");
}

TEST_CASE("a WebSocket is asked for by both headers, and nothing else is an upgrade") {
    CHECK(net::asks_for_websocket(upgrade("GET", {{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "WebSocket"}})));
    CHECK_FALSE(net::asks_for_websocket(upgrade("GET", {{"Upgrade", "websocket"}})));
    CHECK_FALSE(net::asks_for_websocket(upgrade("GET", {{"Connection", "Upgrade"}, {"Upgrade", "h2c"}})));
    CHECK_FALSE(net::asks_for_websocket(upgrade("POST", {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}})));
}
