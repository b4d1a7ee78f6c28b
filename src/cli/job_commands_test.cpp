#include <filesystem>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/fake_server.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::json_answer;

namespace {

const std::string kQueued =
    R"({"id":"J1","name":"digits/train:3","state":"Queued","revision":1,"properties":{},"replicas":[]})";

std::string page(const std::string& items, const std::string& next = "null") {
    return R"({"items":[)" + items + R"(],"first_line":1,"last_line":9,"next_from_line":)" + next +
           R"(,"prev_before_line":null,"complete":)" + (next == "null" ? "true" : "false") + "}";
}
std::string line(int number, const std::string& at, const std::string& text) {
    return fmt::format(R"({{"line":{},"at":"2026-03-01T12:00:{}Z","text":"{}"}})", number, at, text);
}

}  // namespace

TEST_CASE("a task runs with its settings, and -q prints the name alone") {
    CliBox box;
    box.server.on("POST", "/projects/digits/tasks/train/jobs",
                  [](const net::Request&) { return json_answer(201, kQueued); });
    CHECK(box.run({"run", "digits/train", "--set", "LR=0.1", "--set", "worker.memory=16Gi", "--set", "A=b=c",
                   "--engine", "process"}) == 0);
    CHECK(box.out == "digits/train:3  Queued\nwatch it: pintle job follow digits/train:3\n");
    const net::Request request = box.server.last("POST", "/projects/digits/tasks/train/jobs");
    CHECK(request.body == R"({"set":{"LR":"0.1","worker.memory":"16Gi","A":"b=c"},"engine":"process"})");
    CHECK_FALSE(request.headers.get("Idempotency-Key").empty());
    CHECK(box.run({"run", "digits/train", "-q"}) == 0);
    CHECK(box.out == "digits/train:3\n");
    CHECK(box.run({"run", "train", "--project", "digits", "-q"}) == 0);
    CHECK(box.run({"run", "digits/train", "--project", "digits"}) == 2);
    CHECK(box.run({"run", "digits/train", "--set", "LR"}) == 2);
    CHECK(box.err == "--set: expected KEY=VALUE, got \"LR\"\n");
    CHECK(box.run({"run", "digits/trian"}) == 3);
}

TEST_CASE("the project is that of this folder when none is named") {
    CliBox box;
    box.server.on("POST", "/projects/digits/tasks/train/jobs", kQueued);
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(box.folder.path());
    CHECK(box.run({"run", "train"}) == 2);
    CHECK(box.err.starts_with("which project?"));
    box.file("pintle.yaml", "name: digits\n");
    CHECK(box.run({"run", "train", "-q"}) == 0);
    box.file("pintle.yaml", "tasks: []\n");
    CHECK(box.run({"run", "train", "-q"}) == 2);
    std::filesystem::current_path(before);
}

TEST_CASE("jobs are listed a page at a time up to the limit") {
    CliBox box;
    box.server.on("GET", "/jobs", [](const net::Request& request) {
        const std::string* cursor = request.query.find("cursor");
        const std::string item =
            R"({"name":"d/t:)" + std::string(cursor == nullptr ? "2" : "1") +
            R"(","state":"Complete","submitted_at":"2026-03-01T11:57:00Z","started_at":"2026-03-01T11:57:00Z","ended_at":"2026-03-01T11:57:14Z","duration_ms":14000,"properties":{"accuracy":0.9612345}})";
        return json_answer(
            200, R"({"items":[)" + item + R"(],"next_cursor":)" + (cursor == nullptr ? R"("c1")" : "null") + "}");
    });
    CHECK(box.run({"jobs", "--project", "d", "--state", "Complete", "--live", "--text", "a b"}) == 0);
    CHECK(box.out ==
          "job    status    submitted  time  note\nd/t:2  Complete  3 min ago  0:14  accuracy 0.9612\nd/t:1  Complete  "
          "3 min ago  0:14  accuracy 0.9612\n");
    const net::Request request = box.server.requests().front();
    CHECK(request.target == "/api/v1/jobs?project=d&state=Complete&live=true&text=a%20b&limit=50");
    CHECK(box.run({"jobs", "--limit", "1"}) == 0);
    CHECK(box.err == "there are more than 1; show them with --limit\n");
    CHECK(box.run({"jobs", "-o", "json", "-n", "1"}) == 0);
    CHECK(box.out.find("\"next_cursor\": \"c1\"") != std::string::npos);
    CHECK(box.run({"jobs", "-q"}) == 0);
    CHECK(box.out == "d/t:2\nd/t:1\n");
    CHECK(box.run({"jobs", "--state", "Dead"}) == 2);
}

