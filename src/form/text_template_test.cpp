#include "form/text_template.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::form;

namespace {

json::Value table() {
    std::ifstream file(std::string(PINTLE_SOURCE_DIR) + "/tests/go_templates/cases.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse_json(text.str()).value();
}

Result<std::string> render(const std::string& text, const json::Value& data = {},
                           const TemplateBudget::Limits& limits = {}) {
    const auto parsed = TextTemplate::parse(text);
    if (!parsed) return fail(parsed.error());
    return parsed->render(data, limits);
}

std::string error_of(const std::string& text, const json::Value& data = {}) {
    const auto rendered = render(text, data);
    REQUIRE_FALSE(rendered.has_value());
    return rendered.error().message;
}

}  // namespace

TEST_CASE("every template of the table renders to the bytes that Go makes of it") {
    const json::Value file = table();
    REQUIRE(file["cases"].size() > 150);
    for (const json::Value& each : file["cases"].as_array()) {
        const std::string text = each["template"].as_string();
        CAPTURE(text);
        const auto rendered = render(text, file["data"]);
        if (each.has("fails")) {
            CHECK_FALSE(rendered.has_value());
        } else {
            REQUIRE_MESSAGE(rendered.has_value(), (rendered ? "" : rendered.error().message));
            CHECK(*rendered == (each.has("output") ? each["output"].as_string() : ""));
        }
    }
}

TEST_CASE("a value that is not there is named with its place instead of printing <no value>") {
    const json::Value data = json::Value::object({{"name", "x"}, {"null", json::Value()}});
    const auto rendered = render("name: {{ .name }}\nepochs: {{ .epochs }}\n", data);
    REQUIRE_FALSE(rendered.has_value());
    CHECK(rendered.error().code == ErrorCode::kInvalid);
    CHECK(rendered.error().message == "line 2, column 12 of the template: there is no value .epochs");
    REQUIRE(rendered.error().details.size() == 1);
    CHECK(rendered.error().details[0].line == 2);
    CHECK(rendered.error().details[0].column == 12);
    CHECK(error_of("{{ .a.b.c }}", data) == "line 1, column 4 of the template: there is no value .a.b.c");
    CHECK(error_of("{{ .null }}", data) == "line 1, column 4 of the template: there is no value .null");
    CHECK(error_of("{{ upper .epochs }}", data) ==
          "line 1, column 4 of the template: upper wants a text, and there is no .epochs");
    CHECK(render("{{ if .epochs }}a{{ else }}b{{ end }}{{ default 5 .epochs }}", data).value() == "b5");
}

TEST_CASE("a fault of a template is told in words with its line and column") {
    CHECK(error_of("a\n  {{ uper .x }}") ==
          "line 2, column 6 of the template: there is no function uper; did you mean upper?");
    CHECK(error_of("{{ if .x }}") == "line 1, column 12 of the template: the template ends before an {{end}}");
    CHECK(error_of("{{ $x }}") == "line 1, column 4 of the template: there is no variable $x");
    CHECK(error_of("ä {{ trunc 1 2 3 }}") == "line 1, column 6 of the template: trunc wants 2 arguments, not 3");
    CHECK(error_of("{{ gt 1.5 1 }}") ==
          "line 1, column 4 of the template: gt cannot compare a value of type float64 with one of type int; `int`, "
          "`float64` and `toString` convert");
    CHECK(error_of("{{ .x", json::Value::object({{"x", 1}})) ==
          "line 1, column 1 of the template: this action is not closed: }} is missing");
}

TEST_CASE("slice cuts texts too, as Go does without sprig") {
    CHECK(render("{{ slice .name 1 3 }}", json::Value::object({{"name", "digits"}})).value() == "ig");
}

TEST_CASE("a value becomes one word of a shell, whatever stands in it") {
    const json::Value data = json::Value::object({{"x", "it's; rm -rf $HOME\n`id`"}});
    CHECK(render("run --x {{ shellQuote .x }}", data).value() == "run --x 'it'\\''s; rm -rf $HOME\n`id`'");
}

TEST_CASE("a template cannot take the server's time or memory") {
    CHECK(error_of("{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}").find("call each other") !=
          std::string::npos);
    CHECK(error_of("{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}").find("MiB") !=
          std::string::npos);
    CHECK(error_of("{{ range 1000000000 }}{{ end }}").find("steps") != std::string::npos);
    CHECK(error_of("{{ repeat 1000000000 \"abcdefgh\" }}").find("MiB") != std::string::npos);
    CHECK(error_of("{{ $x := \"a\" }}{{ range until 60 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}").find("MiB") !=
          std::string::npos);
    CHECK(error_of("{{ range 2000 }}{{ repeat 1000 \"x\" }}{{ end }}").find("1024 kiB") != std::string::npos);
    CHECK(error_of("{{ $d := dict }}{{ $x := set $d \"a\" $d }}").find("cannot hold itself") != std::string::npos);
    CHECK(error_of("{{ printf \"%999999999d\" 1 }}").find("at most") != std::string::npos);
    CHECK(error_of("{{" + std::string(5000, '(') + "1" + std::string(5000, ')') + "}}").find("deep") !=
          std::string::npos);
    std::string nested;
    for (int i = 0; i < 5000; ++i) nested += "{{if true}}";
    CHECK(error_of(nested).find("deep") != std::string::npos);
}
