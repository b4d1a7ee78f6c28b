#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>

#include <doctest/doctest.h>

#include "base/synchronized.hpp"
#include "cli/fake_server.hpp"
#include "cli/follow.hpp"
#include "net/sse.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::FakeServer;
using cli::testing::json_answer;

namespace {

std::string job(const std::string& state, int revision, const std::string& more = "") {
    return fmt::format(
        R"({{"id":"J1","name":"digits/train:3","state":"{}","revision":{},"duration_ms":14000,"properties":{{"accuracy":0.961}},"reason":null{},
        "replicas":[{{"name":"ps-0","resource":"ps","node":"local"}},{{"name":"worker-0","resource":"worker","node":"local"}},{{"name":"worker-1","resource":"worker","node":"local"}}]}})",
        state, revision, more);
}

std::string line(int id, const std::string& replica, const std::string& text) {
    return net::sse_event(std::to_string(id), "line",
                          fmt::format(R"({{"replica":"{}","line":{},"at":"x","text":"{}"}})", replica, id, text));
}
std::string end() { return net::sse_event("", "end", R"({"state":"Complete"})"); }

/// Goes through the states, one per question, the last of them for ever.
void walk_states(FakeServer& server, std::vector<std::string> states) {
    auto next = std::make_shared<std::atomic<std::size_t>>(0);
    server.on("GET", "/jobs/J1", [states = std::move(states), next](const net::Request&) {
        const std::size_t at = std::min(next->fetch_add(1), states.size() - 1);
        return json_answer(200, job(states[at], static_cast<int>(at) + 2));
    });
}

void serve_log(FakeServer& server, const std::string& events) {
    server.on("GET", "/jobs/J1/logs/all", [events](const net::Request&) { return json_answer(200, events); });
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("following shows states, logs with their replicas, and the ending") {
    CliBox box;
    box.server.on("POST", "/projects/digits/tasks/train/jobs", job("Queued", 1));
    walk_states(box.server, {"Starting", "Running", "Complete"});
    serve_log(box.server,
              line(1, "job", "submitted") + line(2, "ps-0", "listening") + line(3, "worker-0", "epoch 1") + end());
    CHECK(box.run({"run", "digits/train", "--follow"}) == 0);
    CHECK(box.out.starts_with("digits/train:3  queued"));
    CHECK(has(box.out, "→ starting"));
    CHECK(has(box.out, "→ running   ps + 2 × worker on local\n"));
    CHECK(has(box.out, "\nps-0      listening\n"));
    CHECK(has(box.out, "\nworker-0  epoch 1\n"));
    CHECK_FALSE(has(box.out, "submitted"));
    CHECK(box.out.ends_with("\ndigits/train:3  Complete in 14 s   accuracy 0.961\n"));
    CHECK(box.err.empty());
}

TEST_CASE("the exit code is that of the ending, and -q prints only what a script needs") {
    CliBox box;
    box.server.on("GET", "/jobs/digits/train:3", job("Running", 1));
    serve_log(box.server, line(1, "worker-0", "x") + end());
    walk_states(box.server, {"Error"});
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 1);
    CHECK(has(box.out, "digits/train:3  Error after 14 s"));
    CHECK(has(box.out, "pintle job show digits/train:3"));
    walk_states(box.server, {"Stopped"});
    CHECK(box.run({"job", "follow", "digits/train:3", "-q"}) == 130);
    CHECK(box.out.empty());
    CHECK(box.run({"job", "follow", "digits/train:3", "-o", "json"}) == 130);
    CHECK(box.out.starts_with("{\n  \"id\": \"J1\""));
}

TEST_CASE("a job that has ended is followed without waiting for news") {
    CliBox box;
    box.server.on("GET", "/jobs/digits/train:3", job("Complete", 9));
    serve_log(box.server, line(1, "worker-0", "epoch 1") + end());
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 0);
    CHECK(box.out == "worker-0  epoch 1\ndigits/train:3  Complete in 14 s   accuracy 0.961\n");
    CHECK(box.server.requests().size() == 2);
}

TEST_CASE("why a job waits is said once") {
    CliBox box;
    const std::string waiting = R"(,"waiting_reason":"waiting for 2 GPUs")";
    box.server.on("GET", "/jobs/digits/train:3", job("Waiting for GPUs", 1, waiting));
    auto asked = std::make_shared<std::atomic<int>>(0);
    box.server.on("GET", "/jobs/J1", [=](const net::Request&) {
        const int n = ++*asked;
        return json_answer(200, n < 3 ? job("Waiting for GPUs", n + 1, waiting) : job("Complete", 9));
    });
    serve_log(box.server, end());
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 0);
    CHECK(
        box.out ==
        "digits/train:3  waiting for gpus\n  waiting for 2 GPUs\ndigits/train:3  Complete in 14 s   accuracy 0.961\n");
}

