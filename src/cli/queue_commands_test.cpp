#include <doctest/doctest.h>

#include "cli/fake_server.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::json_answer;

namespace {

const std::string kForecast = R"({"median":"2026-03-01T12:12:00Z","high":"2026-03-01T12:45:00Z"})";

const std::string kWaiting =
    R"json({"job":"J1","name":"vision/train:41","state":"Waiting for GPUs","gpus":4,"waited_ms":720000,
    "pool":{"name":"research","model":"A100","gpus":8,"used":6,"free":1,"unhealthy":1,"waiting_jobs":5},"history":null,
    "waiting":{"code":"gpus","reason":"it needs 4 A100 and 1 of 8 in pool research is free (6 in use, 1 unhealthy)","gpus_missing":3,
    "position":2,"queue_length":5,"blockers_in_all":3,"forecast":)json" +
    kForecast + R"(,"waits_for":[{"job":"J2","name":"vision/train:38","gpus":2,"waiting":false,"ends":)" + kForecast +
    R"(},{"job":null,"name":"a job of another group","gpus":1,"waiting":true,"ends":null}],
    "remedies":[{"kind":"fewer_gpus","gpus":1,"text":"with 1 GPU"},{"kind":"priority","priority":11,"text":"with priority 11"}]}})";

std::string job(const std::string& more) {
    return R"({"id":"J1","name":"d/t:1","state":"Queued","priority":20,"revision":1)" + more + "}";
}

}  // namespace

TEST_CASE("a waiting job is explained in words") {
    CliBox box;
    box.server.on("GET", "/jobs/vision/train:41/explanation", kWaiting);
    CHECK(box.run({"explain", "vision/train:41"}) == 0);
    CHECK(box.out ==
          "vision/train:41 is waiting for 4 GPUs in pool research, position 2 of 5, for 12 min 0 s.\n"
          "  It needs 4 A100 and 1 of 8 in pool research is free (6 in use, 1 unhealthy).\n"
          "  It waits for vision/train:38 (2 GPUs, ends in 12 min), "
          "a job of another group (1 GPU, ahead of it in the queue) and 1 more.\n"
          "  Forecast: in 12 min (within 45 min in 9 of 10 cases).\n"
          "  It would start now: with 1 GPU, or with priority 11.\n");
    CHECK(box.run({"explain", "vision/train:41", "-o", "wide"}) == 0);
    CHECK(box.out.find("at 2026-03-01 12:12:00 (by 2026-03-01 12:45:00 in 9 of 10 cases)") != std::string::npos);
    CHECK(box.run({"explain", "vision/train:41", "-q"}) == 0);
    CHECK(box.out == "gpus\n");
    CHECK(box.run({"explain", "vision/train:41", "-o", "json"}) == 0);
    CHECK(box.out.starts_with("{\n  \"job\": \"J1\""));
    CHECK(box.run({"explain", "vision/train:42"}) == 3);
    CHECK(box.run({"explain"}) == 2);
}

TEST_CASE("a job that was sent back to the queue says so, and why") {
    CliBox box;
    const std::string requeued =
        R"("requeued":{"at":"2026-03-01T11:57:00Z","reason":"its GPUs were lent by another group"})";
    box.server.on("GET", "/jobs/d/t:1/explanation",
                  R"({"name":"d/t:1","state":"Queued","gpus":0,"waited_ms":180000,"history":null,"pool":null,
        "waiting":{"code":"behind","reason":"1 job is ahead of it","waits_for":[],"remedies":[],"forecast":null},)" +
                      requeued + "}");
    CHECK(box.run({"explain", "d/t:1"}) == 0);
    CHECK(box.out.starts_with(
        "d/t:1 is waiting, for 3 min 0 s.\n"
        "  It was sent back to the queue 3 min ago: its GPUs were lent by another group.\n"
        "  1 job is ahead of it.\n"));
    box.server.on("GET", "/jobs/d/t:1", R"({"name":"d/t:1","state":"Queued",)" + requeued + "}");
    CHECK(box.run({"job", "show", "d/t:1"}) == 0);
    CHECK(box.out == "d/t:1  Queued\n  sent back  3 min ago: its GPUs were lent by another group\n");
}

