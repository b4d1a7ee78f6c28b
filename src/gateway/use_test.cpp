#include <doctest/doctest.h>

#include "gateway/jupyter_use.hpp"
#include "gateway/person_traffic.hpp"

using namespace pintle;
using namespace pintle::gateway;

namespace {

const Time kNow = time_from_ms(1'700'000'000'000);
constexpr Duration kMinute = std::chrono::minutes(1);

Endpoint endpoint(bool is_jupyter = false) {
    Endpoint endpoint;
    endpoint.job = domain::JobId("01J000000000000000000000J1");
    endpoint.is_jupyter = is_jupyter;
    return endpoint;
}

net::Request request(std::string method, std::string target, net::Headers headers = {}) {
    net::Request head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.headers = std::move(headers);
    return head;
}

}  // namespace

TEST_CASE("Jupyter is busy while a kernel computes, and active when a kernel or terminal said something") {
    const Use idle =
        read_jupyter(endpoint(true),
                     R"([{"execution_state":"idle","last_activity":"2023-11-14T22:13:20.123456Z","connections":3}])",
                     R"([{"name":"1","last_activity":"2023-11-14T23:13:20.500000Z"}])")
            .value();
    CHECK_FALSE(idle.busy);
    CHECK(to_iso(idle.last_activity) == "2023-11-14T23:13:20.500Z");
    const Use busy =
        read_jupyter(
            endpoint(true),
            R"([{"execution_state":"idle"},{"execution_state":"busy","last_activity":"2023-11-14T22:13:20Z"}])", "[]")
            .value();
    CHECK(busy.busy);
    CHECK(to_iso(busy.last_activity) == "2023-11-14T22:13:20.000Z");
    CHECK(read_jupyter(endpoint(true), "[]", "[]").value().last_activity == Time{});
    for (const std::string text : {"", "{}", "[1", "null", "<html>"})
        CHECK_FALSE(read_jupyter(endpoint(true), text, "[]"));
    CHECK(read_jupyter(endpoint(true), R"([1,null,{"execution_state":7,"last_activity":[]}])", "[\"x\"]"));
}

TEST_CASE("a page that polls is no person: only what it did not ask lately counts") {
    PersonTraffic traffic;
    const Endpoint board = endpoint();
    traffic.request(board, request("GET", "/data/runs?1700000000000"), kNow);
    CHECK(traffic.last(board) == kNow);
    for (int i = 1; i < 60; ++i)
        traffic.request(board, request("GET", "/data/runs?" + std::to_string(1700000000000 + i)), kNow + i * kMinute);
    CHECK(traffic.last(board) == kNow);
    traffic.request(board, request("GET", "/data/scalars?run=2"), kNow + 5 * kMinute);
    CHECK(traffic.last(board) == kNow + 5 * kMinute);
    traffic.request(board, request("GET", "/data/runs?1", {{"Sec-Fetch-Mode", "navigate"}}), kNow + 61 * kMinute);
    CHECK(traffic.last(board) == kNow + 61 * kMinute);
}

TEST_CASE("messages that repeat are a page's own, others a person's") {
    PersonTraffic traffic;
    const Endpoint app = endpoint();
    for (int i = 0; i < 60; ++i) traffic.content(app, "GET /socket", "2", kNow + i * kMinute);
    CHECK(traffic.last(app) == kNow);
    traffic.content(app, "GET /socket", "{\"slider\":3}", kNow + 70 * kMinute);
    CHECK(traffic.last(app) == kNow + 70 * kMinute);
    traffic.keep({});
    CHECK(traffic.last(app) == Time{});
}

TEST_CASE("of Jupyter an open page counts for nothing, saving does") {
    PersonTraffic traffic;
    const Endpoint jupyter = endpoint(true);
    traffic.request(jupyter, request("GET", "/api/kernels?1700000000000"), kNow);
    traffic.request(jupyter, request("GET", "/api/contents/new"), kNow);
    traffic.content(jupyter, "GET /api/kernels/1/channels", "kernel_info_request", kNow);
    CHECK(traffic.last(jupyter) == Time{});
    traffic.content(jupyter, "PUT /api/contents/a.ipynb", "{}", kNow + kMinute);
    CHECK(traffic.last(jupyter) == kNow + kMinute);
}

TEST_CASE("what pages add against caches is left out") {
    CHECK(without_cache_breakers("/a") == "/a");
    CHECK(without_cache_breakers("/a?1700000000000") == "/a");
    CHECK(without_cache_breakers("/a?x=1&_=1700000000000&y=b") == "/a?x=1&y=b");
    CHECK(without_cache_breakers("/a?r=0.123456789012") == "/a");
    CHECK(without_cache_breakers("/a?&&x") == "/a?x");
}
