#include <doctest/doctest.h>

#include <cmath>

#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::json;

namespace {

std::string reparsed(std::string_view text) {
    const auto parsed = parse_json(text);
    return parsed ? to_json(*parsed) : describe(parsed.error());
}

struct Refusal {
    std::string message;
    int line;
    int column;
};

Refusal refusal(std::string_view text, const JsonLimits& limits = {}) {
    const auto parsed = parse_json(text, limits);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == ErrorCode::kInvalid);
    REQUIRE(parsed.error().details.size() == 1);
    const Fault& fault = parsed.error().details[0];
    return {fault.message, fault.line, fault.column};
}

}  // namespace

TEST_CASE("good JSON is read as it stands") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"null", "null"},
        {" true ", "true"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"1.0", "1.0"},
        {"1e2", "100.0"},
        {"1E+300", "1e+300"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9223372036854775808.0"},
        {"18446744073709551616", "18446744073709551616.0"},
        {"0.1", "0.1"},
        {"1e-400", "0.0"},
        {R"("\u00e4\ud83d\ude00\n\/")", "\"ä😀\\n/\""},
        {R"("a\u0000b")", R"("a\u0000b")"},
        {R"({"a":[],"b":{},"":""})", R"({"a":[],"b":{},"":""})"},
        {"\xEF\xBB\xBF{\r\n\"a\"\t: [1, 2]\r\n}\r\n", R"({"a":[1,2]})"},
        {"\"\x7f\"", "\"\x7f\""},
    };
    for (const auto& [text, expected] : rows) CHECK(reparsed(text) == expected);
}

TEST_CASE("bad JSON is refused with the line and column of the fault") {
    struct Row {
        std::string_view text;
        std::string_view message;
        int line, column;
    };
    using namespace std::string_view_literals;
    const Row rows[] = {
        {"", "the text ends too early", 1, 1},
        {"   \n ", "the text ends too early", 2, 2},
        {"{\"a\": 1,\n \"b\": }", "unexpected \"}\"", 2, 7},
        {"{\"grün\": x}", "unexpected \"x\"", 1, 10},
        {"[1, 2", "the text ends too early", 1, 6},
        {"[1, 2]\n]", "unexpected \"]\" after the end", 2, 1},
        {"[1,]", "unexpected \"]\"", 1, 4},
        {"{\"a\": 01}", "unexpected \"1\"", 1, 8},
        {"nul", "the text ends too early", 1, 4},
        {"NaN", "unexpected \"N\"", 1, 1},
        {"{'a': 1}", "unexpected \"'\"", 1, 2},
        {"// no comments\n1", "unexpected \"/\"", 1, 1},
        {"\"a\nb\"", "unexpected control character 0x0a", 1, 3},
        {"[1,\0 2]"sv, "unexpected control character 0x00", 1, 4},
        {"\"ab\xFF\"", "the text is not UTF-8 here", 1, 4},
        {"\"ab\xED\xA0\x80\"", "the text is not UTF-8 here", 1, 4},
        {"{\"ä\xC0\xAF\": 1}", "the text is not UTF-8 here", 1, 4},
        {"\xFF\xFE{\0}\0"sv, "the text is not UTF-8 here", 1, 1},
        {R"({"a": 1, "b": 2, "a": 3})", "the key \"a\" is there twice; first on line 1", 1, 18},
        {"[1e999]", "this number is too large", 1, 2},
        {"[-1e99999999999]", "this number is too large", 1, 0},
        {R"("\ud800\u0041")", "a \\u escape stands for half a character", 1, 0},
        {R"("\u12x4")", "a \\u escape needs four hexadecimal digits", 1, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Refusal got = refusal(row.text);
        CHECK(got.message == row.message);
        CHECK(got.line == row.line);
        if (row.column > 0) CHECK(got.column == row.column);
    }
}

TEST_CASE("the error sentence names the place too") {
    CHECK(parse_json("{\n  oops").error().message == "this is not valid JSON: unexpected \"o\" (line 2, column 3)");
}

TEST_CASE("deep nesting is refused at the limit and does not exhaust the stack") {
    CHECK(parse_json(std::string(64, '[') + std::string(64, ']')).has_value());
    CHECK(refusal(std::string(65, '[') + std::string(65, ']')).message == "it is nested more than 64 levels deep");
    CHECK(refusal(std::string(100'000, '[')).message == "it is nested more than 64 levels deep");
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    CHECK(refusal(objects).message == "it is nested more than 64 levels deep");
}

TEST_CASE("size and number of values are limited") {
    const auto large = parse_json(std::string(5000, ' ') + "1", {.max_bytes = 4096});
    REQUIRE_FALSE(large.has_value());
    CHECK(large.error().code == ErrorCode::kExhausted);
    CHECK(large.error().message == "the JSON text has 5.0 kB, more than the 4.1 kB that are allowed");
    CHECK(refusal("[1,2,3,4]", {.max_nodes = 4}).message == "there are more than 4 values");
    CHECK(parse_json("[1,2,3]", {.max_nodes = 4}).has_value());
}

TEST_CASE("a repeated key among very many is found quickly") {
    std::string text = "{";
    for (int i = 0; i < 100'000; ++i) text += "\"k" + std::to_string(i) + "\":0,\n";
    text += "\"k5\":1}";
    CHECK(refusal(text).message == "the key \"k5\" is there twice; first on line 6");
}

TEST_CASE("members, texts and numbers know their place") {
    const Value value = parse_json("{\n  \"ä\": \"x\",  \"n\": 12,\n  \"list\": [\"y\", 3.10]\n}").value();
    CHECK(value.as_object()[0].place == Place{2, 3});
    CHECK(value.as_object()[0].value.place() == Place{2, 8});
    CHECK(value.as_object()[1].place == Place{2, 14});
    CHECK(value["n"].place() == Place{2, 19});
    CHECK(value["list"][0].place() == Place{3, 12});
    CHECK(value["list"][1].place() == Place{3, 17});
    CHECK(value["list"][1].scalar_text() == "3.10");
}

TEST_CASE("numbers without a JSON form become null and bad bytes are replaced") {
    CHECK(to_json(Value::array({NAN, INFINITY, -INFINITY})) == "[null,null,null]");
    CHECK(to_json(Value("a\xFFz\x01\"\\")) == "\"a\xEF\xBF\xBDz\\u0001\\\"\\\\\"");
    CHECK(parse_json(to_json(Value("\xC3"))).has_value());
}

TEST_CASE("pretty JSON is indented by two spaces") {
    const Value value =
        Value::object({{"a", Value::array({1, Value::object({{"b", nullptr}})})}, {"c", Value::array()}});
    CHECK(to_json_pretty(value) == "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": []\n}");
    CHECK(parse_json(to_json_pretty(value)).value() == value);
}
