#include "document/project_document.hpp"

#include <filesystem>
#include <set>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "document/golden.hpp"
#include "document/random_values.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

namespace pintle::document {
namespace {

std::string lines_of(std::string_view title, const std::vector<Fault>& faults) {
    if (faults.empty()) return "";
    std::string text = fmt::format("----- {}\n", title);
    for (const Fault& fault : faults) text += to_string(fault) + "\n";
    return text;
}

std::string outcome_of(std::string_view document) {
    const auto project = read_project_text(document);
    if (!project) {
        CHECK(project.error().code == ErrorCode::kInvalid);
        return lines_of(project.error().message, project.error().details);
    }
    std::string text = fmt::format("----- reads as\n{}", json::to_yaml(write_project(project->spec)));
    if (!project->summary_file.empty()) text += fmt::format("----- summary file\n{}\n", project->summary_file);
    return text + lines_of("warnings", project->warnings);
}

// The table with its results as they are now: the documents stay, what follows "----- " is made anew.
std::string with_outcomes(const std::string& table) {
    const std::size_t first = table.find("===== ");
    std::string text = table.substr(0, first);
    for (std::size_t at = first; at != std::string::npos;) {
        const std::size_t next = table.find("\n===== ", at);
        const std::string whole = table.substr(at, next == std::string::npos ? next : next + 1 - at);
        const std::string kept = std::string(trim(whole.substr(0, whole.find("\n----- ")))) + "\n";
        text += kept + outcome_of(kept.substr(kept.find('\n') + 1)) + "\n";
        at = next == std::string::npos ? next : next + 1;
    }
    return text;
}

// Any value below, or the whole.
json::Value& random_part(Rng& rng, json::Value& value) {
    if (value.size() == 0 || rng.chance(15)) return value;
    if (value.is_array()) return random_part(rng, value.as_array()[rng.below(value.size())]);
    return random_part(rng, value.as_object()[rng.below(value.size())].value);
}

json::Value random_value(Rng& rng) {
    switch (rng.below(8)) {
        case 0: return {};
        case 1: return json::Value(rng.chance(50));
        case 2: return json::Value(static_cast<std::int64_t>(rng.next()));
        case 3: return json::Value(0.5);
        case 4: return json::Value(random_text(rng));
        case 5: return json::Value::array({random_value(rng)});
        case 6: return json::Value(json::Object{});
        default: return json::Value::object({{random_text(rng), random_value(rng)}});
    }
}

std::string only_fault(std::string_view document) {
    const auto project = read_project_text(document);
    if (project || project.error().details.empty()) return "";
    return to_string(project.error().details.front());
}

// Holds every key of the value against the properties of the schema, following references.
void check_described(const json::Value& schema, const json::Value& root, const json::Value& value) {
    if (const json::Value* reference = schema.find("$ref")) {
        return check_described(root["$defs"][reference->as_string().substr(8)], root, value);
    }
    if (const json::Value* choices = schema.find("anyOf")) {
        const std::string_view type = value.is_array() ? "array" : value.is_object() ? "object" : "string";
        for (const json::Value& choice : choices->as_array()) {
            if (choice.has("$ref") ? type == "object" : choice["type"] == json::Value(type))
                return check_described(choice, root, value);
        }
        FAIL_CHECK("no choice fits " << json::to_json(value));
    }
    if (value.is_array() && schema.has("items")) {
        for (const json::Value& item : value.as_array()) check_described(schema["items"], root, item);
    }
    if (!value.is_object() || !schema.has("properties")) return;
    for (const json::Member& member : value.as_object()) {
        CAPTURE(member.key);
        REQUIRE(schema["properties"].has(member.key));
        check_described(schema["properties"][member.key], root, member.value);
    }
}

void check_descriptions(const json::Value& schema, std::set<std::string>& references) {
    if (const json::Value* reference = schema.find("$ref")) references.insert(reference->as_string().substr(8));
    if (const json::Value* properties = schema.find("properties")) {
        for (const json::Member& member : properties->as_object()) {
            CAPTURE(member.key);
            CHECK((member.value.has("description") || member.key == "value"));
            check_descriptions(member.value, references);
        }
    }
    if (schema.has("items")) check_descriptions(schema["items"], references);
    if (schema.has("anyOf")) {
        for (const json::Value& choice : schema["anyOf"].as_array()) check_descriptions(choice, references);
    }
}

}  // namespace

TEST_CASE("documents read, or are refused, as the table says") {
    constexpr const char* kTable = "src/document/testdata/project_cases.txt";
    check_golden(kTable, with_outcomes(read_project_file(kTable)));
}

TEST_CASE("every example reads without a warning") {
    const std::filesystem::path examples = std::filesystem::path(PINTLE_SOURCE_DIR) / "examples";
    if (!std::filesystem::exists(examples)) return;
    for (const auto& entry : std::filesystem::directory_iterator(examples)) {
        if (!std::filesystem::exists(entry.path() / "pintle.yaml")) continue;
        const std::string name = entry.path().filename().string();
        const auto project = read_project_text(read_project_file("examples/" + name + "/pintle.yaml"));
        REQUIRE_MESSAGE(project.has_value(), describe(project.error()));
        CHECK(project->spec.name == name);
        CHECK(project->warnings.empty());
    }
}

TEST_CASE("what is written reads back equal") {
    Rng rng(7);
    for (int round = 0; round < 400; ++round) {
        CAPTURE(round);
        const domain::ProjectSpec spec = random_spec(rng);
        const std::string text = json::to_yaml(write_project(spec));
        CAPTURE(text);
        const auto read = read_project_text(text);
        REQUIRE_MESSAGE(read.has_value(), describe(read.error()));
        CHECK(read->spec == spec);
        CHECK(read->warnings.empty());
        CHECK(read_project(json::parse_json(json::to_json(write_project(spec))).value())->spec == spec);
    }
}

TEST_CASE("any value in any place is read or refused with a reason") {
    Rng rng(3);
    for (int round = 0; round < 2000; ++round) {
        json::Value document = write_project(random_spec(rng));
        for (std::size_t i = 0; i <= rng.below(3); ++i) random_part(rng, document) = random_value(rng);
        CAPTURE(json::to_json(document));
        const auto project = read_project(document);
        if (project) CHECK(read_project(write_project(project->spec))->spec == project->spec);
        else CHECK_FALSE(project.error().details.empty());
    }
}

TEST_CASE("volumes that are listed beside the mapping of all are kept") {
    domain::ProjectSpec spec;
    spec.name = "both";
    spec.sources = {{"data", "", "", domain::ClusterStorageSource{"default"}, false, false, ""}};
    spec.tasks = {{"t", domain::TaskKind::kGeneral, {}, {}, {}, {{}}, {}}};
    domain::Resource& resource = spec.tasks[0].resources[0];
    resource.name = "a";
    resource.command = "x";
    resource.volumes = {{"data", "", "/x", false}};
    const auto read = read_project(write_project(spec)).value();
    CHECK(read.spec == spec);
    CHECK(read.warnings.size() == 1);
}

TEST_CASE("a fault says where and what, in the words of the document") {
    CHECK(only_fault("name: x\ntasks:\n- {name: a, resources: [{name: r, command: c}]}\n- name: b\n  resources:\n  - "
                     "name: worker\n"
                     "    command: x\n    replicas: \"two\"\n") ==
          "tasks[1].resources[0].replicas: expected a whole number ≥ 1, got \"two\" (line 8)");
}

TEST_CASE("no more than a hundred faults are told") {
    std::string text = "name: x\ntasks:\n";
    for (int i = 0; i < 150; ++i)
        text += fmt::format("- {{name: t{}, resources: [{{name: a, command: [x], replicas: no}}]}}\n", i);
    const Error error = read_project_text(text).error();
    CHECK(error.message == "the project document has 100 faults or more");
    CHECK(error.details.size() == 100);
}

TEST_CASE("lists have limits") {
    const auto many = [](std::string head, std::string_view item, int count) {
        for (int i = 0; i < count; ++i) head += item;
        return head;
    };
    CHECK(only_fault(many("name: x\nsources:\n", "- {}\n", 101)) ==
          "sources: has 101 items; at most 100 are allowed (line 2)");
    CHECK(only_fault(many("name: x\ntasks:\n", "- {}\n", 201)) ==
          "tasks: has 201 items; at most 200 are allowed (line 2)");
    CHECK(only_fault(many("name: x\ntasks:\n- name: t\n  resources:\n", "  - {}\n", 51)) ==
          "tasks[0].resources: has 51 items; at most 50 are allowed (line 4)");
}

TEST_CASE("hostile texts are refused") {
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 30; ++i) bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}]\n", i, i - 1);
    CHECK_FALSE(read_project_text(bomb).has_value());
    CHECK_FALSE(read_project_text("form: " + std::string(100'000, '[')).has_value());
    CHECK(read_project_text("name: x\nsummary: " + std::string(5 << 20, 'a')).error().code == ErrorCode::kExhausted);
    CHECK(only_fault("name: x\nsummary: " + std::string(2 << 20, 'a')).starts_with("summary: is too long"));
    CHECK(only_fault("name: x\nsummary: \"a\\0b\"") == "summary: must not contain a NUL byte (line 2)");
    CHECK_FALSE(read_project_text("name: \"\xff\"").has_value());
    CHECK(only_fault("name: " + std::string(300, 'x')).size() < 300);
}

TEST_CASE("a document that is no mapping is refused without a crash") {
    for (const json::Value& value :
         {json::Value(), json::Value(true), json::Value(1), json::Value("x"), json::Value::array({json::Value()})}) {
        CHECK_FALSE(read_project(value).has_value());
    }
}

TEST_CASE("the schema is what docs/pintle.schema.json says") {
    check_golden("docs/pintle.schema.json", project_schema());
}

TEST_CASE("the schema describes everything that is written") {
    const json::Value schema = json::parse_json(project_schema()).value();
    Rng rng(11);
    for (int round = 0; round < 100; ++round) check_described(schema, schema, write_project(random_spec(rng)));
}

TEST_CASE("the reference names every field, and its example reads") {
    const std::string reference = read_project_file("docs/project-file.md");
    const json::Value schema = json::parse_json(project_schema()).value();
    const auto check_named = [&](const json::Value& described) {
        for (const json::Member& member : described["properties"].as_object()) {
            CAPTURE(member.key);
            CHECK(reference.find("`" + member.key + "`") != std::string::npos);
        }
    };
    check_named(schema);
    for (const json::Member& definition : schema["$defs"].as_object()) check_named(definition.value);
    const std::size_t begin = reference.find("```yaml\n") + 8;
    const auto project = read_project_text(reference.substr(begin, reference.find("```", begin) - begin));
    REQUIRE(project.has_value());
    CHECK(project->warnings.empty());
}

TEST_CASE("every field of the schema has a description and every definition is used") {
    const json::Value schema = json::parse_json(project_schema()).value();
    std::set<std::string> references;
    check_descriptions(schema, references);
    for (const json::Member& definition : schema["$defs"].as_object()) {
        CAPTURE(definition.key);
        check_descriptions(definition.value, references);
    }
    for (const json::Member& definition : schema["$defs"].as_object()) {
        CAPTURE(definition.key);
        CHECK(references.contains(definition.key));
    }
    for (const std::string& reference : references) CHECK(schema["$defs"].has(reference));
}

TEST_CASE("a document is examined with what it cannot know itself, and told all at once") {
    const auto taken = [](const domain::ProjectSpec& spec) {
        return std::vector<Fault>{{"name", fmt::format("{} is taken", spec.name), 0, 0},
                                  {"tasks[0].name", "is never told", 0, 0}};
    };
    const Examination found = examine_project_text("kind: MLApp\nmetadata:\n  name: x\nspec:\n  tasks: 7\n", taken);
    CHECK_FALSE(found.spec.has_value());
    REQUIRE(found.faults.size() == 2);
    CHECK(found.faults[0].path == "metadata.name");
    CHECK(found.faults[0].message == "x is taken");
    CHECK(found.faults[0].line == 3);
    CHECK(found.faults[1].path == "spec.tasks");

    const auto nothing = [](const domain::ProjectSpec&) { return std::vector<Fault>(); };
    const Examination good = examine_project_text("name: x\nmore: 1\n", nothing);
    REQUIRE(good.spec.has_value());
    CHECK(good.spec->name == "x");
    CHECK(good.faults.empty());
    CHECK(good.warnings.size() == 1);
    CHECK(examine_project_text("a: b: c", nothing).faults.at(0).line == 1);
}

TEST_CASE("one task is read by the rules of the project that it is to be part of") {
    domain::ProjectSpec project = read_project_text("name: x\nsources: [{name: data, cluster_storage: a}]\n")->spec;
    const json::Value good =
        json::parse_yaml("name: t\nresources: [{name: w, command: x, volumes: [{name: data}]}]\n").value();
    CHECK(read_task(good, "document", project)->resources.at(0).volumes.at(0).source == "data");
    const json::Value wrong = json::parse_yaml("name: t\nresources:\n- name: w\n  command: x\n  workdir: 7\n"
                                               "  default_volume_mapping: false\n  volumes: [{name: none}]\n")
                                  .value();
    const auto refused = read_task(wrong, "document", project);
    REQUIRE_FALSE(refused.has_value());
    REQUIRE(refused.error().details.size() == 2);
    CHECK(refused.error().details[0].path == "document.resources[0].workdir");
    CHECK(refused.error().details[0].line == 5);
    CHECK(refused.error().details[1].path == "document.resources[0].volumes");
    CHECK(read_task(json::Value(7), "document", project).error().details.at(0).path == "document");
}

}  // namespace pintle::document
