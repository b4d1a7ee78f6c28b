#include <doctest/doctest.h>

#include "cli/fake_server.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::json_answer;

namespace {

const std::string kProject =
    R"({"id":"P1","name":"digits","revision":3,"created_at":"2026-03-01T11:00:00Z","updated_at":"2026-03-01T11:57:00Z","document":{"name":"digits",
    "tasks":[{"name":"train","resources":[{"name":"ps","replicas":1,"command":"python ps.py"},{"name":"worker","replicas":2}]}],
    "sources":[{"name":"src","mount_path":"/workspace/src","cluster_storage":"default"},{"name":"code","git":{"repository":"https://example.org/x.git"}}]}})";
const std::string kSaved = R"({"project":)" + kProject + R"(,"warnings":[]})";

}  // namespace

TEST_CASE("a project is created from its file and told what comes next") {
    CliBox box;
    box.server.on("POST", "/projects", [](const net::Request&) { return json_answer(201, kSaved); });
    const std::string text = "name: digits\n# a comment\ntasks: []\n";
    CHECK(box.run({"project", "create", "-f", box.file("pintle.yaml", text)}) == 0);
    CHECK(box.out == "created digits: 1 task, 2 sources\nnext: pintle run digits/train --follow\n");
    const net::Request request = box.server.last("POST", "/projects");
    CHECK(request.body == text);
    CHECK(request.headers.get("Content-Type") == "application/yaml");
    CHECK(request.headers.get("Idempotency-Key").size() > 16);
    CHECK(box.run({"project", "create", "-q", "-f", box.folder.path() + "/pintle.yaml"}) == 0);
    CHECK(box.out == "digits\n");
    box.input = {"name: digits"};
    CHECK(box.run({"project", "create", "-f", "-"}) == 0);
    CHECK(box.server.last("POST", "/projects").body == "name: digits\n");
}

TEST_CASE("faults of a project file are shown with their places, and nothing is created") {
    CliBox box;
    box.server.on("POST", "/projects", [](const net::Request&) {
        return error_answer(
            400, "invalid", "the project has 2 faults",
            R"([{"path":"tasks[1].resources[0].replicas","message":"expected a whole number ≥ 1, got \"two\"","line":14,"column":19},
                                {"path":"tasks[1].resources[0]","message":"unknown field \"comand\"; did you mean \"command\"?","line":22,"column":9}])");
    });
    const std::string path = box.file("pintle.yaml", "name: digits\n");
    CHECK(box.run({"project", "create", "-f", path}) == 2);
    CHECK(box.out.empty());
    CHECK(box.err == path + ":14:19: tasks[1].resources[0].replicas: expected a whole number ≥ 1, got \"two\"\n" +
                         path +
                         ":22:9:  tasks[1].resources[0]: unknown field \"comand\"; did you mean \"command\"?\nNothing "
                         "was created.\n");
}

TEST_CASE("warnings are shown and do not stop anything") {
    CliBox box;
    box.server.on("POST", "/projects",
                  R"({"project":)" + kProject +
                      R"(,"warnings":[{"path":"taks","message":"unknown field","line":2,"column":1}]})");
    const std::string path = box.file("pintle.yaml", "name: digits\n");
    CHECK(box.run({"project", "create", "-f", path}) == 0);
    CHECK(box.err == path + ":2:1: warning: taks: unknown field\n");
}

TEST_CASE("folders named by a project's file are uploaded after it is created") {
    CliBox box;
    box.server.on("POST", "/projects", kSaved);
    box.server.on("PUT", "/projects/digits/sources/src/files", R"({"path":"x","size_bytes":1})");
    box.file("code/train.py", "print()\n");
    box.file("code/a b/ä.txt", "x");
    const std::string path =
        box.file("pintle.yaml", "name: digits\nsources:\n- {name: src, upload: code, cluster_storage: default}\n");
    CHECK(box.run({"project", "create", "-f", path}) == 0);
    CHECK(
        box.out ==
        "created digits: 1 task, 2 sources\nsrc: 2 files uploaded from code\nnext: pintle run digits/train --follow\n");
    std::vector<std::string> sent;
    for (const net::Request& request : box.server.requests()) {
        if (request.method == "PUT") sent.push_back(*request.query.find("path") + "=" + request.body);
    }
    CHECK(sent == std::vector<std::string>{"a b/ä.txt=x", "train.py=print()\n"});
    box.server.on("PUT", "/projects/digits/sources/src/files",
                  [](const net::Request&) { return error_answer(429, "exhausted", "the disk is full"); });
    CHECK(box.run({"project", "create", "-f", path}) == 6);
    CHECK(box.err.find("the project digits exists; send its files again with: pintle project update digits -f " +
                       path) != std::string::npos);
}

