#include <doctest/doctest.h>

#include <chrono>

#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::json;

namespace {

std::string as_json(std::string_view text) {
    const auto parsed = parse_yaml(text);
    return parsed ? to_json(*parsed) : describe(parsed.error());
}

struct Refusal {
    std::string message;
    int line;
    int column;
};

Refusal refusal(std::string_view text, const YamlLimits& limits = {}) {
    const auto parsed = parse_yaml(text, limits);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == ErrorCode::kInvalid);
    REQUIRE(parsed.error().details.size() == 1);
    const Fault& fault = parsed.error().details[0];
    return {fault.message, fault.line, fault.column};
}

std::string repeat(std::string_view piece, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += piece;
    return text;
}

}  // namespace

TEST_CASE("plain scalars follow the core schema of YAML 1.2") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", "null"},          {"~", "null"},           {"Null", "null"},
        {"true", "true"},      {"True", "true"},        {"FALSE", "false"},
        {"yes", "\"yes\""},    {"off", "\"off\""},      {"tRUE", "\"tRUE\""},
        {"12", "12"},          {"+12", "12"},           {"-0", "0"},
        {"012", "12"},         {"0o17", "15"},          {"0x1F", "31"},
        {"0x", "\"0x\""},      {"0o8", "\"0o8\""},      {"1_000", "\"1_000\""},
        {"0x-1", "\"0x-1\""},  {"+-1", "\"+-1\""},      {"1.5", "1.5"},
        {".5", "0.5"},         {"5.", "5.0"},           {"+1.5", "1.5"},
        {"1e3", "1000.0"},     {"1e", "\"1e\""},        {".", "\".\""},
        {".inf", "null"},      {"-.INF", "null"},       {".nan", "null"},
        {"12:30", "\"12:30\""}, {"2024-01-01", "\"2024-01-01\""}, {"'12'", "\"12\""},
        {"\"true\"", "\"true\""}, {"''", "\"\""},       {"1e999", "\"1e999\""},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9223372036854775808.0"},
        {"123456789012345678901234567890", "\"123456789012345678901234567890\""},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(as_json(fmt::format("[{}, x]", text.empty() ? "~" : text)) == fmt::format("[{},\"x\"]", expected));
        CHECK(as_json(fmt::format("k: {}\n", text)) == fmt::format("{{\"k\":{}}}", expected));
    }
}

TEST_CASE("documents are read as they are meant") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", "null"},
        {"# only a comment\n", "null"},
        {"a: 1\nb:\n  - x\n  - {k: v}\n", R"({"a":1,"b":["x",{"k":"v"}]})"},
        {"\xEF\xBB\xBF" "a: 1\r\nb: x\r\n", R"({"a":1,"b":"x"})"},
        {"run: |\r\n  one\r\n  two\r\n", R"({"run":"one\ntwo\n"})"},
        {"run: |-\n  one\n  two\n", R"({"run":"one\ntwo"})"},
        {"run: >\n  one\n  two\n", R"({"run":"one two\n"})"},
        {"run: |+\n  one\n\n", R"({"run":"one\n\n"})"},
        {"run: |\n  one", R"({"run":"one\n"})"},
        {"- - 1\n  - 2\n- - 3\n", "[[1,2],[3]]"},
        {"{\"a\":1,\"b\":[true,null]}", R"({"a":1,"b":[true,null]})"},
        {"a: &x [1, 2]\nb: *x\n", R"({"a":[1,2],"b":[1,2]})"},
        {"a: &x text\n*x : 1\n", R"({"a":"text","text":1})"},
        {"base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n", R"({"base":{"x":1,"y":2},"c":{"y":3,"x":1}})"},
        {"c:\n  <<: [{x: 1}, {x: 2, y: 2}]\n", R"({"c":{"x":1,"y":2}})"},
        {"\"<<\": 1", R"({"<<":1})"},
        {"1: a\ntrue: b\n", R"({"1":"a","true":"b"})"},
        {"a: !!str 1\nb: !!int \"3\"\nc: !!float 1\nd: ! 5\n", R"({"a":"1","b":3,"c":1.0,"d":"5"})"},
        {"a: x # comment\nb: x#y\n", R"({"a":"x","b":"x#y"})"},
        {"a: \"\\u00e4\\t\\0\"", R"({"a":"ä\t\u0000"})"},
        {R"("\_": "ä\N\L.")", "{\"\xC2\xA0\":\"ä\xC2\x85\xE2\x80\xA8.\"}"},
        {"---\na: 1\n...\n", R"({"a":1})"},
        {"---\na: 1\n---\n", R"({"a":1})"},
        {"a: 'it''s'", R"({"a":"it's"})"},
        {"key with spaces: a:b\n", R"({"key with spaces":"a:b"})"},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(as_json(text) == expected);
    }
}

