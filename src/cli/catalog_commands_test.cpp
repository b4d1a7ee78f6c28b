#include <doctest/doctest.h>

#include "cli/fake_server.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;

namespace {

constexpr const char* kCatalog =
    R"({"catalogs":[{"name":"built-in","fault":null},{"name":"team","fault":"no route","fault_since":"2026-03-01T11:00:00Z","read_at":null}],)"
    R"("items":[{"catalog":"built-in","name":"digits","version":"1.0.0","description":"Reads digits","keywords":["numpy"],"sound":true,"faults":[]},)"
    R"({"catalog":"team","name":"speech","version":"","description":"","keywords":[],"sound":false,"faults":[]},)"
    R"({"catalog":"built-in","name":"twice","version":"","description":"","keywords":[],"sound":true,"faults":[]},)"
    R"({"catalog":"team","name":"twice","version":"","description":"","keywords":[],"sound":true,"faults":[]}]})";

}  // namespace

TEST_CASE("templates are listed with those that are broken and the catalogs that cannot be read") {
    CliBox box;
    box.server.on("GET", "/catalog", kCatalog);
    CHECK(box.run({"catalog", "list"}) == 0);
    CHECK(box.out.find("built-in/digits  1.0.0    Reads digits") != std::string::npos);
    CHECK(box.out.find("team/speech") != std::string::npos);
    CHECK(box.out.find("broken") != std::string::npos);
    CHECK(box.err.find("the catalog team cannot be read since ") != std::string::npos);
    CHECK(box.err.find("no route; nothing is known of it") != std::string::npos);
    CHECK(box.run({"catalog", "list", "-q", "--search", "a b"}) == 0);
    CHECK(box.out == "built-in/digits\nteam/speech\nbuilt-in/twice\nteam/twice\n");
}

TEST_CASE("a template is shown with the values that it asks for") {
    CliBox box;
    box.server.on("GET", "/catalog", kCatalog);
    box.server.on(
        "GET", "/catalog/built-in/digits",
        R"({"title":"Digits","version":"1.0.0","description":"Reads digits","keywords":[],"readme":"# Digits","values":"a: 1\n","sound":true,"faults":[],)"
        R"("wizard":[{"key":"size","name":"Size","kind":"select","value":2,"required":false,"options":[{"value":1,"label":"1"},{"value":2,"label":"2"}]}]})");
    CHECK(box.run({"catalog", "show", "digits"}) == 0);
    CHECK(box.out.find("size   select: 1, 2  2") != std::string::npos);
    CHECK(box.out.find("install it: pintle catalog install built-in/digits --name PROJECT") != std::string::npos);
    CHECK(box.run({"catalog", "show", "digits", "--values-file"}) == 0);
    CHECK(box.out == "a: 1\n");
    CHECK(box.run({"catalog", "show", "digit"}) != 0);
    CHECK(box.err.find("did you mean digits?") != std::string::npos);
    CHECK(box.run({"catalog", "show", "twice"}) != 0);
    CHECK(box.err.find("say which: built-in/twice, team/twice") != std::string::npos);
}

TEST_CASE("a broken template is shown with file, line and column of what is wrong") {
    CliBox box;
    box.server.on(
        "GET", "/catalog/team/speech",
        R"({"title":"Speech","version":"","description":"","keywords":[],"readme":"","values":"","sound":false,"wizard":[],)"
        R"("faults":[{"file":"values.yaml","path":"a.wizard.kind","message":"there is no kind","line":3,"column":9}]})");
    CHECK(box.run({"catalog", "show", "team/speech"}) == 0);
    CHECK(box.err.find("values.yaml:3:9: a.wizard.kind: there is no kind") != std::string::npos);
}

TEST_CASE("a template is rendered and installed with values from a file and the command line") {
    CliBox box;
    box.server.on("POST", "/catalog/team/speech/preview",
                  R"({"valid":false,"name":"x","values":{},"text":"name: x\n","document":null,"warnings":[],)"
                  R"("faults":[{"file":"values","path":"size","message":"too large","line":null,"column":null}]})");
    CHECK(box.run({"catalog", "render", "team/speech", "--set", "size=9"}) == 2);
    CHECK(box.out == "name: x\n");
    CHECK(box.err.find("values: size: too large") != std::string::npos);
    box.server.on(
        "POST", "/catalog/team/speech/install",
        R"({"project":{"name":"mine","document":{"tasks":[{"name":"train"}],"form":[{"name":"a"}]}},"warnings":[{"path":"files/src","message":"left","line":null,"column":null}]})");
    CHECK(box.run({"catalog", "install", "team/speech", "--name", "mine", "--values", box.file("v.yaml", "size: 3\n"),
                   "--set", "src.revision=v1"}) == 0);
    CHECK(box.server.last("POST", "/catalog/team/speech/install").body ==
          R"({"name":"mine","values":{"size":3},"texts":{"src.revision":"v1"}})");
    CHECK(box.out ==
          "made the project mine of team/speech\nnext: pintle run mine/train --follow\nor fill in its form: pintle "
          "form show mine\n");
    CHECK(box.err.find("files/src: left") != std::string::npos);
    CHECK(box.run({"catalog", "install", "team/speech", "--set", "x"}) == 2);
}

TEST_CASE("a catalog that cannot be read again says why") {
    CliBox box;
    box.server.on("POST", "/catalog/team/refresh",
                  R"({"name":"team","fault":null,"templates":3,"broken":1,"commit":"0123456789abcdef"})");
    CHECK(box.run({"catalog", "refresh", "team"}) == 0);
    CHECK(box.out == "team has 3 templates, 1 of them broken, at commit 0123456789ab\n");
    box.server.on("POST", "/catalog/team/refresh",
                  R"({"name":"team","fault":"no route","templates":3,"broken":1,"commit":null})");
    CHECK(box.run({"catalog", "refresh", "team"}) != 0);
    CHECK(box.err.find("the catalog team cannot be read: no route") != std::string::npos);
}
