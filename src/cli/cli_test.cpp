#include <cerrno>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/fake_server.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::json_answer;

TEST_CASE("every command explains itself with an example") {
    CliBox box;
    for (const Command& command : all_commands()) {
        CAPTURE(command.spec.name());
        CHECK_FALSE(command.spec.examples.empty());
        std::vector<std::string> argv = command.spec.words;
        if (command.spec.takes_rest)
            argv.insert(argv.begin(), "help");
        else
            argv.emplace_back("--help");
        CHECK(box.run(argv) == 0);
        CHECK(box.out.starts_with(command.spec.summary + "\n\nUsage: pintle " + command.spec.name()));
        CHECK(box.out.find("\n  " + command.spec.examples.front()) != std::string::npos);
        CHECK(box.err.empty());
    }
}

TEST_CASE("help lists every command once and nothing hidden") {
    CliBox box;
    CHECK(box.run({}) == 0);
    for (const Command& command : all_commands()) {
        CHECK((box.out.find("\n  " + command.spec.name() + "  ") != std::string::npos) == !command.spec.hidden);
    }
    CHECK(box.run({"help", "job"}) == 0);
    CHECK(box.out.find("job show") != std::string::npos);
    CHECK(box.out.find("project create") == std::string::npos);
    CHECK(box.run({"job"}) == 2);
    CHECK(box.err.find("job show") != std::string::npos);
}

TEST_CASE("commands of other modules appear in help and get their arguments") {
    CliBox box;
    std::string data;
    box.deps.extra = {{{.words = {"serve"},
                        .summary = "Run the server",
                        .options = {{.name = "data", .value = "DIR"}},
                        .examples = {"pintle serve"}},
                       [&](const Arguments& args) { return data = args.get("data"), 42; }},
                      {{.words = {"supervise"}, .summary = "x", .examples = {"x"}, .hidden = true, .takes_rest = true},
                       [&](const Arguments& args) { return static_cast<int>(args.all("REST").size()); }}};
    CHECK(box.run({"serve", "--data", "/d"}) == 42);
    CHECK(data == "/d");
    CHECK(box.run({"supervise", "--a", "-b", "c"}) == 3);
    CHECK(box.run({"--help"}) == 0);
    CHECK(box.out.find("Run the server") != std::string::npos);
    CHECK(box.run({"serve", "--help"}) == 0);
    CHECK(box.out.find("--data DIR") != std::string::npos);
    CHECK(box.run({"serv"}) == 2);
    CHECK(box.err == "unknown command \"serv\"; did you mean \"serve\"?\n");
}

TEST_CASE("a wrong command line exits with 2 and says what is near") {
    CliBox box;
    CHECK(box.run({"projct"}) == 2);
    CHECK(box.err == "unknown command \"projct\"; did you mean \"project\"?\n");
    CHECK(box.run({"project", "create", "--nam", "x"}) == 2);
    CHECK(box.err == "unknown option \"--nam\"; did you mean \"--name\"?\nsee: pintle project create --help\n");
    CHECK(box.server.requests().empty());
}

TEST_CASE("each code of an error has its exit code, and details are shown") {
    CliBox box;
    const std::vector<std::tuple<int, std::string, int>> rows{
        {400, "invalid", 2},   {404, "not_found", 3},   {409, "conflict", 4}, {403, "denied", 5},
        {429, "exhausted", 6}, {503, "unavailable", 7}, {504, "timeout", 8},  {500, "internal", 1}};
    for (const auto& [status, code, exit] : rows) {
        box.server.on("GET", "/doctor", [status = status, code = code](const net::Request&) {
            return error_answer(status, code, "no", R"([{"path":"a.b","message":"wrong","line":0,"column":0}])");
        });
        CHECK(box.run({"doctor"}) == exit);
        CHECK(box.err.starts_with("no"));
        CHECK(box.err.find("\n  a.b: wrong\n") != std::string::npos);
        CHECK(box.out.empty());
    }
    CHECK(box.err.starts_with("no (request R1)"));
}