TEST_CASE("tags are given to jobs, and jobs are found by them") {
    CliBox box;
    box.server.on("POST", "/projects/d/tasks/t/jobs", kQueued);
    CHECK(box.run({"run", "d/t", "--tag", "base line", "--tag", "v1"}) == 0);
    CHECK(box.server.last("POST", "/projects/d/tasks/t/jobs").body == R"({"set":{},"tags":["base line","v1"]})");
    box.server.on("POST", "/jobs/d/t:1/clone", kQueued);
    CHECK(box.run({"job", "clone", "d/t:1", "--tag", "v2"}) == 0);
    CHECK(box.server.last("POST", "/jobs/d/t:1/clone").body == R"({"set":{},"tags":["v2"]})");
    box.server.on("GET", "/jobs", R"({"items":[],"next_cursor":null})");
    CHECK(box.run({"jobs", "--tag", "a,b", "--tag", "c"}) == 0);
    CHECK(*box.server.requests().back().query.find("tag") == "a\\,b,c");
    box.server.on("PATCH", "/jobs/d/t:1", [](const net::Request& request) {
        const bool none = request.body == R"({"tags":[]})";
        return json_answer(200, std::string(R"({"name":"d/t:1","tags":)") + (none ? "[]" : R"(["a","b"])") + "}");
    });
    CHECK(box.run({"job", "tag", "d/t:1", "a", "b"}) == 0);
    CHECK(box.server.last("PATCH", "/jobs/d/t:1").body == R"({"tags":["a","b"]})");
    CHECK(box.out == "d/t:1  a, b\n");
    CHECK(box.run({"job", "tag", "d/t:1"}) == 0);
    CHECK(box.out == "d/t:1  no tags\n");
}

TEST_CASE("jobs are listed by owner and time, in an order, or only counted") {
    CliBox box;
    box.server.on("GET", "/jobs", R"({"items":[],"next_cursor":null})");
    CHECK(box.run({"jobs", "--owner", "ana", "--since", "7d", "--until", "1h", "--ended-since", "2h", "--order",
                   "longest"}) == 0);
    CHECK(box.server.requests().back().target ==
          "/api/v1/jobs?owner=ana&since=7d&until=1h&ended_since=2h&order=longest&limit=50");
    CHECK(box.run({"jobs", "--order", "random"}) == 2);
    box.server.on("GET", "/jobs/summary",
                  R"({"by_state":{"Queued":2,"Error":11},"live":2,"waiting":2,"since":"2026-02-28T12:00:00Z",)"
                  R"("failed_since":1,"complete_since":0})");
    CHECK(box.run({"jobs", "--summary", "--show", "shared", "--since", "1d"}) == 0);
    CHECK(box.server.requests().back().target == "/api/v1/jobs/summary?show=shared&since=1d");
    CHECK(box.out ==
          "status  jobs\nQueued     2\nError     11\n"
          "2 live, 2 of them waiting; 1 failed and 0 completed since 2026-02-28 12:00:00\n");
}

TEST_CASE("a server whose cursor leads nowhere does not hold the list up") {
    CliBox box;
    box.server.on("GET", "/jobs", R"({"items":[],"next_cursor":"again"})");
    CHECK(box.run({"jobs"}) == 0);
    CHECK(box.server.requests().size() == 1);
}

TEST_CASE("a job that went wrong is shown with its evidence") {
    CliBox box;
    box.server.on(
        "GET", "/jobs/digits/train:3",
        R"({"id":"J1","name":"digits/train:3","state":"Error","reason":"worker-1 exited with 1","duration_ms":192000,"submitted_by":"ana",
        "submitted_at":"2026-03-01T11:50:00Z","started_at":"2026-03-01T11:50:00Z","ended_at":"2026-03-01T11:53:12Z","revisions":{"src":"0123456789abcdef"},"properties":{},"replicas":[
        {"name":"worker-0","state":"Stopped","attempt":1,"node":"local","exit_code":143,"ended_at":"2026-03-01T11:53:12Z"},
        {"name":"worker-1","state":"Failed","attempt":2,"node":"local","exit_code":1,"message":"exit 1","ended_at":"2026-03-01T11:53:11Z"}]})");
    box.server.on("GET", "/jobs/J1/logs/worker-1", page(line(7, "01", "loading shard 17")));
    CHECK(box.run({"job", "show", "digits/train:3"}) == 0);
    CHECK(box.server.requests().front().target == "/api/v1/jobs/digits%2Ftrain%3A3");
    CHECK(box.out ==
          "digits/train:3  Error after 3 min 12 s\n  worker-1 exited with 1\n  submitted  10 min ago by ana\n  ended   "
          "   6 min ago\n  sources    src at 0123456789ab\n"
          "  last lines of worker-1:\n    loading shard 17\n  logs: pintle logs digits/train:3 --replica worker-1\n\n"
          "  replica   status   attempt  node   exit  message\n  worker-0  Stopped           local   143\n  worker-1  "
          "Failed         2  local     1  exit 1\n");
}