TEST_CASE("faults are told with the line and column") {
    struct Row {
        std::string_view text;
        std::string_view message;
        int line, column;
    };
    using namespace std::string_view_literals;
    const Row rows[] = {
        {"a:\n\tb: 1\n", "a tab is used for indentation; use spaces", 2, 3},
        {"a: 1\n\tb: 2\n", "a tab is used for indentation; use spaces", 2, 1},
        {"a: [1, 2\nb: 3\n", "expected \",\" or \"]\" to go on with the list that begins on line 1, column 4", 2, 2},
        {"a:\n  b: {x: 1\n", "expected \",\" or \"}\" to go on with the mapping that begins on line 2, column 6", 3, 1},
        {"a: 1\nb: \"x\nc: 2\n", "a quote that opens after line 2, column 1 is never closed", 4, 1},
        {"a: 'x", "a quote that opens after line 1, column 1 is never closed", 1, 6},
        {"a: ü: c\n", "a \":\" is not allowed here; put quotes around text that holds one, or check the indentation", 1,
         5},
        {"a: 1\n b: 2\n",
         "a \":\" is not allowed here; put quotes around text that holds one, or check the indentation", 2, 3},
        {"- a\nb: 1\n", "this does not belong to what comes before it; check the indentation", 2, 1},
        {"[1, 2] x", "this does not belong to what comes before it; check the indentation", 1, 8},
        {",,,,,,,", "this does not belong to what comes before it; check the indentation", 1, 1},
        {"a: \"b\" c", "this does not belong to the mapping before it; check the indentation and the quotes", 1, 8},
        {"a: *nope\n", "this alias names no anchor", 1, 4},
        {"a: &x [1, *x]\n", "this alias stands inside what it stands for", 1, 11},
        {"a: 1\n---\nb: 2\n", "a second document begins here, but only one is expected", 2, 1},
        {"a: {{ name }}\n", "a mapping cannot be a key; a template such as {{ name }} needs quotes", 1, 5},
        {"? [a]\n: 1\n", "a list cannot be a key; a template such as {{ name }} needs quotes", 1, 3},
        {"- x\n- [1, 2\n", "a list cannot be a key; is its \"[\" never closed?", 2, 3},
        {"{a: 1", "a mapping cannot be a key; is its \"{\" never closed?", 1, 1},
        {"a: @x", "text may not begin with this character; put quotes around it", 1, 4},
        {"a: [x]]", "this bracket closes nothing", 1, 7},
        {"a: !secret x", "the tag !secret is not known", 1, 4},
        {"a: !!binary x", "the tag tag:yaml.org,2002:binary is not known", 1, 4},
        {"a: !!int x", "the tag !!int does not fit \"x\"", 1, 4},
        {"a: 1\nb: 2\na: 3\n", "the key \"a\" is there twice; first on line 1, column 1", 3, 1},
        {"x: {ä: 1, b: 2, ä: 3}", "the key \"ä\" is there twice; first on line 1, column 5", 1, 17},
        {"a:\n  <<: 5\n", "<< takes a mapping or a list of mappings", 2, 7},
        {"~: 1\n", "a key is missing here; a key that reads as nothing needs quotes", 1, 1},
        {"a: \"x\xFF\"", "the text is not UTF-8 here", 1, 6},
        {"grün: x\n\xC3(", "the text is not UTF-8 here", 2, 1},
        {"a: 1\0b: 2"sv, "the control character 0x00 is not allowed", 1, 5},
        {"a: 1\x04", "the control character 0x04 is not allowed", 1, 5},
        {"a: x\ry: 2", "a carriage return stands alone; end lines with LF or CRLF", 1, 5},
        {"a: \"\\ud800\"", "invalid unicode: 55296", 1, 0},
        {"a: \"\\q\"", "unknown escape character: q", 1, 0},
        {"%YAML 3.0\n---\na: 1", "YAML major version too large", 1, 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Refusal got = refusal(row.text);
        CHECK(got.message == row.message);
        CHECK(got.line == row.line);
        if (row.column > 0) CHECK(got.column == row.column);
    }
}

TEST_CASE("every value and key knows its place to the column") {
    const Value value = parse_yaml("# head\r\nä: \"grün\"; \r\n").value_or(Value());
    CHECK(value.is_null());
    const Value doc = parse_yaml(
                          "# head\r\nname: ü\r\ntasks:\r\n  - näme: x\r\n    n: {ö: 1, q: [2, é, 3]}\r\n  - |\r\n    "
                          "text\r\nempty:\r\nlast: &a ~\r\nalias: *a\r\n")
                          .value();
    CHECK(doc.place() == Place{2, 1});
    CHECK(doc["name"].place() == Place{2, 7});
    CHECK(doc["tasks"].place() == Place{4, 3});
    CHECK(doc.as_object()[1].place == Place{3, 1});
    CHECK(doc["tasks"][0].place() == Place{4, 5});
    CHECK(doc["tasks"][0]["näme"].place() == Place{4, 11});
    CHECK(doc["tasks"][0]["n"].place() == Place{5, 8});
    CHECK(doc["tasks"][0]["n"]["ö"].place() == Place{5, 12});
    CHECK(doc["tasks"][0]["n"].as_object()[1].place == Place{5, 15});
    CHECK(doc["tasks"][0]["n"]["q"][1].place() == Place{5, 22});
    CHECK(doc["tasks"][0]["n"]["q"][2].place() == Place{5, 25});
    CHECK(doc["tasks"][1].place() == Place{6, 5});
    CHECK(doc["empty"].place() == Place{8, 1});
    CHECK(doc["last"].place().line == 9);
    CHECK(doc["alias"].place() == Place{10, 8});
}

TEST_CASE("scalars keep their spelling for those who want text") {
    const Value doc = parse_yaml("[3.10, 0755, 0x10, True, 1e5, 7, 12345678901234567890]").value();
    const std::string_view expected[] = {"3.10", "0755", "0x10", "True", "1e5", "7", "12345678901234567890"};
    for (std::size_t i = 0; i < std::size(expected); ++i) CHECK(doc[i].scalar_text() == expected[i]);
}

TEST_CASE("several documents are read where several are expected") {
    const auto documents = parse_yaml_documents("a: 1\n---\n# nothing\n---\n[2]\n...\n# end\n\n--- three\n").value();
    REQUIRE(documents.size() == 3);
    CHECK(to_json(documents[0]) == R"({"a":1})");
    CHECK(to_json(documents[1]) == "[2]");
    CHECK(to_json(documents[2]) == "\"three\"");
    CHECK(parse_yaml_documents("").value().empty());
    CHECK(parse_yaml_documents("a: 1\n...\nb: 2\n").value().size() == 2);
}

TEST_CASE("an alias bomb is refused before it is built") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        bomb += fmt::format("a{}: &a{} [{}*a{}]\n", i, i, repeat(fmt::format("*a{}, ", i - 1), 8), i - 1);
    }
    const Refusal got = refusal(bomb);
    CHECK(got.message == "too many nodes: more than 200000, counting what aliases stand for");
    CHECK(got.line == 6);
}

