#include "gateway/gateway.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "net/raw_client.hpp"

using namespace pintle;
using namespace pintle::gateway;
using net::Response;
using net::testing::RawClient;
using net::testing::RawListener;

namespace {

const domain::ProjectId kProject("01J00000000000000000000001");
const std::string kPrefix = prefix_of(kProject, "jupyter");

/// One project with the components "jupyter" and "board"; what it says of them is the test's.
struct FakeDirectory final : Directory {
    Result<Endpoint> find(const domain::ProjectId& project, const std::string& name) override {
        const std::lock_guard lock(mu);
        if (project != kProject || (name != "jupyter" && name != "board"))
            return fail(ErrorCode::kNotFound, "there is no such component");
        Endpoint found = endpoint;
        found.name = name;
        return found;
    }
    Result<void> admit(const Pass& pass) override {
        if (!signed_in) return fail(ErrorCode::kUnauthorized, "the session has ended");
        if (!permitted || pass.credential != "session-1")
            return fail(ErrorCode::kDenied, "only its owner and operators may do this");
        return {};
    }
    Result<void> resume(const Pass&) override {
        ++resumed;
        return {};
    }
    std::vector<Endpoint> running() override { return {}; }
    void seen(const Use&) override {}

    std::mutex mu;
    Endpoint endpoint;
    std::atomic<bool> signed_in{true};
    std::atomic<bool> permitted{true};
    std::atomic<int> resumed{0};
};

struct Site {
    Site() {
        directory.endpoint.state = Endpoint::State::kRunning;
        directory.endpoint.project = kProject;
        directory.endpoint.project_name = "digits";
        directory.endpoint.job = domain::JobId("01J000000000000000000000J1");
        directory.endpoint.host = "127.0.0.1";
        directory.endpoint.port = server.port();
        directory.endpoint.token = "t0k";
        Gateway::Options options;
        options.key = std::string(32, 'k');
        options.proxy.recheck = Duration(20);
        gateway = Gateway::open(std::move(options), clock).value();
        Door::Options door_options;
        door_options.address = gateway->address();
        door_options.main_address = "127.0.0.1:7171";
        door = std::make_unique<Door>(door_options);
        gateway->connect(directory, *door);
        host = "localhost:" + gateway->address().substr(gateway->address().rfind(':') + 1);
    }
    Pass pass(std::string component = "jupyter", std::string credential = "session-1") {
        Pass pass;
        pass.credential = std::move(credential);
        pass.user = domain::UserId("01J0000000000000000000USER");
        pass.project = kProject;
        pass.component = std::move(component);
        return pass;
    }
    /// Lets a browser in and returns its cookie.
    std::string enter(const Pass& who) {
        const std::string url = door->open(who, {"127.0.0.1:7171", false}, "", clock.now()).value();
        const Response answer = ask("GET", url.substr(url.find("/enter")), "");
        CHECK(answer.status == 303);
        CHECK(answer.headers.get("Location") == prefix_of(who.project, who.component) + "/");
        CHECK(answer.headers.get("Referrer-Policy") == "no-referrer");
        const std::string set(answer.headers.get("Set-Cookie"));
        CHECK(set.find("; Path=" + prefix_of(who.project, who.component) + ";") != std::string::npos);
        CHECK(set.find("; HttpOnly; SameSite=Lax") != std::string::npos);
        return set.substr(0, set.find(';'));
    }
    /// What is answered without the component's help.
    Response ask(const std::string& method, const std::string& target, const std::string& cookie,
                 const std::string& more = "") {
        RawClient client(gateway->address());
        client.send(request(method, target, cookie, more));
        return client.read_answer();
    }
    std::string request(const std::string& method, const std::string& target, const std::string& cookie,
                        const std::string& more = "") const {
        const std::string line = more.find("Host: ") == std::string::npos ? "Host: " + host + "\r\n" : "";
        return method + " " + target + " HTTP/1.1\r\n" + line + (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") +
               more + "\r\n";
    }
    /// What the component answers 200 to, or the refusal.
    int status(const std::string& method, const std::string& target, const std::string& cookie,
               const std::string& more = "") {
        if (server.has_client(0)) FAIL("a request before this one reached the component");
        RawClient client(gateway->address());
        client.send(request(method, target, cookie, more));
        const Response answer = [&] {
            std::atomic<bool> answered{false};
            std::thread component([&] {
                while (!answered) {
                    if (!server.has_client(10)) continue;
                    RawClient accepted = server.accept();
                    (void)accepted.read_until("\r\n\r\n");
                    accepted.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    (void)accepted.is_closed();
                    return;
                }
            });
            Response got = client.read_answer();
            answered = true;
            component.join();
            return got;
        }();
        return answer.status;
    }

    SystemClock clock;
    FakeDirectory directory;
    RawListener server;
    std::unique_ptr<Door> door;  // Outlives the gateway, which asks it.
    std::unique_ptr<Gateway> gateway;
    std::string host;
};

const std::string kPage = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

}  // namespace

TEST_CASE("who has a ticket gets in, and the component sees its own token only") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    RawClient client(site.gateway->address());
    client.send(site.request("GET", kPrefix + "/lab?x=1", cookie + "; pintle_session=pse_secret; mine=1",
                             "Authorization: Bearer ppt_secret\r\n"));
    RawClient component = site.server.accept();
    const std::string head = component.read_until("\r\n\r\n");
    CHECK(head.starts_with("GET " + kPrefix + "/lab?x=1 HTTP/1.1\r\n"));
    CHECK(head.find("Authorization: token t0k\r\n") != std::string::npos);
    CHECK(head.find("Cookie: mine=1\r\n") != std::string::npos);
    CHECK(head.find("secret") == std::string::npos);
    CHECK(head.find("pintle_component") == std::string::npos);
    component.send(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: "
        "pintle_session=stolen\r\n\r\nhi");
    const Response answer = client.read_answer();
    CHECK(answer.body == "hi");
    CHECK(answer.headers.count("Set-Cookie") == 1);
    CHECK(answer.headers.get("Set-Cookie") == "a=b; Path=" + kPrefix + "/");
}

