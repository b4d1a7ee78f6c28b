#include <doctest/doctest.h>

#include "cli/fake_server.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;

namespace {

constexpr const char* kForm =
    R"({"fields":[{"name":"epochs","type":"int","value":5,"label":"Epochs"},{"type":"group","label":"More","elements":[)"
    R"({"name":"rates","type":"list","listType":"float","value":[0.1,1],"required":true}]}],)"
    R"("text":"","template":"name: a\n","revision":3,"faults":[]})";

}  // namespace

TEST_CASE("a form's fields are shown, those of groups too") {
    CliBox box;
    box.server.on("GET", "/projects/d/form", kForm);
    CHECK(box.run({"form", "show", "d"}) == 0);
    CHECK(box.out ==
          "NAME    TYPE           DEFAULT  REQUIRED  LABEL\nepochs  int            5                  Epochs\n"
          "rates   list of float  [0.1,1]  yes\n\nfill it in: pintle form build d --set NAME=VALUE\n");
    box.server.on("GET", "/projects/d/form", R"({"fields":[],"text":"","template":"","revision":1,"faults":[]})");
    CHECK(box.run({"form", "show", "d"}) == 0);
    CHECK(box.out == "d has no form; give it one: pintle form edit d\n");
}

TEST_CASE("values and files are filled in, and the job is started") {
    CliBox box;
    box.server.on("POST", "/projects/d/form/files", R"({"id":"01F","name":"a.csv","size_bytes":3})");
    box.server.on("POST", "/projects/d/form/jobs", R"({"name":"d/a:1","state":"Queued"})");
    CHECK(box.run({"form", "build", "d", "--set", "epochs=5", "--set", "note=a=b", "--file",
                   "data=" + box.file("a.csv", "x,y"), "--tag", "first"}) == 0);
    CHECK(box.out == "d/a:1  Queued\nwatch it: pintle job follow d/a:1\n");
    CHECK(box.server.last("POST", "/projects/d/form/files").body == "x,y");
    CHECK(box.server.last("POST", "/projects/d/form/jobs").body ==
          R"({"texts":{"epochs":"5","note":"a=b","data":"01F"},"tags":["first"]})");
    CHECK(box.run({"form", "build", "d", "--set", "epochs"}) == 2);
    CHECK(box.err.find("--set is written as --set NAME=VALUE") != std::string::npos);
}

TEST_CASE("a form is rendered without starting anything, and what is wrong is told") {
    CliBox box;
    box.server.on("POST", "/projects/d/form/render",
                  R"({"values":{},"text":"name: a","task":{},"error":null,"dry_run":{"starts_now":true}})");
    CHECK(box.run({"form", "render", "d"}) == 0);
    CHECK(box.out == "name: a\n");
    CHECK(box.err == "it would start now\n");
    box.server.on(
        "POST", "/projects/d/form/render",
        R"({"values":null,"text":null,"task":null,"dry_run":null,"error":{"message":"a value of the form cannot be taken",)"
        R"("details":[{"path":"epochs","message":"expected a whole number","line":null,"column":null}]}})");
    CHECK(box.run({"form", "render", "d", "--set", "epochs=x"}) == 2);
    CHECK(box.err.find("epochs: expected a whole number") != std::string::npos);
}

TEST_CASE("form and template are taken from files") {
    CliBox box;
    box.server.on("PUT", "/projects/d/form", kForm);
    CHECK(box.run({"form", "edit", "d", "--template", box.file("t.yaml", "name: b\n")}) == 0);
    CHECK(box.server.last("PUT", "/projects/d/form").body == R"({"template":"name: b\n"})");
    CHECK(box.out == "saved the form of d\n");
}
