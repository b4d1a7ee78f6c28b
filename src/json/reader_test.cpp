#include <doctest/doctest.h>

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "json/reader.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::json;

namespace {

std::string told(const Fault& fault) {
    return fmt::format("{}:{} {}: {}", fault.line, fault.column, fault.path, fault.message);
}

std::vector<std::string> told(const std::vector<Fault>& faults) {
    std::vector<std::string> lines;
    for (const Fault& fault : faults) lines.push_back(told(fault));
    return lines;
}

using Lines = std::vector<std::string>;

std::string shown(const Lines& lines) { return join(lines, "\n"); }
std::string shown(const std::vector<Fault>& faults) { return shown(told(faults)); }

}  // namespace

TEST_CASE("fields are read with their types and defaults") {
    const Value document =
        parse_yaml(
            "name: train\nreplicas: 3\nwhole: 2.0\nrate: 0.5\nspot: true\nargs: [a, b]\nmixed: [a, 1.10, true]\n"
            "env: {A: 1, B: 0755, C: x, D:}\nlimits: {cpu: 2}\nform: [1, {x: y}]\nempty:\nmode: fast\nworkdir: /w\n")
            .value();
    Faults faults;
    Reader reader(document, "spec", faults);
    CHECK(reader.text("name", kRequired) == "train");
    CHECK(reader.integer("replicas", 1, 10, 1) == 3);
    CHECK(reader.integer("whole", 1, 10, kRequired) == 2);
    CHECK(reader.number("rate", 1.0) == 0.5);
    CHECK(reader.boolean("spot", false));
    CHECK(reader.text_list("args") == Lines{"a", "b"});
    CHECK(reader.scalar_text_list("mixed") == Lines{"a", "1.10", "true"});
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(reader.scalar_text_map("env") == Pairs{{"A", "1"}, {"B", "0755"}, {"C", "x"}, {"D", ""}});
    auto limits = reader.object("limits");
    REQUIRE(limits.has_value());
    CHECK(limits->integer("cpu").value() == 2);
    CHECK(limits->path() == "spec.limits");
    limits->finish();
    CHECK(to_json(*reader.raw("form")) == R"([1,{"x":"y"}])");
    CHECK(reader.text("empty", "default") == "default");
    CHECK(reader.choice("mode", {"fast", "slow"}, "slow") == "fast");
    CHECK(reader.text({"workDir", "workdir"}, "/") == "/w");
    CHECK_FALSE(reader.text("absent").has_value());
    CHECK(reader.integer("absent", 1, 5, 4) == 4);
    CHECK_FALSE(reader.object("absent").has_value());
    CHECK(reader.list("absent").empty());
    CHECK(reader.raw("absent") == nullptr);
    reader.finish();
    CHECK(faults.ok());
    CHECK(faults.warnings().empty());
    CHECK(faults.result("the job file").has_value());
}

TEST_CASE("every fault is told in one pass with its path and place") {
    const Value document = parse_yaml(
        "tasks:\n"
        "  - name: a\n"
        "    resources:\n"
        "      - replicas: two\n"
        "        memory: [1]\n"
        "  - resources:\n"
        "      - replicas: 0\n"
        "        spot: 'yes'\n"
        "        comand: x\n"
        "    args: text\n"
        "  - just text\n"
        "  - resources: {a: 1}\n"
        "    name: 7\n"
        "    args: [a, {b: c}]\n").value();
    Faults faults;
    Reader reader(document, "spec", faults);
    for (Reader& task : reader.list("tasks", kRequired)) {
        (void)task.text("name", kRequired);
        (void)task.text_list("args");
        for (Reader& resource : task.list("resources", kRequired)) {
            (void)resource.integer("replicas", 1, kNoMax, 1);
            (void)resource.text("memory");
            (void)resource.boolean("spot", false);
            (void)resource.text("command");
            resource.finish();
        }
        task.finish();
    }
    (void)reader.text("title", kRequired);
    reader.finish();
    const auto result = faults.result("the job file");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message == "the job file has 11 faults");
    CHECK(result.error().code == ErrorCode::kInvalid);
    const Lines expected{
        "1:1 spec.title: is required",
        "4:19 spec.tasks[0].resources[0].replicas: expected a whole number ≥ 1, got \"two\"",
        "5:17 spec.tasks[0].resources[0].memory: expected text, got a list",
        "6:5 spec.tasks[1].name: is required",
        "7:19 spec.tasks[1].resources[0].replicas: expected a whole number ≥ 1, got 0",
        "8:15 spec.tasks[1].resources[0].spot: expected true or false, got \"yes\"",
        "10:11 spec.tasks[1].args: expected a list, got text",
        "11:5 spec.tasks[2]: expected a mapping, got text",
        "12:16 spec.tasks[3].resources: expected a list, got a mapping",
        "13:11 spec.tasks[3].name: expected text, got 7",
    };
    Lines got = told(result.error().details);
    CHECK(got.size() == 11);
    for (const std::string& line : expected) {
        CAPTURE(line);
        CHECK(std::find(got.begin(), got.end(), line) != got.end());
    }
    CHECK(got.back() == "14:15 spec.tasks[3].args[1]: expected text, got a mapping");
    CHECK(shown(faults.warnings()) ==
          shown(Lines{"9:9 spec.tasks[1].resources[0].comand: unknown field \"comand\"; did you mean \"command\"?"}));
}