TEST_CASE("nobody gets in without a cookie of this very component") {
    Site site;
    const std::string jupyter = site.enter(site.pass());
    const std::string board = site.enter(site.pass("board"));
    CHECK(site.status("GET", kPrefix + "/", jupyter) == 200);
    CHECK(site.status("GET", kPrefix + "/", "") == 401);
    CHECK(site.status("GET", kPrefix + "/", "pintle_component=guess") == 401);
    CHECK(site.status("GET", kPrefix + "/", board) == 401);
    CHECK(site.status("GET", kPrefix + "/", "pintle_session=pse_x") == 401);
    CHECK(site.status("GET", kPrefix + "/", jupyter + "; pintle_component=other") == 401);
    CHECK(site.status("GET", kPrefix + "/", "", "Authorization: token t0k\r\n") == 401);
    CHECK(site.status("GET", prefix_of(kProject, "other") + "/", jupyter) == 401);
    CHECK(site.status("GET", kPrefix + "x", jupyter) == 401);
    const Response page = site.ask("GET", kPrefix + "/lab?a=b", "", kPage);
    CHECK(page.status == 401);
    CHECK(page.body.find("http://127.0.0.1:7171/api/v1/projects/01J00000000000000000000001/components/jupyter/"
                         "open?to=%2Fprojects%2F") != std::string::npos);
}

TEST_CASE("who may not, or not any more, does not get in") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    const std::string mate = site.enter(site.pass("jupyter", "session-2"));
    CHECK(site.status("GET", kPrefix + "/", mate) == 403);
    site.directory.permitted = false;
    CHECK(site.status("GET", kPrefix + "/", cookie) == 403);
    site.directory.permitted = true;
    site.directory.signed_in = false;
    CHECK(site.status("GET", kPrefix + "/", cookie) == 401);
}

TEST_CASE("a ticket is good once, and not by a method that changes something") {
    Site site;
    const std::string url = site.door->open(site.pass(), {"127.0.0.1:7171", false}, "", site.clock.now()).value();
    const std::string path = url.substr(url.find("/enter"));
    CHECK(site.ask("POST", path, "").status == 401);
    CHECK(site.ask("GET", path, "").status == 303);
    CHECK(site.ask("GET", path, "").status == 401);
    CHECK(site.ask("GET", "/enter", "").status == 401);
    CHECK(site.ask("GET", "/enter?ticket=guess", "", kPage).body.find("older than a minute") != std::string::npos);
}

TEST_CASE("paths that are written differently, or lead out of the component, go nowhere") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    for (const std::string& target :
         {std::string("/"), std::string("/api/v1/projects"), kPrefix + "/../board/", kPrefix + "/%2e%2e/board/",
          std::string("//evil.example") + kPrefix, "/%70rojects/" + kProject.str() + "/components/jupyter/",
          "/projects/" + kProject.str() + "/components/jupyte%72/", "http://127.0.0.1" + kPrefix + "/",
          "/projects/" + kProject.str() + "%2Fcomponents%2Fjupyter/", std::string("/projects/x/components/jupyter/")}) {
        CAPTURE(target);
        const int status = site.status("GET", target, cookie);
        CHECK((status == 404 || status == 400));
    }
}

TEST_CASE("a name that is not the server's is refused, against pages that had their own name point here") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    CHECK(site.status("GET", kPrefix + "/", cookie, "Host: evil.example\r\n") == 403);
    CHECK(site.status("GET", kPrefix + "/", cookie, "Host: localhost.evil.example\r\n") == 403);
    CHECK(site.status("GET", kPrefix + "/", cookie, "Host: evil.example\r\nX-Forwarded-Host: localhost\r\n") == 403);
}