TEST_CASE("a job of which nobody can tell when it starts says so, with its pool's numbers") {
    CliBox box;
    box.server.on("GET", "/jobs/d/t:1/explanation",
                  R"({"name":"d/t:1","state":"Queued","gpus":2,"waited_ms":1000,"history":null,
        "pool":{"name":"Default Pool","model":null,"gpus":2,"used":0,"free":2,"unhealthy":0,"waiting_jobs":1},
        "waiting":{"code":"held","reason":"held by ana","position":1,"queue_length":1,"waits_for":[],"remedies":[],"forecast":null}})");
    CHECK(box.run({"explain", "d/t:1"}) == 0);
    CHECK(box.out ==
          "d/t:1 is waiting in the Default Pool, position 1 of 1, for 1 s.\n"
          "  Held by ana.\n"
          "  Default Pool has 2 GPUs: 0 in use, 2 free.\n"
          "  Forecast: none; it is held, or it depends on jobs whose run time is not known.\n");
}

TEST_CASE("a job that has ended tells why it waited") {
    CliBox box;
    box.server.on("GET", "/jobs/d/t:1/explanation",
                  R"({"name":"d/t:1","state":"Complete","waiting":null,"history":{"sentences":
        ["It waited 3 min 12 s.","It could start when d/t:0 (4 GPUs) ended."]}})");
    CHECK(box.run({"explain", "d/t:1"}) == 0);
    CHECK(box.out == "d/t:1  Complete\n  It waited 3 min 12 s.\n  It could start when d/t:0 (4 GPUs) ended.\n");
    CHECK(box.run({"explain", "d/t:1", "-q"}) == 0);
    CHECK(box.out.empty());
}

TEST_CASE("a run asks for GPUs, workers, a priority, a hold, or to start at once") {
    CliBox box;
    box.server.on("POST", "/projects/d/tasks/t/jobs", job(R"(,"held":"no data")"));
    const auto asked = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"run", "d/t", "-q"});
        CHECK(box.run(more) == 0);
        return box.server.last("POST", "/projects/d/tasks/t/jobs").body;
    };
    CHECK(asked({"--gpus", "4", "--workers", "2", "--priority=-5"}) ==
          R"({"set":{},"gpus":4,"workers":2,"priority":-5})");
    CHECK(asked({"--gpus", "4", "--now"}) == R"({"set":{},"gpus":4,"immediate":true})");
    CHECK(asked({"--sample-every", "1s"}) == R"({"set":{"sample_interval":"1s"}})");
    CHECK(asked({"--hold"}) == R"({"set":{},"hold":true})");
    CHECK(asked({"--hold=no data"}) == R"({"set":{},"hold":"no data"})");
    CHECK(box.run({"run", "d/t", "--hold=no data"}) == 0);
    CHECK(box.out == "d/t:1  Queued, held: no data\nlet it go: pintle job release d/t:1\n");
    CHECK(box.run({"run", "d/t", "--gpus", "-1"}) == 2);
    CHECK(box.run({"run", "d/t", "--gpus=-1"}) == 2);
    CHECK(box.err.starts_with("--gpus: expected a whole number from 0 to 100000, got \"-1\""));
    CHECK(box.run({"run", "d/t", "--workers", "0"}) == 2);
    CHECK(box.run({"run", "d/t", "--priority", "1001"}) == 2);
    CHECK(box.run({"run", "d/t", "--dry-run", "--follow"}) == 2);
    CHECK(box.err == "--dry-run makes no job that could be followed\n");
}

