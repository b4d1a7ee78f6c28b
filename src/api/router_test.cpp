#include <set>

#include <doctest/doctest.h>

#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/openapi.hpp"
#include "api/router.hpp"
#include "api/routes.hpp"
#include "document/golden.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

net::Request request_to(const std::string& method, const std::string& target) {
    net::Request request;
    request.method = method;
    request.target = target;
    const auto parsed = net::parse_target(target);
    REQUIRE(parsed.has_value());
    request.path = parsed->path;
    request.segments = parsed->segments;
    request.query = parsed->query;
    return request;
}

}  // namespace

TEST_CASE("a path leads to its route with the names that stand in it") {
    const Router router(all_routes());
    const Match match = router.find(request_to("POST", "/api/v1/jobs/digits%2Ftrain:3/stop"));
    REQUIRE(match.route != nullptr);
    CHECK(match.route->operation == "stopJob");
    REQUIRE(match.params.size() == 1);
    CHECK(match.params[0].first == "job");
    CHECK(match.params[0].second == "digits/train:3");
}

TEST_CASE("a known path with another method tells the methods that it takes") {
    const Router router(all_routes());
    const Match match = router.find(request_to("PUT", "/api/v1/projects"));
    CHECK(match.route == nullptr);
    CHECK(match.allowed == "GET, POST");
}

TEST_CASE("paths that are none lead nowhere") {
    const Router router(all_routes());
    for (const char* path : {"/", "/api", "/api/v1", "/api/v2/jobs", "/api/v1/jobs/a/b/c", "/api/v1/nothing",
                             "/api/v1/jobs/digits/train:3/stop"}) {
        const Match match = router.find(request_to("GET", path));
        CHECK_MESSAGE(match.route == nullptr, path);
        CHECK(match.allowed.empty());
    }
}

TEST_CASE("every operation has its own name, a summary and a handler") {
    std::set<std::string_view> names;
    std::set<std::pair<std::string_view, std::string_view>> places;
    for (const Route& route : all_routes()) {
        CHECK_MESSAGE(names.insert(route.operation).second, route.operation);
        CHECK_MESSAGE(places.insert({route.method, route.path}).second, route.path);
        CHECK(!route.summary.empty());
        const bool handled = std::visit([](auto* handler) { return handler != nullptr; }, route.handler);
        CHECK_MESSAGE(handled, route.operation);
    }
}

TEST_CASE("the OpenAPI document is the one in docs") {
    document::check_golden("docs/openapi.json", openapi_document());
}

namespace {

void check_refs(const json::Value& value, const json::Value& schemas) {
    if (value.is_array()) {
        for (const json::Value& item : value.as_array()) check_refs(item, schemas);
    }
    if (!value.is_object()) return;
    for (const json::Member& member : value.as_object()) {
        if (member.key == "$ref" && member.value.as_string().starts_with("#/components/schemas/")) {
            CHECK_MESSAGE(schemas.has(member.value.as_string().substr(21)), member.value.as_string());
        }
        check_refs(member.value, schemas);
    }
}

}  // namespace

TEST_CASE("everything that the OpenAPI document refers to is in it") {
    const auto document = json::parse_json(openapi_document());
    REQUIRE(document.has_value());
    CHECK((*document)["openapi"].as_string() == "3.1.0");
    check_refs(*document, (*document)["components"]["schemas"]);
}

TEST_CASE("a Host that is no name of the server is refused") {
    const auto allowed = [](const std::string& host) {
        net::Request request;
        request.headers.add("Host", host);
        return check_host(request, {"pintle.example"}).has_value();
    };
    for (const char* host : {"127.0.0.1:7171", "127.0.0.1", "localhost:7171", "LOCALHOST", "[::1]:7171", "[::1]",
                             "192.168.1.20", "pintle.example:80", "Pintle.Example"}) {
        CHECK_MESSAGE(allowed(host), host);
    }
    for (const char* host : {"", "evil.example", "evil.example:7171", "127.0.0.1.evil.example",
                             "localhost.evil.example", "[evil]", "1.2.3", "1.2.3.4.5", "1.2.3.x", "::1", "[::1"}) {
        CHECK_MESSAGE(!allowed(host), host);
    }
    CHECK_FALSE(check_host({}, {}).has_value());
}

TEST_CASE("a time to wait has a unit or counts seconds") {
    CHECK(parse_wait("30s") == Duration(30'000));
    CHECK(parse_wait("5") == Duration(5'000));
    CHECK(parse_wait("250ms") == Duration(250));
    CHECK(parse_wait("1m") == Duration(60'000));
    for (const char* text : {"", "s", "-1s", "1.5s", "1h", " 1s", "99999999999999999999s", "10000000m"})
        CHECK_MESSAGE(!parse_wait(text).has_value(), text);
}

TEST_CASE("parameters that the route does not name, or that read wrong, are refused with their name") {
    const Router router(all_routes());
    const auto fault = [&](const std::string& target) {
        const net::Request request = request_to("GET", target);
        const auto checked = check_query(*router.find(request).route, request.query);
        return checked ? std::string() : checked.error().message;
    };
    CHECK(fault("/api/v1/jobs?limit=10&order=newest&live=true") == "");
    CHECK(fault("/api/v1/jobs?limi=10") == "unknown parameter \"limi\"; did you mean limit?");
    CHECK(fault("/api/v1/nodes?x=1") == "unknown parameter \"x\"; this request takes none");
    CHECK(fault("/api/v1/jobs?limit=1001") ==
          "the parameter limit: expected a whole number from 1 to 1000, got \"1001\"");
    CHECK(fault("/api/v1/jobs?limit=1&limit=2") == "the parameter limit is given twice");
    CHECK(fault("/api/v1/jobs?live=yes") == "the parameter live: expected true or false, got \"yes\"");
    CHECK(fault("/api/v1/jobs?order=random") ==
          "the parameter order: expected one of newest, oldest, longest, shortest, name, state, owner, ended, got "
          "\"random\"");
    CHECK(fault("/api/v1/jobs/x?wait=61s") ==
          "the parameter wait: expected a time of at most 60s, such as 30s or 500ms, got \"61s\"");
}

TEST_CASE("an idempotency key marks its request") {
    net::Request request = request_to("POST", "/api/v1/projects");
    CHECK(idempotency_key(request)->key.empty());
    request.headers.add("Idempotency-Key", "k1");
    request.body = "a";
    const auto first = idempotency_key(request);
    REQUIRE(first.has_value());
    CHECK(first->fingerprint.size() == 32);
    CHECK(idempotency_key(request)->fingerprint == first->fingerprint);
    request.body = "b";
    CHECK(idempotency_key(request)->fingerprint != first->fingerprint);
    request.headers.set("Idempotency-Key", std::string(201, 'x'));
    CHECK(idempotency_key(request).error().code == ErrorCode::kInvalid);
    request.headers.set("Idempotency-Key", "");
    CHECK(idempotency_key(request).error().code == ErrorCode::kInvalid);
}

TEST_CASE("If-Match holds a revision") {
    net::Request request;
    CHECK(if_match(request)->has_value() == false);
    request.headers.set("If-Match", "\"7\"");
    CHECK(**if_match(request) == 7);
    request.headers.set("If-Match", "7");
    CHECK(**if_match(request) == 7);
    request.headers.set("If-Match", "*");
    CHECK(if_match(request)->has_value() == false);
    for (const char* text : {"", "x", "0", "-1", "\"", "W/\"7\""}) {
        request.headers.set("If-Match", text);
        CHECK_MESSAGE(!if_match(request).has_value(), text);
    }
}
