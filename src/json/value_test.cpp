#include <doctest/doctest.h>

#include "json/json_text.hpp"
#include "json/value.hpp"

using namespace pintle::json;

TEST_CASE("a value takes the type of what it is made from") {
    CHECK(Value().is_null());
    CHECK(Value(nullptr).is_null());
    CHECK(Value(true).as_bool());
    CHECK(Value(7).as_int() == 7);
    CHECK(Value(std::uint8_t{7}).as_int() == 7);
    CHECK(Value(0.5).as_double() == 0.5);
    CHECK(Value(7).as_double() == 7.0);
    CHECK(Value("text").as_string() == "text");
    CHECK(Value(std::optional<int>()).is_null());
    CHECK(Value(std::optional<int>(3)).as_int() == 3);
    CHECK(Value(UINT64_MAX).is_double());
    static_assert(!std::is_constructible_v<Value, const int*>);
    static_assert(!std::is_constructible_v<Value, char>);
}

TEST_CASE("objects keep the order of their members and find them by key") {
    Value job = Value::object({{"name", "train"}, {"replicas", 2}, {"tags", Value::array({"a", "b"})}});
    CHECK(to_json(job) == R"({"name":"train","replicas":2,"tags":["a","b"]})");
    CHECK(job.find("replicas")->as_int() == 2);
    CHECK(job.find("none") == nullptr);
    CHECK(job["none"]["deeper"].is_null());
    CHECK(job["tags"][1].as_string() == "b");
    CHECK(job["tags"][2].is_null());
    CHECK(job["tags"][0] == Value("a"));
    job.set("replicas", 3).set("new", nullptr);
    CHECK(job.remove("name"));
    CHECK_FALSE(job.remove("name"));
    CHECK(to_json(job) == R"({"replicas":3,"tags":["a","b"],"new":null})");
}

TEST_CASE("a null value becomes a list or a mapping when something is put into it") {
    Value list, mapping;
    list.push(1).push("two");
    mapping.set("a", 1);
    CHECK(to_json(list) == R"([1,"two"])");
    CHECK(to_json(mapping) == R"({"a":1})");
    CHECK(to_json(Value::list_of(std::vector<std::string>{"x", "y"})) == R"(["x","y"])");
}

TEST_CASE("equality looks at content and not at place, spelling or order of members") {
    Value a = Value::object({{"x", 1}, {"y", Value::array({1, 2})}});
    Value b = Value::object({{"y", Value::array({1, 2})}, {"x", 1}});
    b.set_place({3, 4});
    CHECK(a == b);
    CHECK_FALSE(a == Value::object({{"y", Value::array({2, 1})}, {"x", 1}}));
    CHECK_FALSE(a == Value::object({{"y", Value::array({1, 2})}, {"z", 1}}));
    CHECK_FALSE(a == Value::object({{"x", 1}}));
    CHECK_FALSE(Value(1) == Value(1.0));
    CHECK_FALSE(Value("1") == Value(1));
}

TEST_CASE("types are named in plain words") {
    CHECK(Value().type_name() == "nothing");
    CHECK(Value(true).type_name() == "true or false");
    CHECK(Value(1).type_name() == "a whole number");
    CHECK(Value(1.5).type_name() == "a number");
    CHECK(Value("").type_name() == "text");
    CHECK(Value::array().type_name() == "a list");
    CHECK(Value::object().type_name() == "a mapping");
}

TEST_CASE("a scalar as text is spelled as in its source") {
    Value version(3.1);
    CHECK(version.scalar_text() == "3.1");
    version.set_spelling("3.10");
    CHECK(version.scalar_text() == "3.10");
    CHECK(version == Value(3.1));
    CHECK(Value(true).scalar_text() == "true");
    CHECK(Value("x").scalar_text() == "x");
    CHECK_FALSE(Value().scalar_text().has_value());
    CHECK_FALSE(Value::array().scalar_text().has_value());
}

TEST_CASE("a repeated key is found among few members and among many") {
    Object few{{"a", 1}, {"b", 2}, {"a", 3}};
    CHECK(find_duplicate(few).value() == std::pair<std::size_t, std::size_t>{0, 2});
    Object many;
    for (int i = 0; i < 1000; ++i) many.push_back({std::to_string(i), i});
    CHECK_FALSE(find_duplicate(many).has_value());
    many.push_back({"77", 0});
    CHECK(find_duplicate(many).value() == std::pair<std::size_t, std::size_t>{77, 1000});
}