TEST_CASE("aliases of a large text are limited too, and so are copies kept for nested anchors") {
    const std::string large = "a: &a " + std::string(100'000, 'x') + "\nb: [" + repeat("*a, ", 100) + "]\n";
    CHECK(refusal(large).message == "too much text: more than 4.2 MB, counting what aliases stand for");
    std::string nested;
    for (int i = 0; i < 60; ++i) nested += fmt::format("&a{} [", i);
    nested += repeat("1,", 50'000) + std::string(60, ']');
    CHECK(refusal(nested).message == "too many nodes: more than 200000, counting what aliases stand for");
    CHECK(refusal("a: &a [[[1]]]\nb: [[*a]]", {.max_depth = 5}).message == "it is nested more than 5 levels deep here");
}

TEST_CASE("deep nesting is refused and does not exhaust the stack") {
    CHECK(parse_yaml(repeat("[", 64) + repeat("]", 64)).has_value());
    for (const std::string_view piece : {"[", "{a: ", "- ", "? ", "[a, [", "{? ", "[{"}) {
        CAPTURE(piece);
        CHECK_FALSE(parse_yaml(repeat(piece, 100'000)).has_value());
    }
    const Refusal got = refusal(repeat("[", 50'000) + repeat("]", 50'000));
    CHECK(got.message == "it is nested more than 64 levels deep here");
    CHECK(got.column == 65);
}

TEST_CASE("a document over the size limit is refused unread") {
    const auto large = parse_yaml("a: " + std::string(5'000'000, 'x'));
    REQUIRE_FALSE(large.has_value());
    CHECK(large.error().code == ErrorCode::kExhausted);
    CHECK(large.error().message == "the YAML text has 5.0 MB, more than the 4.2 MB that are allowed");
    CHECK(refusal(repeat("- a\n", 300'000)).message ==
          "too many nodes: more than 200000, counting what aliases stand for");
}

TEST_CASE("YAML is written in blocks, quoted only where it must be") {
    const Value value = Value::object({
        {"name", "train"},
        {"version", "1.10"},
        {"yes", "no"},
        {"script", "set -e\n\npython train.py\n"},
        {"note", "one\ntwo"},
        {"command", Value::array({"python", "-m", "x: y", "# no", ""})},
        {"tasks",
         Value::array({Value::object({{"name", "a"}, {"resources", Value::array({Value::object({{"cpu", 1}})})}}),
                       Value::array({1, 2})})},
        {"labels", Value::object()},
        {"none", nullptr},
        {"rate", 1e22},
    });
    CHECK(to_yaml(value) ==
          "name: train\n"
          "version: \"1.10\"\n"
          "\"yes\": \"no\"\n"
          "script: |\n  set -e\n\n  python train.py\n"
          "note: |-\n  one\n  two\n"
          "command:\n  - python\n  - \"-m\"\n  - \"x: y\"\n  - \"# no\"\n  - \"\"\n"
          "tasks:\n  - name: a\n    resources:\n      - cpu: 1\n  - - 1\n    - 2\n"
          "labels: {}\n"
          "none: null\n"
          "rate: 1.0e+22\n");
    CHECK(parse_yaml(to_yaml(value)).value() == value);
}