TEST_CASE("a log that breaks off is resumed behind its last line") {
    CliBox box;
    box.server.on("GET", "/jobs/digits/train:3", job("Running", 1));
    auto connections = std::make_shared<std::atomic<int>>(0);
    auto resumed = std::make_shared<Synchronized<std::string>>();
    box.server.on("GET", "/jobs/J1/logs/all", [=](const net::Request& request) {
        if (++*connections == 1) return json_answer(200, line(7, "worker-0", "one"));
        resumed->with([&](std::string& text) { text = request.headers.get("Last-Event-ID"); });
        return json_answer(200, line(8, "worker-0", "two") + end());
    });
    walk_states(box.server, {"Complete"});
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 0);
    CHECK(resumed->with([](const std::string& text) { return text; }) == "7");
    CHECK(has(box.out, "worker-0  one\nworker-0  two\n"));
    CHECK(has(box.err, "trying again for 1 min 0 s\nconnected again\n"));
}

TEST_CASE("a restart of the server at another address is survived") {
    CliBox box;
    box.env = {{"PINTLE_DATA", box.folder.path()}};
    box.file("token", "secret");
    box.file("server.json", R"({"address":")" + box.server.address() + R"("})");
    box.server.on("GET", "/jobs/digits/train:3", job("Running", 1));
    std::promise<void> promise;
    const std::shared_future<void> served = promise.get_future().share();
    box.server.on("GET", "/jobs/J1/logs/all", [&](const net::Request&) {
        promise.set_value();
        return json_answer(200, line(1, "worker-0", "before"));
    });
    box.server.on("GET", "/jobs/J1", [served](const net::Request&) {
        served.wait();
        return error_answer(503, "unavailable", "stopping");
    });
    FakeServer second;
    walk_states(second, {"Complete"});
    serve_log(second, line(2, "worker-0", "after") + end());
    // Whoever waits first, both threads find the new address afterwards.
    Synchronized<bool> moved;
    box.deps.sleep = [&](Duration) {
        moved.with([&](bool& done) {
            if (!done) box.file("server.json", R"({"address":")" + second.address() + R"("})");
            done = true;
        });
    };
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 0);
    CHECK(has(box.out, "worker-0  before\n"));
    CHECK(has(box.out, "worker-0  after\n"));
    CHECK(has(box.out, "Complete"));
}

TEST_CASE("a server that stays away is given up in the end") {
    CliBox box;
    box.server.on("GET", "/jobs/digits/train:3", job("Running", 1));
    box.server.on("GET", "/jobs/J1", [](const net::Request&) { return error_answer(503, "unavailable", "gone"); });
    box.server.on("GET", "/jobs/J1/logs/all",
                  [](const net::Request&) { return error_answer(503, "unavailable", "gone"); });
    Synchronized<Duration> slept;
    box.deps.sleep = [&](Duration time) { slept.with([&](Duration& sum) { sum += time; }); };
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 7);
    CHECK(has(box.err, "gone\n"));
    const Duration sum = slept.with([](Duration d) { return d; });
    CHECK(sum >= Patience::kWhole);
    CHECK(sum < 3 * Patience::kWhole);
}

TEST_CASE("an error that will not pass ends following at once") {
    CliBox box;
    box.server.on("GET", "/jobs/digits/train:3", job("Running", 1));
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 3);
    CHECK(box.run({"job", "follow", "digits/none:1"}) == 3);
}

TEST_CASE("hostile log lines do no harm on a terminal") {
    CliBox box;
    box.use_terminal();
    box.env["NO_COLOR"] = "1";
    box.server.on("GET", "/jobs/digits/train:3", job("Complete", 1));
    serve_log(box.server, line(1, "worker-0", R"(\u001b]0;x\u0007)") + net::sse_event("2", "line", "not json") +
                              net::sse_event("3", "other", "{}") + end());
    CHECK(box.run({"job", "follow", "digits/train:3"}) == 0);
    CHECK(has(box.out, "worker-0  ^[]0;x^G\n"));
}

TEST_CASE("Ctrl-C while following says how to come back and leaves with 130") {
    int pipe_fds[2];
    REQUIRE(::pipe(pipe_fds) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe_fds[1], STDERR_FILENO);
        const DetachOnInterrupt detach(true, "still running\n");
        ::raise(SIGINT);
        ::_exit(1);
    }
    ::close(pipe_fds[1]);
    char text[64] = {};
    const ssize_t got = ::read(pipe_fds[0], text, sizeof text - 1);
    ::close(pipe_fds[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(got == 14);
    CHECK(std::string(text) == "still running\n");
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
}