TEST_CASE("an update replaces the project") {
    CliBox box;
    box.server.on("PUT", "/projects/digits", kSaved);
    CHECK(box.run({"project", "update", "digits", "-f", box.file("p.yaml", "name: digits\n")}) == 0);
    CHECK(box.out == "updated digits: 1 task, 2 sources, revision 3\n");
    CHECK(box.server.last("PUT", "/projects/digits").headers.find("If-Match") == nullptr);
}

TEST_CASE("projects are listed and shown") {
    CliBox box;
    box.server.on(
        "GET", "/projects",
        R"({"items":[{"id":"P1","name":"digits","owner":"ana","summary_line":"Digits, ä","tasks":["train","export"],"sources":3,"jobs":{"live":1,"total":7},
        "revision":2,"created_at":"2026-03-01T11:00:00Z","updated_at":"2026-03-01T11:57:00Z"}],"next_cursor":null})");
    CHECK(box.run({"project", "list"}) == 0);
    CHECK(box.out ==
          "project  owner  jobs  live  tasks          sources  changed    summary\ndigits   ana       7     1  train, "
          "export        "
          "3  3 min ago  Digits, ä\n");
    CHECK(box.run({"project", "list", "-o", "wide"}) == 0);
    CHECK(box.out.find("2026-03-01 11:57:00") != std::string::npos);
    CHECK(box.run({"project", "list", "-q"}) == 0);
    CHECK(box.out == "digits\n");
    box.server.on("GET", "/projects/digits", kProject);
    CHECK(box.run({"project", "show", "digits"}) == 0);
    CHECK(box.out ==
          "digits   revision 3, changed 3 min ago\n\n  task   resources        first command\n  train  ps + 2 × worker "
          " python ps.py\n\n"
          "  source  mounted at      from\n  src     /workspace/src  storage default\n  code                    git "
          "https://example.org/x.git\n");
    box.server.on("GET", "/projects", R"({"items":[],"next_cursor":null})");
    CHECK(box.run({"project", "list"}) == 0);
    CHECK(box.out == "no projects yet; create one with: pintle project create -f pintle.yaml\n");
    CHECK(box.run({"project", "show", "nothing"}) == 3);
}

TEST_CASE("a project is given to somebody else") {
    CliBox box;
    box.server.on("POST", "/projects/digits/transfer", kSaved);
    CHECK(box.run({"project", "transfer", "digits", "--to", "bo"}) == 0);
    CHECK(box.server.last("POST", "/projects/digits/transfer").body == R"({"to":"bo"})");
    CHECK(box.out == "digits belongs to bo now\n");
    CHECK(box.run({"project", "transfer", "digits"}) == 2);
    CHECK(box.err.find("--to") != std::string::npos);
}

TEST_CASE("a project is cloned, renamed and exported") {
    CliBox box;
    box.server.on("POST", "/projects/digits/clone", kSaved);
    box.server.on("PATCH", "/projects/digits", kSaved);
    box.server.on("GET", "/projects/digits/document", [](const net::Request& request) {
        return json_answer(200, "format " + *request.query.find("format") + "\n");
    });
    CHECK(box.run({"project", "clone", "digits", "digits-2"}) == 0);
    CHECK(box.server.last("POST", "/projects/digits/clone").body == R"({"name":"digits-2"})");
    CHECK(box.run({"project", "rename", "digits", "numbers"}) == 0);
    CHECK(box.server.last("PATCH", "/projects/digits").body == R"({"name":"numbers"})");
    CHECK(box.run({"project", "export", "digits"}) == 0);
    CHECK(box.out == "format yaml\n");
    const std::string path = box.folder.path() + "/out.json";
    CHECK(box.run({"project", "export", "digits", "-o", "json", "--output", path}) == 0);
    CHECK(os::read_file(path).value() == "format json\n");
}