TEST_CASE("a job is stopped, waited for, cloned and deleted") {
    CliBox box;
    int asked = 0;
    box.server.on("POST", "/jobs/d/t:1/stop", R"({"id":"J1","name":"d/t:1","state":"Stopping","revision":4})");
    box.server.on("GET", "/jobs/J1", [&](const net::Request& request) {
        CHECK(*request.query.find("after") == (asked == 0 ? "4" : "5"));
        const std::string state = ++asked == 1 ? "Stopping" : "Stopped";
        return json_answer(200,
                           R"({"id":"J1","name":"d/t:1","state":")" + state + R"(","revision":5,"duration_ms":1000})");
    });
    CHECK(box.run({"job", "stop", "d/t:1"}) == 0);
    CHECK(box.out == "d/t:1  Stopping\n");
    CHECK(box.run({"job", "stop", "d/t:1", "--wait"}) == 0);
    CHECK(box.out == "d/t:1  Stopped after 1 s\n");
    CHECK(asked == 2);
    box.server.on("POST", "/jobs/d/t:1/clone", kQueued);
    CHECK(box.run({"job", "clone", "d/t:1", "--set", "LR=1"}) == 0);
    CHECK(box.server.last("POST", "/jobs/d/t:1/clone").body == R"({"set":{"LR":"1"}})");
    box.server.on("DELETE", "/jobs/d/t:1", R"({"deleted":"J1"})");
    CHECK(box.run({"job", "delete", "d/t:1"}) == 0);
    CHECK(box.out == "deleted d/t:1\n");
    CHECK(box.run({"job", "delete", "d/t:2"}) == 3);
}

TEST_CASE("the logs of several replicas are merged by time, page by page") {
    CliBox box;
    box.server.on("GET", "/jobs/d/t:1/logs",
                  R"({"items":[{"replica":"job"},{"replica":"ps-0"},{"replica":"worker-10"}],"next_cursor":null})");
    box.server.on("GET", "/jobs/d/t:1/logs/ps-0", [](const net::Request& request) {
        return json_answer(200, *request.query.find("from_line") == "1"
                                    ? page(line(1, "01", "one") + "," + line(2, "04", "four"), "3")
                                    : page(line(3, "05", "five")));
    });
    box.server.on("GET", "/jobs/d/t:1/logs/worker-10", page(line(1, "02", "two") + "," + line(2, "03", "three")));
    CHECK(box.run({"logs", "d/t:1"}) == 0);
    CHECK(box.out == "ps-0       one\nworker-10  two\nworker-10  three\nps-0       four\nps-0       five\n");
    CHECK(box.run({"logs", "d/t:1", "-r", "worker-10", "--times"}) == 0);
    CHECK(box.out == "2026-03-01T12:00:02Z  two\n2026-03-01T12:00:03Z  three\n");
    CHECK(box.run({"logs", "d/t:1", "-r", "worker-10", "--tail", "5", "--grep", "t[wh]", "-i"}) == 0);
    CHECK(box.server.requests().back().target ==
          "/api/v1/jobs/d%2Ft%3A1/logs/worker-10?tail=5&grep=t%5Bwh%5D&case=ignore");
    CHECK(box.run({"logs", "d/t:1", "-r", "worker-10", "-o", "json"}) == 0);
    CHECK(box.out.find("\"replica\": \"worker-10\"") != std::string::npos);
    CHECK(box.run({"logs", "d/t:2"}) == 3);
}

TEST_CASE("a log is harmless on a terminal and exact elsewhere") {
    CliBox box;
    box.server.on("GET", "/jobs/j/logs/w-0", page(line(1, "01", R"(\u001b[2J\u001b[31mred\r)")));
    CHECK(box.run({"logs", "j", "-r", "w-0"}) == 0);
    CHECK(box.out == "\x1b[2J\x1b[31mred\r\n");
    box.use_terminal();
    CHECK(box.run({"logs", "j", "-r", "w-0"}) == 0);
    CHECK(box.out == "^[[2J\x1b[31mred^M\x1b[0m\n");
    CHECK(box.run({"logs", "j", "-r", "w-0", "--raw"}) == 0);
    CHECK(box.out == "\x1b[2J\x1b[31mred\r\n");
}

