#include "form/form.hpp"

#include <doctest/doctest.h>

#include "form/form_values.hpp"
#include "form/text_template.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::form;

namespace {

// The form of the platform's own documentation.
constexpr const char* kExample = R"(
- {name: model_name, label: Export to model, type: string, value: object-detection, width: 50}
- {name: model_version, label: Model version, type: string, value: 1.0.0, width: 50}
- {name: num_steps, label: Train steps quantity, type: int, value: 1000}
- label: Resize
  type: group
  elements:
  - {name: resize_min_dimension, label: Minimal resize dimension, type: int, value: 600, width: 50}
  - {name: resize_fixed_width, type: int, width: 50}
- name: grid_scales
  label: Grid generator scales
  type: list
  value: [0.25, 0.5, 1, 2]
  width: 50
  listType: float
- {name: use_gpu, type: bool, value: true}
- {name: optimizer, type: select, value: adam, options: [sgd, {value: adam, label: Adam}]}
- {name: weights, type: byte}
)";

Form form_of(const char* yaml) {
    const auto form = read_form(json::parse_yaml(yaml).value());
    REQUIRE_MESSAGE(form.has_value(), (form ? "" : describe(form.error())));
    return *form;
}

std::string faults_of(const char* yaml) {
    const auto form = read_form(json::parse_yaml(yaml).value());
    REQUIRE_FALSE(form.has_value());
    std::string text;
    for (const Fault& fault : form.error().details) text += to_string(fault) + "\n";
    return text;
}

std::string value_faults(const Form& form, const char* json) {
    const auto values = complete_values(form, json::parse_json(json).value());
    REQUIRE_FALSE(values.has_value());
    std::string text;
    for (const Fault& fault : values.error().details) text += to_string(fault) + "\n";
    return text;
}

}  // namespace

TEST_CASE("the form of the documentation reads as it is meant") {
    const Form form = form_of(kExample);
    REQUIRE(form.fields.size() == 8);
    CHECK(form.inputs().size() == 9);
    CHECK(form.find("model_version")->value == json::Value("1.0.0"));
    CHECK(form.find("resize_fixed_width")->label == "resize_fixed_width");
    CHECK(form.fields[3].elements.size() == 2);
    CHECK(form.find("grid_scales")->list_type == FieldType::kFloat);
    CHECK(form.find("optimizer")->options[1].label == "Adam");
}

TEST_CASE("what is not filled in has its default, else the type's empty value") {
    const Form form = form_of(kExample);
    const json::Value values = complete_values(form, json::parse_json(R"({"num_steps": 5})").value()).value();
    CHECK(
        json::to_json(values) ==
        R"({"model_name":"object-detection","model_version":"1.0.0","num_steps":5,"resize_min_dimension":600,"resize_fixed_width":0,)"
        R"("grid_scales":[0.25,0.5,1,2],"use_gpu":true,"optimizer":"adam","weights":""})");
}

TEST_CASE("the template sees fractions as fractions, uploads as paths and plurals as lists") {
    const Form form = form_of(R"(
- {name: rate, type: float, value: 1}
- {name: scales, type: list, list_type: float, value: [1, 0.5]}
- {name: file, type: byte}
- {name: files, type: bytes}
- {name: words, type: strings, value: a}
)");
    const json::Value values =
        complete_values(form, json::parse_json(R"({"file": "u1", "files": "u2"})").value()).value();
    const json::Value seen =
        template_values(form, values, {{"u1", "/files/form/a.csv"}, {"u2", "/files/form/b.csv"}}).value();
    const auto text = TextTemplate::parse(
        "{{ .rate }} {{ typeOf .rate }} {{ join \" \" .scales }} {{ .file }} {{ index .files 0 }} {{ join \",\" .words "
        "}}");
    CHECK(text->render(seen).value() == "1 float64 1 0.5 /files/form/a.csv /files/form/b.csv a");
    CHECK(template_values(form, values, {}).error().message ==
          "file: the file was not uploaded, or is gone; send it again");
}

