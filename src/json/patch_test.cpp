#include <doctest/doctest.h>

#include "json/json_text.hpp"
#include "json/patch.hpp"

using namespace pintle::json;

TEST_CASE("a merge patch changes what RFC 7386 says") {
    struct Row {
        std::string_view target, patch, result;
    };
    const Row rows[] = {
        {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        {R"({"a":"b"})", R"({"a":null})", R"({})"},
        {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
        {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
        {R"({"a":{"b":"c","e":1}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d","e":1}})"},
        {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        {R"(["a","b"])", R"(["c"])", R"(["c"])"},
        {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
        {R"({"a":"foo"})", R"(null)", R"(null)"},
        {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
        {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
        {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.target);
        CAPTURE(row.patch);
        CHECK(to_json(merge_patch(parse_json(row.target).value(), parse_json(row.patch).value())) == row.result);
    }
}

TEST_CASE("a very large patch on a very large target takes no quadratic time") {
    Value target = Value::object(), patch = Value::object();
    for (int i = 0; i < 100'000; ++i) {
        target.add("k" + std::to_string(i), i);
        patch.add("k" + std::to_string(99'999 - i), i % 2 == 0 ? Value() : Value(i));
    }
    CHECK(merge_patch(std::move(target), patch).size() == 50'000);
}