TEST_CASE("deleting says what it removes and wants the name typed") {
    CliBox box;
    box.server.on("GET", "/projects/digits/deletion",
                  R"({"jobs":7,"live_jobs":0,"removed":["the logs of 7 jobs"],"kept":["the storage default"]})");
    box.server.on("DELETE", "/projects/digits", R"({"deleted":{}})");
    const auto deleted = [&] { return !box.server.last("DELETE", "/projects/digits").method.empty(); };
    CHECK(box.run({"project", "delete", "digits"}) == 2);
    CHECK(box.err == "nobody is here to confirm; to delete digits anyway, add --yes\n");
    box.deps.in_is_terminal = true;
    box.input = {"digit"};
    CHECK(box.run({"project", "delete", "digits"}) == 9);
    CHECK_FALSE(deleted());
    CHECK(box.run({"project", "delete", "digits"}) == 9);
    CHECK_FALSE(deleted());
    box.input = {"digits"};
    CHECK(box.run({"project", "delete", "digits"}) == 0);
    CHECK(box.out ==
          "Deleting digits\n  removes the logs of 7 jobs\n  keeps   the storage "
          "default\nType digits to delete it: deleted digits\n");
    CHECK(deleted());
    box.deps.in_is_terminal = false;
    CHECK(box.run({"project", "delete", "digits", "--yes"}) == 0);
    box.server.on("GET", "/projects/digits/deletion", R"({"jobs":7,"live_jobs":2,"removed":[],"kept":[]})");
    CHECK(box.run({"project", "delete", "digits", "--yes"}) == 4);
    CHECK(box.err.find("pintle jobs --project digits --live") != std::string::npos);
}

TEST_CASE("editing goes on after faults, and saves with the revision that was read") {
    CliBox box;
    box.server.on("GET", "/projects/digits", kProject);
    box.server.on("GET", "/projects/digits/document", "name: digits\n");
    box.server.on("PUT", "/projects/digits", [](const net::Request& request) {
        if (request.body != "name: digits\n# 2\n")
            return error_answer(400, "invalid", "bad", R"([{"path":"tasks","message":"wrong","line":2,"column":3}])");
        return json_answer(200, kSaved);
    });
    int edits = 0;
    box.env["EDITOR"] = "ed -x";
    box.deps.run_program = [&](const std::vector<std::string>& argv) -> Result<int> {
        CHECK(argv[2] == "ed -x \"$1\"");
        CHECK(os::write_file_atomic(argv.back(), "name: digits\n# " + std::to_string(++edits) + "\n").has_value());
        return 0;
    };
    box.deps.in_is_terminal = true;
    box.input = {""};
    CHECK(box.run({"project", "edit", "digits"}) == 0);
    CHECK(edits == 2);
    CHECK(box.err == "pintle.yaml:2:3: tasks: wrong\nNothing was changed.\n");
    CHECK(box.server.last("PUT", "/projects/digits").headers.get("If-Match") == "3");
    CHECK(os::list_folder(box.folder.path()).value().empty());
}

TEST_CASE("an edit that cannot be saved is kept, and no edit is no change") {
    CliBox box;
    box.server.on("GET", "/projects/digits", kProject);
    box.server.on("GET", "/projects/digits/document", "name: digits\n");
    box.server.on("PUT", "/projects/digits",
                  [](const net::Request&) { return error_answer(409, "conflict", "somebody changed it"); });
    box.deps.run_program = [](const std::vector<std::string>&) -> Result<int> { return 0; };
    CHECK(box.run({"project", "edit", "digits"}) == 0);
    CHECK(box.out == "nothing was changed\n");
    box.deps.run_program = [](const std::vector<std::string>& argv) -> Result<int> {
        return os::write_file_atomic(argv.back(), "name: mine\n").has_value() ? 0 : 1;
    };
    CHECK(box.run({"project", "edit", "digits"}) == 4);
    const auto kept = os::list_folder(box.folder.path()).value();
    REQUIRE(kept.size() == 1);
    CHECK(box.err == "your text is kept in " + box.folder.path() + "/" + kept[0] + "\nsomebody changed it\n");
    CHECK(os::read_file(box.folder.path() + "/" + kept[0]).value() == "name: mine\n");
    box.deps.run_program = [](const std::vector<std::string>&) -> Result<int> { return 1; };
    CHECK(box.run({"project", "edit", "digits"}) == 9);
}

