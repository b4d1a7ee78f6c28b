#include "auth/plain_page.hpp"

#include <doctest/doctest.h>

#include "auth/host.hpp"
#include "auth/seal.hpp"

using namespace pintle;

TEST_CASE("a plain page shows hostile texts as they are and runs nothing") {
    auth::PlainPage page;
    page.title = "<script>alert(1)</script>";
    page.sentences = {"a & b", "\"quoted\" 'too'\xff"};
    page.link = {"go <there>", "/x?\"y\""};
    page.button = {"Do it", "/do"};
    page.reload_after_s = 2;
    const net::Response answer = auth::plain_page(page);
    CHECK(answer.body.find("<script") == std::string::npos);
    CHECK(answer.body.find("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>") != std::string::npos);
    CHECK(answer.body.find("<p>a &amp; b</p>") != std::string::npos);
    CHECK(answer.body.find("href=\"/x?&quot;y&quot;\"") != std::string::npos);
    CHECK(answer.body.find("<form method=\"post\" action=\"/do\">") != std::string::npos);
    CHECK(answer.body.find("http-equiv=\"refresh\" content=\"2\"") != std::string::npos);
    CHECK(answer.headers.get("Content-Security-Policy").find("default-src 'none'") == 0);
    CHECK(answer.headers.get("Content-Security-Policy").find("form-action 'self'") != std::string_view::npos);
}

TEST_CASE("what is sealed can be opened with its key only, and not after a change") {
    const std::string key(32, 'k');
    const std::string sealed = auth::seal("text", key);
    CHECK(auth::unseal(sealed, key) == "text");
    CHECK(auth::seal("text", key) != sealed);
    CHECK_FALSE(auth::unseal(sealed, std::string(32, 'x')));
    std::string changed = sealed;
    changed[10] = changed[10] == 'a' ? 'b' : 'a';
    CHECK_FALSE(auth::unseal(changed, key));
    for (const std::string text : {"", "?", "short"}) CHECK_FALSE(auth::unseal(text, key));
}

TEST_CASE("a server answers to addresses, localhost and its own names") {
    const std::vector<std::string> names{"Pintle.example"};
    for (const std::string host : {"127.0.0.1:7171", "[::1]:80", "localhost", "pintle.example", "PINTLE.example:443"})
        CHECK(auth::check_host(host, names));
    for (const std::string host : {"evil.example", "pintle.example.evil", "", "1.2.3.4.evil"})
        CHECK_FALSE(auth::check_host(host, names));
}