TEST_CASE("a dry run says whether it would start now, or when, why, and what would help") {
    CliBox box;
    const std::string facts =
        R"("pool":"research","gpus":4,"gpus_free_in_pool":1,"replicas":2,"cpu_millis":16000,"memory_bytes":64000000000)";
    box.server.on("POST", "/projects/d/tasks/now/dry-run",
                  R"({"starts_now":true,"position":1,"nodes":["gpu-1","gpu-2"],"explanation":{"code":"starting"},)" +
                      facts + "}");
    box.server.on(
        "POST", "/projects/d/tasks/later/dry-run",
        R"({"starts_now":false,"position":2,"explanation":{"code":"gpus","reason":"it needs 4 GPUs and 1 is free",
        "remedies":[{"text":"with 1 GPU"}],"forecast":)" +
            kForecast + "}," + facts + "}");
    CHECK(box.run({"run", "d/now", "--dry-run"}) == 0);
    CHECK(box.out ==
          "would start now on gpu-1 and gpu-2\n  It asks for 4 GPUs, 16 CPUs and 64 GB of memory for 2 replicas.\n");
    CHECK(box.run({"run", "d/now", "--dry-run", "--now"}) == 0);
    CHECK(box.out.starts_with(
        "would start now on gpu-1 and gpu-2 with as many of its 4 GPUs as are free; 1 is free in pool research\n"));
    CHECK(box.run({"run", "d/later", "--dry-run"}) == 0);
    CHECK(box.out ==
          "would start in 12 min (within 45 min in 9 of 10 cases); until then it would wait in pool research, position "
          "2\n"
          "  It asks for 4 GPUs, 16 CPUs and 64 GB of memory for 2 replicas.\n"
          "  It needs 4 GPUs and 1 is free.\n"
          "  It would start now: with 1 GPU.\n");
    CHECK(box.run({"run", "d/later", "--dry-run", "-q"}) == 0);
    CHECK(box.out == "later\n");
    CHECK(box.run({"run", "d/now", "--dry-run", "-q"}) == 0);
    CHECK(box.out == "now\n");
    box.server.on("POST", "/projects/d/tasks/never/dry-run", [](const net::Request&) {
        return error_answer(400, "invalid", "d/never can never run here: it asks for 5 GPUs and pool research has 4");
    });
    CHECK(box.run({"run", "d/never", "--dry-run"}) == 2);
    CHECK(box.err == "d/never can never run here: it asks for 5 GPUs and pool research has 4\n");
}

TEST_CASE("the queue is listed in its order") {
    CliBox box;
    const std::string entry =
        R"({"pool":"research","position":1,"job":"J1","name":"d/t:1","owner":"ana","reason":"it needs 4 GPUs","gpus":4,
        "priority":20,"waited_ms":720000,"forecast":)" + kForecast + "}";
    box.server.on("GET", "/queue", R"({"items":[)" + entry + R"(],"next_cursor":null})");
    CHECK(box.run({"queue"}) == 0);
    CHECK(box.out ==
          "#  job    GPUs  priority  waits  starts                                      owner  reason\n"
          "1  d/t:1     4        20  12:00  in 12 min (within 45 min in 9 of 10 cases)  ana    it needs 4 GPUs\n");
    CHECK(box.run({"queue", "--pool", "research", "-n", "5"}) == 0);
    CHECK(box.server.requests().back().target == "/api/v1/queue?pool=research&limit=5");
    CHECK(box.run({"queue", "-q"}) == 0);
    CHECK(box.out == "d/t:1\n");
    CHECK(box.run({"queue", "mvoe"}) == 2);
    CHECK(box.err.starts_with("unexpected \"mvoe\""));

    CliBox several;
    several.server.on("GET", "/session", R"({"user":"olga","group":"research"})");
    several.server.on("GET", "/queue",
                      R"({"items":[{"pool":"A","position":1,"name":"d/t:1","group":"research","gpus":0,"priority":0},
                      {"pool":"B","position":1,"name":"e/t:2","group":"Default Group","gpus":0,"priority":0}],
                      "next_cursor":null})");
    CHECK(several.run({"queue"}) == 0);
    CHECK(several.out ==
          "pool  #  job                    waits  group\n"
          "A     1  d/t:1                   0:00  research\n"
          "B     1  'Default Group:e/t:2'   0:00  Default Group\n");

    CliBox empty;
    empty.server.on("GET", "/queue", R"({"items":[],"next_cursor":null})");
    CHECK(empty.run({"queue"}) == 0);
    CHECK(empty.out == "nothing waits\n");
}