TEST_CASE("a wrong token is 5 and says how to pass one") {
    CliBox box;
    box.env["PINTLE_TOKEN"] = "wrong";
    CHECK(box.run({"status"}) == 5);
    CHECK(box.err == "this needs a token\nsign in with: pintle login, or pass a token with --token or PINTLE_TOKEN\n");
    box.server.on("GET", "/server", R"({"address":"a","version":"1"})");
    CHECK(box.run({"status", "-q", "--token", "secret"}) == 0);
    CHECK(box.out.empty());
    CHECK(box.run({"status", "--token", "a\nb"}) == 2);
}

TEST_CASE("an answer that is not Pintle's is recognised") {
    CliBox box;
    box.server.on("GET", "/server", [](const net::Request&) { return json_answer(502, "<html>Bad</html>"); });
    CHECK(box.run({"status"}) == 7);
    CHECK(box.err.find("answered 502") != std::string::npos);
    box.server.on("GET", "/server", "<html>");
    CHECK(box.run({"status"}) == 1);
    CHECK(box.err.find("is not JSON; is it a Pintle server?") != std::string::npos);
    box.server.on("GET", "/jobs", R"([1,2])");
    CHECK(box.run({"jobs"}) == 1);
}

TEST_CASE("without a server the command says how to start one") {
    CliBox box;
    box.env.erase("PINTLE_URL");
    CHECK(box.run({"jobs"}) == 7);
    CHECK(box.err == "no server runs here; start one with: pintle serve\n");
    // What a server that was killed leaves behind.
    const std::string address = box.server.address();
    box.server.stop();
    box.file("data/server.json", R"({"address":")" + address + R"(","pid":1})");
    box.file("data/token", "secret\n");
    box.env["PINTLE_DATA"] = box.folder.path() + "/data";
    CHECK(box.run({"status", "-q"}) == 7);
    CHECK(box.err == "no server runs here; start one with: pintle serve\n");
    CHECK(box.run({"status", "--url", "http://" + address}) == 7);
    CHECK(box.err.find(address) != std::string::npos);
}

TEST_CASE("the server of the data folder is found with its token") {
    CliBox box;
    box.server.on("GET", "/server", R"({"address":"a","version":"1"})");
    box.env = {{"PINTLE_DATA", box.folder.path() + "/data"}};
    box.file("data/server.json", R"({"address":")" + box.server.address() + R"(","pid":1})");
    box.file("data/token", "secret\n");
    CHECK(box.run({"status", "-q"}) == 0);
    box.env = {{"XDG_DATA_HOME", box.folder.path()}};
    box.file("pintle/server.json", R"({"address":")" + box.server.address() + R"("})");
    box.file("pintle/token", "secret");
    CHECK(box.run({"status", "-q"}) == 0);
    box.file("pintle/server.json", "not json");
    CHECK(box.run({"status", "-q"}) == 1);
    CHECK(box.err.find("server.json") != std::string::npos);
}

TEST_CASE("the local token is never sent to another server") {
    CliBox box;
    box.env = {{"PINTLE_DATA", box.folder.path()}};
    box.file("server.json", R"({"address":"127.0.0.1:1"})");
    box.file("token", "secret");
    CHECK(box.run({"status", "--url", "http://" + box.server.address() + "/"}) == 5);
    CHECK(box.server.requests().at(0).headers.find("Authorization") == nullptr);
}

TEST_CASE("answers are given as JSON and YAML, and with -q to scripts") {
    CliBox box;
    box.server.on("GET", "/server", R"({"version":"1","address":"127.0.0.1:7171"})");
    CHECK(box.run({"status", "-o", "json"}) == 0);
    CHECK(box.out == "{\n  \"version\": \"1\",\n  \"address\": \"127.0.0.1:7171\"\n}\n");
    CHECK(box.run({"status", "-o", "yaml"}) == 0);
    CHECK(box.out.find("version: \"1\"") != std::string::npos);
    CHECK(box.run({"version"}) == 0);
    CHECK(box.out == "pintle 1.2.3\n");
    CHECK(box.run({"version", "-q"}) == 0);
    CHECK(box.out == "1.2.3\n");
}