TEST_CASE("a project's file is validated without making anything") {
    CliBox box;
    const std::string path = box.file("pintle.yaml", "name: digits\n");
    box.server.on("POST", "/projects/validate",
                  R"({"valid":true,"faults":[],"warnings":[],"document":{"name":"digits"}})");
    CHECK(box.run({"project", "validate", "-f", path, "--project", "digits"}) == 0);
    CHECK(box.out == path + " is valid\n");
    const net::Request request = box.server.last("POST", "/projects/validate");
    CHECK(request.body == "name: digits\n");
    CHECK(*request.query.find("project") == "digits");
    box.server.on("POST", "/projects/validate",
                  R"({"valid":false,"faults":[{"path":"name","message":"is taken","line":1,"column":7}],
                      "warnings":[{"path":"a","message":"unknown field","line":2,"column":1}],"document":null})");
    CHECK(box.run({"project", "validate", "-f", path}) == 2);
    CHECK(box.out.empty());
    CHECK(box.err == path + ":1:7: name: is taken\n" + path + ":2:1: warning: a: unknown field\n");
    CHECK(box.run({"project", "validate", "-q", "-f", path}) == 2);
    CHECK(box.out == "not valid\n");
}

TEST_CASE("a project is disabled, enabled and reset, with what a reset removes told before") {
    CliBox box;
    for (const char* what : {"disable", "enable"})
        box.server.on("POST", std::string("/projects/digits/") + what, kSaved);
    CHECK(box.run({"project", "disable", "digits"}) == 0);
    CHECK(box.out == "digits  disabled\n");
    CHECK(box.run({"project", "enable", "digits"}) == 0);
    CHECK(box.out == "digits  enabled\n");

    const std::string removal = R"({"jobs":2,"live_jobs":0,"removed":["2 jobs"],"kept":["the document"]})";
    box.server.on("GET", "/projects/digits/reset", removal);
    box.server.on("POST", "/projects/digits/reset", R"({"reset":)" + removal + "}");
    CHECK(box.run({"project", "reset", "digits"}) == 2);
    CHECK(box.err == "nobody is here to confirm; to reset digits anyway, add --yes\n");
    CHECK(box.run({"project", "reset", "digits", "--yes"}) == 0);
    CHECK(box.out == "Resetting digits\n  removes 2 jobs\n  keeps   the document\nreset digits\n");
    box.server.on("GET", "/projects/digits/reset", R"({"jobs":2,"live_jobs":1,"removed":[],"kept":[]})");
    CHECK(box.run({"project", "reset", "digits", "--yes"}) == 4);
    CHECK(box.err.find("pintle jobs --project digits --live") != std::string::npos);
}

TEST_CASE("a disabled project says so") {
    CliBox box;
    const std::string since = R"("disabled":true,"disabled_at":"2026-03-01T11:30:00Z")";
    box.server.on("GET", "/projects/digits", R"({"id":"P1","name":"digits","revision":3,"document":{},)" + since + "}");
    CHECK(box.run({"project", "show", "digits"}) == 0);
    CHECK(box.out.find("nothing of it runs until: pintle project enable digits") != std::string::npos);
    box.server.on("GET", "/projects",
                  R"({"items":[{"name":"digits","jobs":{"total":1,"live":0},"tasks":[],)" + since +
                      R"(}],"next_cursor":null})");
    CHECK(box.run({"project", "list"}) == 0);
    CHECK(box.out.find("disabled") != std::string::npos);
}

TEST_CASE("a project is created from a git repository, and faults have the places in its file") {
    CliBox box;
    box.server.on("POST", "/projects/import", [](const net::Request&) { return json_answer(201, kSaved); });
    CHECK(box.run({"project", "create", "--git", "https://h/t/digits", "--revision", "v1", "--name", "digits"}) == 0);
    CHECK(box.out == "created digits: 1 task, 2 sources\nnext: pintle run digits/train --follow\n");
    const net::Request request = box.server.last("POST", "/projects/import");
    CHECK(json::parse_json(request.body).value() ==
          json::parse_json(R"({"repository":"https://h/t/digits","revision":"v1","name":"digits"})").value());
    CHECK(request.headers.get("Idempotency-Key").size() > 16);
    box.server.on("POST", "/projects/import", [](const net::Request&) {
        return error_answer(400, "invalid", "the project document has 1 fault",
                            R"([{"path":"name","message":"is required","line":1,"column":2}])");
    });
    CHECK(box.run({"project", "create", "--git", "https://h/t/digits", "--path", "a/b.yaml"}) == 2);
    CHECK(box.err == "a/b.yaml:1:2: name: is required\nNothing was created.\n");
    CHECK(box.run({"project", "create", "--git", "https://h/t/digits", "-f", "x.yaml"}) == 2);
    CHECK(box.run({"project", "create", "--revision", "v1"}) == 2);
    CHECK(box.err == "--revision, --account and --path go with --git\n");
}