TEST_CASE("a job is moved in its queue, to one place") {
    CliBox box;
    box.server.on("POST", "/jobs/d/t:1/reorder", job(""));
    const auto asked = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"queue", "move", "d/t:1"});
        CHECK(box.run(more) == 0);
        CHECK(box.out == "d/t:1  priority 20\nsee the queue: pintle queue\n");
        return box.server.last("POST", "/jobs/d/t:1/reorder").body;
    };
    CHECK(asked({"--first"}) == R"({"place":"first"})");
    CHECK(asked({"--last"}) == R"({"place":"last"})");
    CHECK(asked({"--before", "d/t:2"}) == R"({"place":"before","other":"d/t:2"})");
    CHECK(asked({"--after", "d/t:2"}) == R"({"place":"after","other":"d/t:2"})");
    CHECK(box.run({"queue", "move", "d/t:1"}) == 2);
    CHECK(box.err == "where to? Say --first, --last, --before JOB or --after JOB\n");
    CHECK(box.run({"queue", "move", "d/t:1", "--first", "--after", "d/t:2"}) == 2);
    CHECK(box.err == "one place only: --first or --after\n");
    CHECK(box.run({"queue", "move"}) == 2);
}

TEST_CASE("a job gets another priority, is held and released") {
    CliBox box;
    box.server.on("POST", "/jobs/d/t:1/reorder", job(""));
    box.server.on("POST", "/jobs/d/t:1/hold", job(R"(,"held":"no data")"));
    box.server.on("POST", "/jobs/d/t:1/release", job(R"(,"held":null)"));
    CHECK(box.run({"job", "priority", "d/t:1", "20"}) == 0);
    CHECK(box.server.last("POST", "/jobs/d/t:1/reorder").body == R"({"priority":20})");
    CHECK(box.run({"job", "priority", "d/t:1", "--", "-5"}) == 0);
    CHECK(box.server.last("POST", "/jobs/d/t:1/reorder").body == R"({"priority":-5})");
    CHECK(box.run({"job", "priority", "d/t:1", "high"}) == 2);
    CHECK(box.err == "the priority: expected a whole number from -1000 to 1000, got \"high\"\n");
    CHECK(box.run({"job", "priority", "d/t:1", "2000"}) == 2);
    CHECK(box.err == "the priority: expected a whole number from -1000 to 1000, got \"2000\"\n");
    CHECK(box.run({"job", "hold", "d/t:1", "no data"}) == 0);
    CHECK(box.server.last("POST", "/jobs/d/t:1/hold").body == R"({"reason":"no data"})");
    CHECK(box.out == "d/t:1  held: no data\nlet it go: pintle job release d/t:1\n");
    CHECK(box.run({"job", "release", "d/t:1"}) == 0);
    CHECK(box.out == "d/t:1  released\n");
}

TEST_CASE("lists show whose things are asked for, and when what waits will start") {
    CliBox box;
    for (const std::string path : {"/jobs", "/projects", "/history"})
        box.server.on("GET", path, R"({"items":[],"next_cursor":null})");
    CHECK(box.run({"jobs", "--show", "shared"}) == 0);
    CHECK(box.server.requests().back().target == "/api/v1/jobs?show=shared&limit=50");
    CHECK(box.run({"project", "list", "--show", "owned"}) == 0);
    CHECK(box.server.requests().back().target.starts_with("/api/v1/projects?show=owned"));
    CHECK(box.run({"history", "--show", "everyone"}) == 0);
    CHECK(box.server.requests().back().target == "/api/v1/history?show=everyone&limit=50");
    CHECK(box.run({"jobs", "--show", "mine"}) == 2);

    CliBox everyone;
    everyone.server.on("GET", "/session", R"({"user":"olga","group":"research"})");
    everyone.server.on("GET", "/jobs",
                       R"({"items":[{"name":"d/t:2","group":"vision","state":"Running"},
                       {"name":"d/t:1","group":"research","state":"Running"},
                       {"name":"d/t:0","group":null,"state":"Running"}],"next_cursor":null})");
    CHECK(everyone.run({"jobs", "--show", "everyone"}) == 0);
    CHECK(everyone.out ==
          "job           status   group\n"
          "vision:d/t:2  Running  vision\n"
          "d/t:1         Running  research\n"
          "d/t:0         Running\n");
    CHECK(everyone.run({"jobs", "--show", "everyone", "-q"}) == 0);
    CHECK(everyone.out == "vision:d/t:2\nd/t:1\nd/t:0\n");
    everyone.server.on(
        "GET", "/projects",
        R"({"items":[{"name":"d","group":"vision"},{"name":"e","group":"research"}],"next_cursor":null})");
    CHECK(everyone.run({"project", "list", "--show", "everyone", "-q"}) == 0);
    CHECK(everyone.out == "vision:d\ne\n");

    CliBox other;
    other.server.on("GET", "/jobs",
                    R"({"items":[{"name":"d/t:2","state":"Waiting for GPUs","owner":"ana","held":null,"forecast":)" +
                        kForecast +
                        R"(},{"name":"d/t:1","state":"Queued","owner":"bo","held":"no data"}],"next_cursor":null})");
    CHECK(other.run({"jobs", "--show", "all"}) == 0);
    CHECK(other.out ==
          "job    status            owner  note\n"
          "d/t:2  Waiting for GPUs  ana    starts in 12 min (within 45 min in 9 of 10 cases)\n"
          "d/t:1  Queued            bo     held: no data\n");
}

