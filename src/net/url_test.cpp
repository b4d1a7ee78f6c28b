#include "net/url.hpp"

#include <doctest/doctest.h>

using namespace pintle;

TEST_CASE("percent encoding survives a round trip for every byte but zero and for UTF-8") {
    std::string ascii;
    for (int c = 1; c < 128; ++c) ascii += static_cast<char>(c);
    CHECK(net::percent_decode(net::percent_encode(ascii)).value() == ascii);
    CHECK(net::percent_encode("a b/ü~") == "a%20b%2F%C3%BC~");
    CHECK(net::percent_decode("%C3%bc").value() == "ü");
}

TEST_CASE("hostile percent encoding is refused with a reason") {
    for (const char* bad : {"%", "%4", "a%4", "%zz", "%4g", "%%41", "% 41", "%-1", "%00", "x%00y", "%ff", "%C3",
                            "%C0%80", "%ED%A0%80", "%F5%80%80%80"}) {
        CAPTURE(bad);
        const auto decoded = net::percent_decode(bad);
        REQUIRE_FALSE(decoded.has_value());
        CHECK(decoded.error().code == ErrorCode::kInvalid);
        CHECK_FALSE(decoded.error().message.empty());
    }
    CHECK_FALSE(net::percent_decode(std::string_view("a\0b", 3)).has_value());
}

TEST_CASE("a percent sign that was encoded is decoded once") { CHECK(net::percent_decode("%2541").value() == "%41"); }

TEST_CASE("a plus is a space only where asked") {
    CHECK(net::percent_decode("a+b").value() == "a+b");
    CHECK(net::percent_decode("a+b%2B", net::Plus::kSpace).value() == "a b+");
}

TEST_CASE("the origin of a URL shows no secrets") {
    CHECK(net::url_origin("http://ann:pw@host:80/x?token=1") == "http://host:80");
    CHECK(net::url_origin("https://[::1]:7/") == "https://[::1]:7");
    CHECK(net::url_origin("ann:pw@host/x") == "ann:pw");
}

TEST_CASE("loopback hosts are known in every spelling and no other is taken for one") {
    for (const char* url : {"http://localhost:1/", "http://LOCALHOST", "http://127.0.0.1", "http://127.8.9.1:2/x",
                            "http://u:p@[::1]:3/"}) {
        CAPTURE(url);
        CHECK(net::is_loopback(net::url_host(url)));
    }
    for (const char* url : {"http://127.evil.example/", "http://localhost.example/", "http://10.0.0.1",
                            "http://x/@localhost", "nonsense", "http://["}) {
        CAPTURE(url);
        CHECK_FALSE(net::is_loopback(net::url_host(url)));
    }
}
