#include <doctest/doctest.h>

#include "cli/commands/commands.hpp"
#include "cli/completion.hpp"
#include "cli/fake_server.hpp"
#include "os/subprocess.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;

namespace {

std::vector<std::string> words_at(const std::vector<std::string>& typed) {
    std::vector<CommandSpec> specs;
    for (const Command& command : all_commands()) specs.push_back(command.spec);
    std::vector<std::string> words;
    for (const Candidate& candidate : complete(specs, global_options(), typed).words) words.push_back(candidate.word);
    return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("completion follows the command table") {
    CHECK(words_at({"proj"}) == Words{"project"});
    CHECK(words_at({"job", "s"}) == Words{"show", "stop"});
    CHECK(words_at({"job", "stop", "x", "--w"}) == Words{"--wait"});
    CHECK(words_at({"-o", ""}) == Words{"table", "wide", "json", "yaml"});
    CHECK(words_at({"jobs", "--state", "S"}) == Words{"Starting", "Stopping", "Stopped"});
    CHECK(words_at({"completion", "z"}) == Words{"zsh"});
    CHECK(words_at({"help", "node", ""}) == Words{"list", "show"});
    CHECK(words_at({"nonsense", ""}).empty());
    CHECK(words_at({}).empty());
    CHECK(words_at({"compl"}) == Words{"completion"});
}

TEST_CASE("names are asked of the server") {
    CliBox box;
    box.server.on(
        "GET", "/projects",
        R"({"items":[{"name":"digits","tasks":["train","export"]},{"name":"vision","tasks":[]}],"next_cursor":null})");
    box.server.on("GET", "/jobs", R"({"items":[{"name":"digits/train:3"}],"next_cursor":null})");
    box.server.on("GET", "/projects/digits/sources", R"({"items":[{"name":"data"}],"next_cursor":null})");
    CHECK(box.run({"complete", "--", "project", "show", "d"}) == 0);
    CHECK(box.out == "digits\n");
    box.run({"complete", "--", "run", ""});
    CHECK(box.out == "digits/train\ndigits/export\n");
    box.run({"complete", "--", "logs", "digits/train:"});
    CHECK(box.out == "digits/train:3\n");
    box.run({"complete", "--", "source", "show", "digits", ""});
    CHECK(box.out == "data\n");
    box.run({"complete", "--", "project", "create", "-f", "pin"});
    CHECK(box.out == ":files\n");
    box.run({"complete", "--", "job", "sh"});
    CHECK(box.out.starts_with("show\tShow a job"));
}

TEST_CASE("completion is silent when no server answers") {
    CliBox box;
    box.server.stop();
    CHECK(box.run({"complete", "--", "project", "show", ""}) == 0);
    CHECK(box.out.empty());
    CHECK(box.err.empty());
}

TEST_CASE("the scripts are scripts of their shells") {
    CliBox box;
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        CAPTURE(shell);
        REQUIRE(box.run({"completion", shell}) == 0);
        CHECK(box.out.find("complete") != std::string::npos);
        const std::string path = box.file("script." + shell, box.out);
        const auto checked = os::run({.argv = {shell, "-n", path}});
        // A shell that is not installed cannot be asked; bash always is.
        if (!checked && shell != "bash") continue;
        REQUIRE(checked.has_value());
        CHECK(checked->output.empty());
        CHECK(checked->exit_code == 0);
    }
    CHECK(box.run({"completion", "tcsh"}) == 2);
}

TEST_CASE("bash completes job names although it splits words at colons") {
    CliBox box;
    box.run({"completion", "bash"});
    const std::string script = box.file("script.bash", box.out);
    box.file("bin/pintle", "#!/bin/sh\nprintf 'digits/train:3\\thelp\\ndigits/train:31\\n'\n");
    const auto ran = os::run({.argv = {"bash", "-c",
                                       "chmod +x \"$1/bin/pintle\"; PATH=\"$1/bin:$PATH\"; . \"$1/script.bash\"; "
                                       "COMP_LINE='pintle logs digits/train:3' COMP_POINT=26; _pintle; "
                                       "echo \"${COMPREPLY[*]}\"",
                                       "bash", box.folder.path()}});
    REQUIRE(ran.has_value());
    CHECK(ran->output == "3 31\n");
}
