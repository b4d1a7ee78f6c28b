#include <unistd.h>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/fake_server.hpp"
#include "cli/project_file.hpp"
#include "cli/upload.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;

namespace {

std::optional<std::string> changed(const std::string& text, const std::string& key, const std::string& new_key,
                                   const std::string& value) {
    return with_member(text, json::parse_yaml(text).value(), key, new_key, value);
}

}  // namespace

TEST_CASE("a member is replaced on its own line and nothing else moves") {
    CHECK(changed("# c\nname: a # x\ntasks: []\n", "name", "name", "b") == "# c\nname: \"b\"\ntasks: []\n");
    CHECK(changed("name: a\nsummary_file: R.md\nx: 1\n", "summary_file", "summary", "# T\n\"q\" \\ ä\n\ttab: #\n") ==
          "name: a\nsummary: \"# T\\n\\\"q\\\" \\\\ ä\\n\\ttab: #\\n\"\nx: 1\n");
    CHECK(changed("tasks: []\n", "name", "name", "b") == "tasks: []\nname: \"b\"\n");
    CHECK(changed("tasks: []", "name", "name", "b") == "tasks: []\nname: \"b\"\n");
}

TEST_CASE("a layout that does not allow it is left alone") {
    CHECK_FALSE(changed("{name: a, tasks: []}\n", "name", "name", "b"));
    CHECK_FALSE(changed("name: >\n  long\n  text\ntasks: []\n", "name", "name", "b"));
    CHECK_FALSE(changed("- 1\n", "name", "name", "b"));
}

TEST_CASE("a project file goes with its summary and its new name, as JSON only when it must") {
    CliBox box;
    box.file("README.md", "# Digits\n");
    const std::string path = box.file("p.yaml", "name: digits\nsummary_file: README.md\ntasks: []\n");
    const auto file = read_project_file(path, "other", box.deps);
    REQUIRE(file.has_value());
    CHECK(file->content_type == "application/yaml");
    CHECK(file->body == "name: \"other\"\nsummary: \"# Digits\\n\"\ntasks: []\n");
    const auto flow =
        read_project_file(box.file("f.yaml", "{name: digits, summary_file: README.md}\n"), "other", box.deps);
    REQUIRE(flow.has_value());
    CHECK(flow->content_type == "application/json");
    CHECK(flow->body == R"({"summary":"# Digits\n","name":"other"})");
    const auto app =
        read_project_file(box.file("m.yaml", "kind: MLApp\nmetadata: {name: digits}\n"), "other", box.deps);
    REQUIRE(app.has_value());
    CHECK(app->body == R"({"kind":"MLApp","metadata":{"name":"other"}})");
}

TEST_CASE("what is wrong with the text is left for the server to say") {
    CliBox box;
    for (const std::string text :
         {"a: [", "- 1\n", "", "name: a\nsummary: x\nsummary_file: y\n", "sources: 7\n", "sources: [{upload: 1}]\n"}) {
        const auto file = read_project_file(box.file("p.yaml", text), "", box.deps);
        REQUIRE(file.has_value());
        CHECK(file->body == text);
    }
}

TEST_CASE("a project file reaches for nothing outside its folder") {
    CliBox box;
    box.file("outside/secret.txt", "s");
    box.file("in/x", "x");
    REQUIRE(::symlink("../outside", (box.folder.path() + "/in/link").c_str()) == 0);
    for (const std::string reach :
         {"/etc/passwd", "../outside/secret.txt", "a/../../outside/secret.txt", "link/secret.txt"}) {
        CAPTURE(reach);
        const auto summary =
            read_project_file(box.file("in/p.yaml", "name: a\nsummary_file: " + reach + "\n"), "", box.deps);
        REQUIRE_FALSE(summary.has_value());
        CHECK(summary.error().code == ErrorCode::kDenied);
        const auto upload = read_project_file(
            box.file("in/p.yaml", "name: a\nsources:\n- {name: s, upload: " + reach + "}\n"), "", box.deps);
        CHECK_FALSE(upload.has_value());
    }
    CHECK(read_project_file(box.file("in/p.yaml", "name: a\nsummary_file: gone.md\n"), "", box.deps).error().code ==
          ErrorCode::kNotFound);
    CHECK(read_project_file(box.folder.path() + "/none.yaml", "", box.deps).error().code == ErrorCode::kNotFound);
}

TEST_CASE("a folder's files are found without what is not source and without what leads out") {
    CliBox box;
    box.file("up/b.py", "bb");
    box.file("up/sub/a.py", "a");
    box.file("up/.git/config", "x");
    box.file("up/sub/__pycache__/a.pyc", "x");
    box.file("secret", "s");
    const std::string up = box.folder.path() + "/up";
    REQUIRE(::symlink("../secret", (up + "/leak").c_str()) == 0);
    REQUIRE(::symlink("sub/a.py", (up + "/inside.py").c_str()) == 0);
    REQUIRE(::symlink(".", (up + "/loop").c_str()) == 0);
    REQUIRE(::symlink("nowhere", (up + "/broken").c_str()) == 0);
    const auto found = files_of(up);
    REQUIRE(found.has_value());
    std::vector<std::string> names;
    for (const FileToSend& file : found->files) names.push_back(file.target);
    CHECK(names == std::vector<std::string>{"b.py", "inside.py", "sub/a.py"});
    CHECK(found->size_bytes == 4);
    CHECK(found->skipped == std::vector<std::string>{"broken leads out of the folder", "leak leads out of the folder",
                                                     "loop is a link to a folder"});
    CHECK(files_of(up + "/b.py").error().code == ErrorCode::kInvalid);
    CHECK(files_of(up + "/none").error().code == ErrorCode::kNotFound);
}
