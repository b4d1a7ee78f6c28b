#include <doctest/doctest.h>

#include "cli/arguments.hpp"
#include "cli/command.hpp"

using namespace pintle;
using namespace pintle::cli;

namespace {

using Words = std::vector<std::string>;

const std::vector<CommandSpec> kCommands{
    {.words = {"project", "create"},
     .summary = "create",
     .options = {{.name = "file", .letter = 'f', .value = "FILE", .required = true},
                 {.name = "name", .value = "NAME"}}},
    {.words = {"project", "list"}, .summary = "list"},
    {.words = {"run"},
     .summary = "run",
     .positionals = {{.name = "TASK"}},
     .options = {{.name = "follow", .letter = 'f'},
                 {.name = "set", .letter = 's', .value = "K=V", .repeats = true},
                 {.name = "limit", .letter = 'n', .value = "N", .range = std::pair{1, 10}},
                 {.name = "engine", .value = "E", .choices = {"process"}}}},
    {.words = {"source", "files"},
     .summary = "files",
     .positionals = {{.name = "PROJECT"}, {.name = "PATH", .optional = true, .repeats = true}}},
    {.words = {"serve"}, .summary = "serve", .takes_rest = true},
    {.words = {"secret"}, .summary = "hidden", .hidden = true},
};

Result<CommandLine> parse(const Words& words) { return parse_command_line(kCommands, global_options(), words); }

std::string fault(const Words& words) {
    const auto line = parse(words);
    REQUIRE_FALSE(line.has_value());
    CHECK(line.error().code == ErrorCode::kInvalid);
    return line.error().message.substr(0, line.error().message.find('\n'));
}

}  // namespace

TEST_CASE("options are taken in every usual form") {
    for (const Words& words : {Words{"project", "create", "--file", "a.yaml"},
                               Words{"project", "create", "--file=a.yaml"}, Words{"project", "create", "-f", "a.yaml"},
                               Words{"project", "create", "-fa.yaml"}, Words{"-q", "project", "create", "-qfa.yaml"}}) {
        const auto line = parse(words);
        REQUIRE(line.has_value());
        CHECK(line->command == 0);
        CHECK(line->arguments.get("file") == "a.yaml");
    }
}

TEST_CASE("options of every command may stand before the command") {
    const auto line = parse({"--url", "http://h:1", "-o", "json", "project", "list", "--no-color"});
    REQUIRE(line.has_value());
    CHECK(line->command == 1);
    CHECK(line->arguments.get("url") == "http://h:1");
    CHECK(line->arguments.get("format") == "json");
    CHECK(line->arguments.has("no-color"));
}

TEST_CASE("a repeated option keeps all values and a switch may be given twice") {
    const auto line = parse({"run", "t", "--set", "a=1", "-s", "b=2", "-f", "-f"});
    REQUIRE(line.has_value());
    CHECK(line->arguments.all("set") == Words{"a=1", "b=2"});
    CHECK(line->arguments.all("nothing").empty());
}

TEST_CASE("what follows -- is never an option, and - alone is a name") {
    const auto line = parse({"source", "files", "-", "--", "-x", "--help"});
    REQUIRE(line.has_value());
    CHECK(line->arguments.get("PROJECT") == "-");
    CHECK(line->arguments.all("PATH") == Words{"-x", "--help"});
    CHECK_FALSE(line->help);
}

TEST_CASE("a command that takes the rest gets it untouched") {
    const auto line = parse({"serve", "--data", "/d", "-q", "--help", "--"});
    REQUIRE(line.has_value());
    CHECK_FALSE(line->help);
    CHECK(line->arguments.all("REST") == Words{"--data", "/d", "-q", "--help", "--"});
}

TEST_CASE("help is asked for in four ways and never needs the rest to be right") {
    CHECK(parse({})->help);
    CHECK(parse({"--help"})->help);
    CHECK(parse({"help", "project", "create"})->command == 0);
    CHECK(parse({"help", "project"})->words == Words{"project"});
    CHECK(parse({"project", "create", "-h"})->help);
    CHECK(parse({"run", "--help"})->command == 2);
}

TEST_CASE("a group without its second word is neither help nor a command") {
    const auto line = parse({"project"});
    REQUIRE(line.has_value());
    CHECK_FALSE(line->help);
    CHECK(line->command == CommandLine::kNone);
}

TEST_CASE("a slip of the pen is answered with what was probably meant") {
    CHECK(fault({"projct"}) == "unknown command \"projct\"; did you mean \"project\"?");
    CHECK(fault({"project", "creat"}) == "unknown command \"project creat\"; did you mean \"project create\"?");
    CHECK(fault({"project", "create", "--fle", "x"}) == "unknown option \"--fle\"; did you mean \"--file\"?");
    CHECK(fault({"zzzzzz"}) == "unknown command \"zzzzzz\"");
    CHECK(fault({"secrett"}) == "unknown command \"secrett\"");
}

TEST_CASE("every other mistake is named") {
    CHECK(fault({"project", "create"}) == "--file FILE is missing");
    CHECK(fault({"project", "create", "-f"}) == "--file needs a value: FILE");
    CHECK(fault({"project", "create", "-f", "--name"}) ==
          "--file needs a value, and \"--name\" looks like an option; if it is the value, write --file=--name");
    CHECK(fault({"project", "create", "-f", "a", "--file=b"}) == "--file is given twice");
    CHECK(fault({"run"}) == "TASK is missing");
    CHECK(fault({"run", "a", "b"}) == "unexpected \"b\"");
    CHECK(fault({"run", "a", "--follow=yes"}) == "--follow takes no value");
    CHECK(fault({"run", "a", "-x"}) == "unknown option -x");
    CHECK(fault({"run", "a", "-n", "11"}) == "--limit: expected a whole number from 1 to 10, got \"11\"");
    CHECK(fault({"run", "a", "--limit=1e1"}) == "--limit: expected a whole number from 1 to 10, got \"1e1\"");
    CHECK(fault({"run", "a", "--limit="}) == "--limit: expected a whole number from 1 to 10, got \"\"");
    CHECK(fault({"run", "a", "--limit=99999999999999999999"}) ==
          "--limit: expected a whole number from 1 to 10, got \"99999999999999999999\"");
    CHECK(fault({"run", "a", "--engine", "pod"}) == "--engine: expected one of process, got \"pod\"");
    CHECK(fault({"-o", "xml", "project", "list"}) == "--format: expected one of table, wide, json, yaml, got \"xml\"");
}

TEST_CASE("bytes that are no text do no harm") {
    for (const std::string& word :
         {std::string("\xff\xfe"), std::string("-\xff"), std::string("--\xff=\x01"), std::string(100'000, 'x'),
          std::string("-"), std::string("---"), std::string("--="), std::string("-=")}) {
        CAPTURE(word.substr(0, 20));
        for (const Words& words :
             {Words{word}, Words{"run", word}, Words{"run", "t", word, word}, Words{"project", word}})
            (void)parse(words);
    }
    CHECK(fault({"---"}).starts_with("unknown option"));
    CHECK(fault({"run", "-\xff"}) == "unknown option -\xEF\xBF\xBD");
}

TEST_CASE("the next words come in the table's order and without what is hidden") {
    CHECK(next_words(kCommands, {}) == Words{"project", "run", "source", "serve"});
    CHECK(next_words(kCommands, {"project"}) == Words{"create", "list"});
    CHECK(next_words(kCommands, {"run"}).empty());
}