TEST_CASE("a whole log is downloaded into a file") {
    CliBox box;
    box.server.on("GET", "/jobs/j/logs", R"({"items":[{"replica":"w-0"}],"next_cursor":null})");
    box.server.on("GET", "/jobs/j/logs/w-0", [](const net::Request& request) {
        CHECK(request.query.find("download") != nullptr);
        return json_answer(200, "line 1\nline 2\n");
    });
    const std::string path = box.folder.path() + "/log";
    CHECK(box.run({"logs", "j", "--output", path}) == 0);
    CHECK(os::read_file(path).value() == "line 1\nline 2\n");
    CHECK(box.run({"logs", "j", "--output", box.folder.path() + "/none/log"}) == 3);
}

TEST_CASE("a log is followed to its end") {
    CliBox box;
    box.server.on("GET", "/jobs/j", R"({"id":"J1","name":"d/t:1","state":"Running","replicas":[{"name":"w-0"}]})");
    box.server.on("GET", "/jobs/j/logs/w-0", [](const net::Request& request) {
        CHECK(request.headers.get("Accept") == "text/event-stream");
        net::Response response = json_answer(200,
                                             "id: 1\nevent: line\ndata: {\"line\":1,\"text\":\"a\"}\n\n: ping\n\nid: "
                                             "2\nevent: end\ndata: {\"state\":\"Complete\"}\n\n");
        return response;
    });
    CHECK(box.run({"logs", "j", "-f", "--tail", "3"}) == 0);
    CHECK(box.out == "a\n");
    CHECK(box.server.requests().back().target == "/api/v1/jobs/j/logs/w-0?tail=3");
    CHECK(box.run({"logs", "j", "-f", "--grep", "x"}) == 2);
}

TEST_CASE("history and events are those of a project or of a job") {
    CliBox box;
    box.server.on(
        "GET", "/history",
        R"({"items":[{"job_name":"d/t:1","resource":"worker","index":0,"attempt":1,"state":"Failed","node":"local","started_at":"2026-03-01T11:57:00Z",
        "ended_at":"2026-03-01T11:57:14Z","duration_ms":14000,"exit_code":137,"message":"out of memory"}],"next_cursor":null})");
    CHECK(box.run({"history", "d"}) == 0);
    CHECK(box.out ==
          "job    replica   status  node   started    time  exit  message\nd/t:1  worker-0  Failed  local  3 min ago  "
          "0:14   137  out of memory\n");
    CHECK(box.server.requests().back().target == "/api/v1/history?project=d&limit=50");
    CHECK(box.run({"history", "d/t:1", "-n", "5"}) == 0);
    CHECK(box.server.requests().back().target == "/api/v1/history?job=d%2Ft%3A1&limit=5");
    box.server.on(
        "GET", "/events",
        R"({"items":[{"job_name":"d/t:1","warning":true,"reason":"OutOfMemory","source":"engine","message":"killed","count":2,"last_seen":"2026-03-01T11:57:00Z"}],"next_cursor":null})");
    CHECK(box.run({"events"}) == 0);
    CHECK(box.out ==
          "last seen  times  job    kind     reason       source  message\n3 min ago      2  d/t:1  warning  "
          "OutOfMemory  engine  killed\n");
}

TEST_CASE("a line in pieces is put together, and one without an end is ended") {
    CliBox box;
    const auto piece = [](const std::string& at, const std::string& text, bool starts, bool ends) {
        return fmt::format(R"({{"line":1,"at":"{}","text":"{}","starts":{},"ends":{}}})", at, text, starts, ends);
    };
    box.server.on("GET", "/jobs/j/logs", R"({"items":[{"replica":"a-0"},{"replica":"b-0"}],"next_cursor":null})");
    box.server.on("GET", "/jobs/j/logs/a-0",
                  page(piece("1", "one ", true, false) + "," + piece("2", "whole", false, true) + "," +
                       piece("4", "cut ", true, false) + "," + piece("6", "off", false, false)));
    box.server.on("GET", "/jobs/j/logs/b-0", page(piece("5", "between", true, true)));
    CHECK(box.run({"logs", "j"}) == 0);
    CHECK(box.out == "a-0  one whole\na-0  cut \nb-0  between\na-0  off\n");
}

TEST_CASE("lists that come whole are asked for without parameters") {
    CliBox box;
    for (const std::string path : {"/nodes", "/storages", "/projects/d/sources", "/jobs/j/logs"}) {
        box.server.on("GET", path, [](const net::Request& request) {
            return request.query.size() == 0 ? json_answer(200, R"({"items":[],"next_cursor":null})")
                                             : error_answer(400, "invalid", "no parameters here");
        });
    }
    CHECK(box.run({"node", "list"}) == 0);
    CHECK(box.run({"storage", "list"}) == 0);
    CHECK(box.run({"source", "list", "d"}) == 0);
    CHECK(box.run({"logs", "j"}) == 0);
}