TEST_CASE("pages of other sites may lead here, but neither read, change nor connect") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    const std::string cross = "Sec-Fetch-Site: cross-site\r\n";
    const std::string same = "Sec-Fetch-Site: same-site\r\n";
    const std::string evil = "Origin: https://evil.example\r\n";
    const std::string own = "Origin: http://" + site.host + "\r\nSec-Fetch-Site: same-origin\r\n";
    const std::string socket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    CHECK(site.status("GET", kPrefix + "/", cookie, cross + kPage) == 200);
    CHECK(site.status("GET", kPrefix + "/", cookie, cross + "Sec-Fetch-Mode: no-cors\r\n") == 403);
    CHECK(site.status("GET", kPrefix + "/", cookie, same + "Sec-Fetch-Mode: cors\r\n") == 403);
    CHECK(site.status("GET", kPrefix + "/", cookie, same + "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n") ==
          403);
    CHECK(site.status("GET", kPrefix + "/", cookie, evil) == 403);
    CHECK(site.status("GET", kPrefix + "/", cookie, "Origin: null\r\n") == 403);
    CHECK(site.status("POST", kPrefix + "/a", cookie, cross + kPage) == 403);
    CHECK(site.status("POST", kPrefix + "/a", cookie, evil) == 403);
    CHECK(site.status("DELETE", kPrefix + "/a", cookie, same) == 403);
    CHECK(site.status("GET", kPrefix + "/ws", cookie, socket + evil) == 403);
    CHECK(site.status("GET", kPrefix + "/ws", cookie, socket + "Origin: http://127.0.0.1:7171\r\n") == 403);
    CHECK(site.status("GET", kPrefix + "/ws", cookie, socket + own) == 200);
    CHECK(site.status("POST", kPrefix + "/a", cookie, own) == 200);
    CHECK(site.status("GET", kPrefix + "/a", cookie, own) == 200);
    CHECK(site.status("GET", kPrefix + "/a", cookie, "Sec-Fetch-Site: none\r\n") == 200);
}

TEST_CASE("an open WebSocket ends soon after the sign-in, the permission or the run behind it") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    RawClient client(site.gateway->address());
    client.send(site.request("GET", kPrefix + "/ws", cookie, "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    RawClient component = site.server.accept();
    (void)component.read_until("\r\n\r\n");
    component.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    (void)client.read_until("\r\n\r\n");
    client.send("x");
    CHECK(component.read_until("x") == "x");
    SUBCASE("signed out") { site.directory.signed_in = false; }
    SUBCASE("not permitted any more") { site.directory.permitted = false; }
    SUBCASE("another run in its place") {
        const std::lock_guard lock(site.directory.mu);
        site.directory.endpoint.job = domain::JobId("01J000000000000000000000J2");
    }
    CHECK(client.is_closed());
    CHECK(component.is_closed());
}

TEST_CASE("a component that does not run says so in words, and a paused one can be resumed without a program") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    const auto page = [&](Endpoint::State state, const std::string& reason) {
        {
            const std::lock_guard lock(site.directory.mu);
            site.directory.endpoint.state = state;
            site.directory.endpoint.reason = reason;
        }
        return site.ask("GET", kPrefix + "/", cookie, kPage);
    };
    const Response waiting = page(Endpoint::State::kWaiting, "it waits for 2 GPUs <b>");
    CHECK(waiting.status == 503);
    CHECK(waiting.body.find("<h1>jupyter of digits waits for its turn</h1>") != std::string::npos);
    CHECK(waiting.body.find("<p>It waits for 2 GPUs &lt;b&gt;.</p>") != std::string::npos);
    CHECK(waiting.body.find("http-equiv=\"refresh\"") != std::string::npos);
    CHECK(page(Endpoint::State::kDisabled, "").body.find("http-equiv") == std::string::npos);
    CHECK(page(Endpoint::State::kFailing, "").body.find("does not stay up") != std::string::npos);
    const Response paused = page(Endpoint::State::kPaused, "");
    CHECK(paused.body.find("<form method=\"post\" action=\"" + kPrefix + "/.pintle/resume\">") != std::string::npos);
    CHECK(site.ask("GET", kPrefix + "/api", cookie).headers.get("Content-Type") == "application/json");
    CHECK(site.ask("GET", kPrefix + "/.pintle/resume", cookie).status == 303);
    CHECK(site.directory.resumed == 0);
    CHECK(site.ask("POST", kPrefix + "/.pintle/resume", cookie, "Origin: https://evil.example\r\n").status == 403);
    CHECK(site.ask("POST", kPrefix + "/.pintle/resume", "").status == 401);
    CHECK(site.directory.resumed == 0);
    const Response resumed =
        site.ask("POST", kPrefix + "/.pintle/resume", cookie, "Origin: http://" + site.host + "\r\n");
    CHECK(resumed.status == 303);
    CHECK(resumed.headers.get("Location") == kPrefix + "/");
    CHECK(site.directory.resumed == 1);
}

TEST_CASE("a component that runs and does not answer yet is told of, and asked again") {
    Site site;
    const std::string cookie = site.enter(site.pass());
    {
        const RawListener gone;
        const std::lock_guard lock(site.directory.mu);
        site.directory.endpoint.port = gone.port();
    }
    const Response answer = site.ask("GET", kPrefix + "/", cookie, kPage);
    CHECK(answer.status == 502);
    CHECK(answer.body.find("gave no answer: nothing listens there") != std::string::npos);
    CHECK(answer.body.find("http-equiv=\"refresh\"") != std::string::npos);
}
