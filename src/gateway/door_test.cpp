#include "gateway/door.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using gateway::Door;
using gateway::Pass;

namespace {

const domain::ProjectId kProject("01J00000000000000000000001");
const Time kNow = time_from_ms(1'700'000'000'000);

Door::Options options() {
    Door::Options options;
    options.address = "127.0.0.1:7172";
    options.main_address = "127.0.0.1:7171";
    options.host_names = {"pintle.example"};
    return options;
}

Pass pass(std::string component = "jupyter") {
    Pass pass;
    pass.credential = "hash";
    pass.user = domain::UserId("01J0000000000000000000USER");
    pass.project = kProject;
    pass.component = std::move(component);
    pass.expires_at = kNow + gateway::kPassTime;
    return pass;
}

std::string ticket_of(const std::string& url) { return url.substr(url.find("ticket=") + 7); }

}  // namespace

TEST_CASE("a pass is read only with its key, within its time") {
    const std::string key(32, 'k');
    const std::string cookie = gateway::seal_pass(pass(), key);
    CHECK(gateway::open_pass(cookie, key, kNow) == pass());
    CHECK_FALSE(gateway::open_pass(cookie, std::string(32, 'x'), kNow));
    CHECK_FALSE(gateway::open_pass(cookie, key, kNow + gateway::kPassTime));
    CHECK_FALSE(gateway::open_pass("", key, kNow));
}

TEST_CASE("a ticket lets in once, within a minute, to a path of its component") {
    Door door(options());
    const std::string url = door.open(pass(), {"127.0.0.1:7171", false}, "", kNow).value();
    CHECK(url.starts_with("http://localhost:7172/enter?ticket="));
    const auto entry = door.take(ticket_of(url), kNow);
    REQUIRE(entry);
    CHECK(entry->pass == pass());
    CHECK(entry->to == "/projects/01J00000000000000000000001/components/jupyter/");
    CHECK_FALSE(door.take(ticket_of(url), kNow));
    const std::string late = door.open(pass(), {"127.0.0.1:7171", false}, "", kNow).value();
    CHECK_FALSE(door.take(ticket_of(late), kNow + gateway::kTicketTime));
    CHECK_FALSE(door.take(ticket_of(late), kNow));
    CHECK_FALSE(door.take("guess", kNow));
}

TEST_CASE("a ticket leads nowhere but below its component") {
    Door door(options());
    const std::string prefix = gateway::prefix_of(kProject, "jupyter");
    CHECK(door.open(pass(), {"127.0.0.1:1", false}, prefix + "/lab/tree/a%20b?x=1", kNow));
    for (const std::string& to : {prefix + "x", std::string("//evil.example"), std::string("https://evil.example"),
                                  prefix + "/../x", prefix + "/%2e%2e/x", prefix + "/\\x", prefix + "/a b",
                                  prefix + "/\r\nX: 1", prefix + "/" + std::string(5000, 'a')}) {
        CAPTURE(to);
        CHECK_FALSE(door.open(pass(), {"127.0.0.1:1", false}, to, kNow));
    }
}

TEST_CASE(
    "components have an origin of their own, also on the loopback address, and from there the way back is known") {
    Door door(options());
    const auto origin = [&](const std::string& host) { return door.origin_of(pass(), {host, false}).value(); };
    CHECK(origin("127.0.0.1:7171") == "http://localhost:7172");
    CHECK(origin("localhost:7171") == "http://127.0.0.1:7172");
    CHECK(origin("pintle.example:7171") == "http://pintle.example:7172");
    CHECK(origin("[::1]:7171") == "http://[::1]:7172");
    CHECK(door.server_url("localhost:7172") == "http://127.0.0.1:7171");
    CHECK(door.server_url("pintle.example:7172") == "http://pintle.example:7171");
    CHECK_FALSE(door.origin_of(pass(), {"pintle.example", true}));
}

TEST_CASE("a configured address is the only one, and a star gives every component a host of its own") {
    Door::Options configured = options();
    configured.url = "https://*.tools.example";
    configured.main_url = "https://pintle.example";
    Door door(configured);
    const std::string one = door.origin_of(pass(), {"pintle.example", true}).value();
    const std::string other = door.origin_of(pass("tensorboard"), {"pintle.example", true}).value();
    CHECK(one != other);
    CHECK(one.starts_with("https://c"));
    CHECK(one.ends_with(".tools.example"));
    CHECK(door.server_url("x") == "https://pintle.example");
    const std::string host = one.substr(8);
    CHECK(door.check_host(host, kProject, "jupyter"));
    CHECK(door.check_host(host + ":443", kProject, "jupyter"));
    CHECK_FALSE(door.check_host(host, kProject, "tensorboard"));
    CHECK_FALSE(door.check_host("tools.example", kProject, "jupyter"));
    CHECK_FALSE(door.check_host("127.0.0.1:7172", kProject, "jupyter"));
    CHECK(door.is_good());
    Door plain(options());
    CHECK(plain.is_good());
    CHECK(plain.in_words() == "found at port 7172");
    configured.url.clear();
    CHECK(Door(configured).in_words().find("set components.url") != std::string::npos);
    configured.url = "https://tools.example";
    CHECK_FALSE(Door(configured).is_good());
    CHECK(plain.check_host("localhost:7172", kProject, "jupyter"));
    CHECK(plain.check_host("pintle.example:7172", kProject, "jupyter"));
    CHECK_FALSE(plain.check_host("evil.example:7172", kProject, "jupyter"));
}