TEST_CASE("a job is shown with its owner, its place, its hold and its forecast") {
    CliBox box;
    box.server.on(
        "GET", "/jobs/d/t:1",
        R"({"name":"d/t:1","state":"Waiting for GPUs","owner":"ana","submitted_by":"job d/all:1","gpus":4,"gpus_held":0,
        "pool":"research","priority":20,"held":"no data","waiting_reason":"held by ana: no data","started_at":null,
        "submitted_at":"2026-03-01T11:50:00Z","waiting":{"position":2,"queue_length":5},"forecast":)" +
            kForecast + "}");
    CHECK(box.run({"job", "show", "d/t:1"}) == 0);
    CHECK(box.out ==
          "d/t:1  Waiting for GPUs\n"
          "  waiting    held by ana: no data\n"
          "  release    pintle job release d/t:1\n"
          "  forecast   in 12 min (within 45 min in 9 of 10 cases)\n"
          "  queue      pool research, position 2 of 5, priority 20\n"
          "  GPUs       4\n"
          "  submitted  10 min ago by job d/all:1\n"
          "  owner      ana\n");
}

TEST_CASE("following a job that waits shows why and until when") {
    CliBox box;
    const std::string waiting =
        R"({"id":"J1","name":"d/t:1","state":"Waiting for GPUs","revision":1,"waiting_reason":"it needs 4 GPUs","forecast":)" +
        kForecast + "}";
    box.server.on("POST", "/projects/d/tasks/t/jobs", waiting);
    box.server.on("GET", "/jobs/J1", R"({"id":"J1","name":"d/t:1","state":"Stopped","revision":9})");
    box.server.on("GET", "/jobs/J1/logs/all", [](const net::Request&) {
        return json_answer(200, "event: end\ndata: {\"state\":\"Stopped\"}\n\n");
    });
    CHECK(box.run({"run", "d/t", "--follow"}) == 130);
    CHECK(box.out.starts_with("d/t:1  waiting for gpus\n  it needs 4 GPUs\n"
                              "  starts in 12 min (within 45 min in 9 of 10 cases)\n"));
}

TEST_CASE("a task is forecast as a file has it, before it is saved") {
    CliBox box;
    box.server.on("POST", "/projects/d/tasks/t/dry-run", R"({"starts_now":true,"replicas":1})");
    const std::string path = box.file("new.yaml", "name: d\ntasks:\n- name: s\n- {name: t, resources: []}\n");
    CHECK(box.run({"run", "d/t", "--dry-run", "-q", "--file", path}) == 0);
    CHECK(box.out == "now\n");
    const auto sent = json::parse_json(box.server.last("POST", "/projects/d/tasks/t/dry-run").body).value();
    CHECK(sent["document"] == json::parse_json(R"({"name":"t","resources":[]})").value());
    CHECK(box.run({"run", "d/u", "--dry-run", "--file", path}) == 3);
    CHECK(box.err == path + " has no task \"u\"\n");
    CHECK(box.run({"run", "d/t", "--file", path}) == 2);
    CHECK(box.err.find("add --dry-run") != std::string::npos);
}
