#include "webui/pages.hpp"

#include <array>

#include <doctest/doctest.h>

#include "webui/assets.hpp"

using namespace pintle;

namespace pintle::webui {

std::span<const Asset> assets() {
    static constexpr std::array<Asset, 3> kFiles{{
        {"/assets/app-1.js", "text/javascript; charset=utf-8", "\"a\"", "program", "packed", true},
        {"/favicon.svg", "image/svg+xml", "\"b\"", "picture", "", false},
        {"/index.html", "text/html; charset=utf-8", "\"c\"", "page", "zipped", false},
    }};
    return kFiles;
}

}  // namespace pintle::webui

namespace {

net::Response get(std::string path, net::Headers headers = {}, std::string method = "GET") {
    net::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    return webui::answer(request);
}

}  // namespace

TEST_CASE("every path but the API's is the interface's") {
    CHECK(webui::answers("/"));
    CHECK(webui::answers("/projects/vision/tasks"));
    CHECK(webui::answers("/apiary"));
    CHECK_FALSE(webui::answers("/api"));
    CHECK_FALSE(webui::answers("/api/v1/jobs"));
}

TEST_CASE("an address of the interface gets its page, whatever it says") {
    for (const char* path : {"/", "/welcome", "/jobs/j1/logs", "/projects/a.b", "/index.html"}) {
        CAPTURE(path);
        const net::Response page = get(path);
        CHECK(page.status == 200);
        CHECK(page.body == "page");
        CHECK(page.headers.get("Content-Type") == "text/html; charset=utf-8");
        CHECK(page.headers.get("Cache-Control") == "no-cache");
    }
}

TEST_CASE("a page runs programs of this server only and cannot be framed") {
    const net::Response page = get("/");
    const std::string policy(page.headers.get("Content-Security-Policy"));
    CHECK(policy.find("default-src 'none'") != policy.npos);
    CHECK(policy.find("script-src 'self';") != policy.npos);
    CHECK(policy.find("frame-ancestors 'none'") != policy.npos);
    CHECK(page.headers.get("X-Content-Type-Options") == "nosniff");
}

TEST_CASE("a file that there is not is not the page, so that an old page never runs HTML as a program") {
    CHECK(get("/assets/app-0.js").status == 404);
    CHECK(get("/robots.txt").status == 404);
}

TEST_CASE("a file whose name changes with its content is kept for good, others are asked for again") {
    CHECK(get("/assets/app-1.js").headers.get("Cache-Control") == "public, max-age=31536000, immutable");
    const net::Response again = get("/favicon.svg", {{"If-None-Match", "\"b\""}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(get("/favicon.svg", {{"If-None-Match", "\"x\""}}).body == "picture");
}

TEST_CASE("a file is compressed for those who take that") {
    for (const char* accepted : {"gzip", "br, gzip, deflate", "GZIP;q=0.5", "*"}) {
        CAPTURE(accepted);
        const net::Response packed = get("/assets/app-1.js", {{"Accept-Encoding", accepted}});
        CHECK(packed.body == "packed");
        CHECK(packed.headers.get("Content-Encoding") == "gzip");
        CHECK(packed.headers.get("Vary") == "Accept-Encoding");
    }
    for (const char* accepted : {"", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"}) {
        CAPTURE(accepted);
        const net::Response plain = get("/assets/app-1.js", {{"Accept-Encoding", accepted}});
        CHECK(plain.body == "program");
        CHECK(plain.headers.find("Content-Encoding") == nullptr);
    }
    CHECK(get("/favicon.svg", {{"Accept-Encoding", "gzip"}}).body == "picture");
}

TEST_CASE("nothing can be sent to a page") {
    CHECK(get("/", {}, "POST").status == 405);
    CHECK(get("/", {}, "DELETE").headers.get("Allow") == "GET, HEAD");
    CHECK(get("/", {}, "HEAD").status == 200);
}