TEST_CASE("colours only on a terminal that wants them") {
    CliBox box;
    box.server.on("GET", "/jobs", R"({"items":[{"name":"a/b:1","state":"Error"}],"next_cursor":null})");
    const auto colored = [&](const std::vector<std::string>& argv) {
        CHECK(box.run(argv) == 0);
        return box.out.find('\x1b') != std::string::npos;
    };
    CHECK_FALSE(colored({"jobs"}));
    box.use_terminal();
    CHECK(colored({"jobs"}));
    CHECK_FALSE(colored({"jobs", "--no-color"}));
    box.env["NO_COLOR"] = "1";
    CHECK_FALSE(colored({"jobs"}));
}

TEST_CASE("an output that cannot be written is an error, a reader that went away is not") {
    CliBox box;
    box.server.on("GET", "/server", R"({"version":"1"})");
    box.deps.out = [](std::string_view) { return ENOSPC; };
    CHECK(box.run({"status"}) == 6);
    CHECK(box.err.find("No space left") != std::string::npos);
    box.deps.out = [](std::string_view) { return EPIPE; };
    CHECK(box.run({"status"}) == 141);
    CHECK(box.err.empty());
}

TEST_CASE("the server's state, its machines, storages and findings are laid out plainly") {
    CliBox box;
    box.server.on(
        "GET", "/server",
        R"({"version":"0.1.0","api":"v1","started_at":"2026-03-01T11:57:00Z","address":"127.0.0.1:7171","data_folder":"/d","live_jobs":1,
        "jobs_by_state":{"Running":1,"Complete":3,"Error":0},"projects":1,
        "nodes":[{"name":"local","cpu_millis":2000,"cpu_millis_used":300,"memory_bytes":8000000000,"memory_bytes_used":400000000,"devices":[]}]})");
    CHECK(box.run({"status"}) == 0);
    CHECK(box.out ==
          "http://127.0.0.1:7171  Pintle 0.1.0, started 3 min ago\n1 project, jobs: 1 Running, 3 Complete\n"
          "local: 0.3 of 2 CPUs and 400 MB of 8.0 GB in use\ndata in /d\n");
    box.server.on(
        "GET", "/nodes",
        R"({"items":[{"name":"local","cpu_millis":2000,"cpu_millis_used":300,"memory_bytes":8000000000,"memory_bytes_used":0,
        "devices":[{"index":0,"model":"A100","healthy":true,"in_use":true},{"index":1,"model":"A100","healthy":false,"in_use":false}],"labels":{"zone":"a"},"replicas":2}],"next_cursor":null})");
    CHECK(box.run({"node", "list"}) == 0);
    CHECK(box.out.find("local     0.3 of 2  0 bytes of 8.0 GB  1 of 2 A100, 1 unhealthy         2  zone=a\n") !=
          std::string::npos);
    box.server.on(
        "GET", "/storages",
        R"({"items":[{"name":"default","folder":"/d/storage","free_bytes":14000000000}],"next_cursor":null})");
    CHECK(box.run({"storage", "list"}) == 0);
    CHECK(box.out == "storage   free  folder\ndefault  14 GB  /d/storage\n");
    box.server.on(
        "GET", "/doctor",
        R"({"findings":[{"subject":"engine process","level":"good","message":"cgroup v2"},{"subject":"engine process","level":"limited","message":"no private mounts"},
        {"subject":"GPUs","level":"missing","message":"none found"}]})");
    CHECK(box.run({"doctor"}) == 0);
    CHECK(box.out ==
          "engine process   cgroup v2\n                 no private mounts  (limited)\nGPUs             none found  "
          "(missing)\n");
}