TEST_CASE("unknown fields are errors in strict mode") {
    const Value document = parse_json("{\n \"name\": \"x\",\n \"a.b\": 1, \"banana\": null}").value();
    Faults faults(Faults::Unknown::kRefuse);
    Reader reader(document, "", faults);
    (void)reader.text("name");
    reader.finish();
    CHECK(shown(faults.errors()) ==
          shown(Lines{"3:2 [\"a.b\"]: unknown field \"a.b\"", "3:12 banana: unknown field \"banana\""}));
}

TEST_CASE("numbers outside their range are told with the range") {
    const Value document =
        parse_json(R"({"a": 11, "b": 1.5, "c": true, "d": null, "e": 5, "f": 1e300, "g": "x"})").value();
    Faults faults;
    Reader reader(document, "", faults);
    CHECK(reader.integer("a", 1, 10, 7) == 7);
    CHECK_FALSE(reader.integer("b").has_value());
    CHECK(reader.integer("c", kNoMin, 5, kRequired) == 0);
    CHECK(reader.integer("d", 1, 5, kRequired) == 0);
    CHECK_FALSE(reader.integer("f").has_value());
    CHECK(reader.number("g", kRequired) == 0);
    CHECK(reader.choice("e", {"on", "off"}, "off") == "off");
    CHECK(shown(faults.errors()) == shown(Lines{
        "1:7 a: expected a whole number from 1 to 10, got 11",
        "1:16 b: expected a whole number, got 1.5",
        "1:21 c: expected a whole number ≤ 5, got true",
        "1:32 d: is required",
        "1:56 f: expected a whole number, got 1e300",
        "1:68 g: expected a number, got \"x\"",
        "1:48 e: expected \"on\" or \"off\", got 5",
    }));
}

TEST_CASE("two spellings of one field are told, and so is a near word") {
    const Value document = parse_yaml("workDir: /a\nworkdir: /b\nmode: fasd\n").value();
    Faults faults;
    Reader reader(document, "", faults);
    CHECK(reader.text({"workDir", "workdir"}, "") == "/a");
    CHECK_FALSE(reader.choice("mode", {"fast", "slow"}).has_value());
    CHECK(shown(faults.errors()) ==
          shown(Lines{"2:10 workdir: means the same as \"workDir\"; keep one of them",
                      "3:7 mode: expected \"fast\" or \"slow\", got \"fasd\"; did you mean \"fast\"?"}));
}

TEST_CASE("a value that is no mapping is told once and not for every field") {
    const Value document("text");
    Faults faults;
    Reader reader(document, "job", faults);
    CHECK(reader.text("name", kRequired).empty());
    CHECK(reader.integer("replicas", 1, 2, 1) == 1);
    reader.finish();
    CHECK(shown(faults.errors()) == shown(Lines{"0:0 job: expected a mapping, got text"}));
}

TEST_CASE("items that are not mappings are read as what they are") {
    const Value document = parse_yaml("list: [1, x, true, 0.5, ~]").value();
    Faults faults;
    auto items = Reader(document, "", faults).list("list");
    REQUIRE(items.size() == 5);
    CHECK(items[0].as_integer().value() == 1);
    CHECK(items[1].as_text().value() == "x");
    CHECK(items[2].as_boolean().value());
    CHECK(items[3].as_number().value() == 0.5);
    CHECK(faults.ok());
    CHECK_FALSE(items[4].as_scalar_text().has_value());
    CHECK(shown(faults.errors()) == shown(Lines{"1:25 list[4]: expected text, got nothing"}));
}

TEST_CASE("rules of the caller are told at the field they are about") {
    const Value document = parse_yaml("limits:\n  cpu: 1\n").value();
    Faults faults;
    Reader reader(document, "", faults);
    auto limits = reader.object("limits", kRequired);
    limits->error_at("cpu", "is less than what it asks for");
    limits->warning_at("gpu", "is not set");
    limits->error("is too small");
    CHECK(shown(faults.errors()) ==
          shown(Lines{"2:8 limits.cpu: is less than what it asks for", "2:3 limits: is too small"}));
    CHECK(shown(faults.warnings()) == shown(Lines{"2:3 limits.gpu: is not set"}));
}

TEST_CASE("a hostile document fills the list of faults only up to its limit") {
    Value document = Value::array();
    for (int i = 0; i < 5000; ++i) document.push(std::string(100'000 / 100, 'x'));
    const Value wrapped = Value::object({{"list", std::move(document)}});
    Faults faults;
    Reader reader(wrapped, "", faults);
    for (Reader& item : reader.list("list")) (void)item.as_integer();
    CHECK(faults.errors().size() == 100);
    CHECK(faults.dropped() == 4900);
    CHECK(faults.result("it").error().message == "it has 100 faults or more");
    CHECK(faults.errors()[0].message == "expected a whole number, got \"" + std::string(40, 'x') + "…\"");
}