TEST_CASE("each fault of a form is told with its place") {
    CHECK(faults_of("- {name: a, type: int}\n- {name: a, type: int}\n") ==
          "form[1].name: there are two fields named \"a\"; names are unique over the whole form, groups included (line "
          "2)\n");
    CHECK(faults_of("- {name: a, type: inte}\n").find("did you mean \"int\"?") != std::string::npos);
    CHECK(faults_of("- {name: a, type: int8, value: 200}\n")
              .find("expected a whole number from -128 to 127 (int8), got 200") != std::string::npos);
    CHECK(faults_of("- {type: group, label: Empty}\n").find("elements: is missing") != std::string::npos);
    CHECK(faults_of("- {name: a, type: list}\n").find("list_type: is missing") != std::string::npos);
    CHECK(faults_of("- {name: a, type: list, list_type: group}\n").find("is any type except list and group") !=
          std::string::npos);
    CHECK(faults_of("- {name: a, type: select}\n").find("options: is missing") != std::string::npos);
    CHECK(faults_of("- {name: a, type: select, options: [x], value: y}\n").find("expected one of \"x\", got \"y\"") !=
          std::string::npos);
    CHECK(faults_of("- {name: 1a, type: int}\n").find("letters, digits and _") != std::string::npos);
    CHECK(faults_of("- {name: a, type: int, width: 120}\n").find("at most 100") != std::string::npos);
    CHECK(faults_of("- {type: int}\n").find("name") != std::string::npos);
    CHECK(faults_of("- {type: group, value: 1, elements: [{name: a, type: int}]}\n").find("a group has no value") !=
          std::string::npos);
    CHECK(faults_of("- {name: a, type: int, listType: int}\n").find("for fields of type list") != std::string::npos);
    CHECK(faults_of("form\n").find("list") != std::string::npos);
}

TEST_CASE("each value that cannot be taken is told by its name") {
    const Form form = form_of(R"(
- {name: n, type: uint8}
- {name: rate, type: float}
- {name: name, type: string, required: true}
- {name: text, type: string, multiline: true}
- {name: on, type: boolean}
- {name: xs, type: list, list_type: int16}
)");
    CHECK(value_faults(form, R"({"n": 256, "name": "x"})") ==
          "n: expected a whole number from 0 to 255 (uint8), got 256\n");
    CHECK(value_faults(form, R"({"n": 1.5, "name": "x"})") == "n: expected a whole number, got 1.5\n");
    CHECK(value_faults(form, R"({"n": "5", "name": "x"})") == "n: expected a whole number, got \"5\"\n");
    CHECK(value_faults(form, R"({"rate": "fast", "name": "x"})") == "rate: expected a number, got \"fast\"\n");
    CHECK(value_faults(form, R"({"rate": 1e300, "name": "x"})") == "rate: is too large for a float\n");
    CHECK(value_faults(form, R"({})") == "name: is required\n");
    CHECK(value_faults(form, R"({"name": "a\nb"})") == "name: has a line break; the field takes one line\n");
    CHECK(value_faults(form, R"({"name": "x", "on": 1})") == "on: expected true or false, got 1\n");
    CHECK(value_faults(form, R"({"name": "x", "xs": [1, 70000]})") ==
          "xs: value 2: expected a whole number from -32768 to 32767 (int16), got 70000\n");
    CHECK(value_faults(form, R"({"name": "x", "nme": 1})") ==
          "nme: the form has no such field; did you mean \"name\"?\n");
    CHECK(complete_values(form, json::parse_json(R"({"name": "it's \"x\"; rm -rf", "text": "a\nb"})").value())
              .has_value());
    CHECK(complete_values(form, json::Value("x")).error().message.find("a mapping from names to values") !=
          std::string::npos);
    const std::string long_text = R"({"name": ")" + std::string(kTextMost + 1, 'x') + R"("})";
    CHECK(value_faults(form, long_text.c_str()).find("is too long") != std::string::npos);
}

TEST_CASE("what is written at a terminal becomes a value of the field's type") {
    const Form form = form_of(
        "- {name: n, type: int}\n- {name: f, type: float}\n- {name: b, type: bool}\n- {name: l, type: list, list_type: "
        "float}\n- {name: s, type: select, options: [1, two]}\n- {name: t, type: string}\n");
    const auto value = [&](const char* name, const char* text) {
        return json::to_json(value_from_text(*form.find(name), text).value());
    };
    CHECK(value("n", "5") == "5");
    CHECK(value("f", "0.5") == "0.5");
    CHECK(value("b", "yes") == "true");
    CHECK(value("l", "0.1, 2") == "[0.1,2.0]");
    CHECK(value("l", "[1, 2]") == "[1,2]");
    CHECK(value("l", "") == "[]");
    CHECK(value("s", "1") == "1");
    CHECK(value("t", "007") == "\"007\"");
    CHECK(value_from_text(*form.find("n"), "five").error().message == "n: expected a whole number, got \"five\"");
}

TEST_CASE("the schema of a form tells other programs its values") {
    const json::Value schema =
        form_schema(form_of("- {name: n, type: uint8, required: true, help: How many.}\n- {name: l, type: list, "
                            "list_type: float, value: [1]}\n- {name: s, type: select, options: [a, b]}\n"),
                    "digits");
    CHECK(json::to_json(schema["properties"]["n"]) ==
          R"({"type":"integer","minimum":0,"maximum":255,"title":"n","description":"How many."})");
    CHECK(json::to_json(schema["properties"]["l"]["items"]) == R"({"type":"number"})");
    CHECK(json::to_json(schema["properties"]["s"]["enum"]) == R"(["a","b"])");
    CHECK(json::to_json(schema["required"]) == R"(["n"])");
}
