#include <doctest/doctest.h>

#include <algorithm>

#include "catalog/rendering.hpp"
#include "catalog/shelf.hpp"
#include "catalog/template_values.hpp"

using namespace pintle;
using namespace pintle::catalog;

namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* kChart = "Name: Learn\nVersion: 1.0.0\nDescription: Learns\nKeywords: [a, b]\n";
constexpr const char* kValues = R"(storage:
  value: default
  wizard: {name: Storage, kind: cluster_storage}
src:
  value: https://host.example/org/repo/tree/v1/sub
  wizard: {name: Source Code, kind: git}
version:
  value: "2.2"
  wizard: {name: Version, kind: select, options: ["2.1", "2.2"]}
board:
  value: true
  wizard: {kind: boolean}
title:
  value: Learning
  wizard: {kind: text}
dataset:
  value: ''
  wizard: {name: Data, kind: dataset}
packages: [numpy]
)";
constexpr const char* kConfig = R"(kind: MLApp
metadata: {name: whatever}
spec:
  tasks:
  - name: standalone
    resources:
    - name: worker
      command: python train.py --title {{ quote .title.value }} {{ range .packages }}--with {{ . }} {{ end }}
  volumes:
  - {name: training, clusterStorage: {{ .storage.value }}}
  - name: src
    gitRepo: {repository: {{ gitRepo .src.value }}, revision: {{ default (gitRevision .src.value) .src.revision }}}
    subPath: {{ gitSubPath .src.value }}
{{- if .board.value }}
  uix:
  - {name: tensorboard}
{{- end }}
)";

Files sound(std::string folder = "learn/") {
    return {{folder + "Chart.yaml", kChart}, {folder + "values.yaml", kValues}, {folder + "README.md", "# Learn\n"},
            {folder + "ml-templates/config.yaml", kConfig}};
}

ProjectTemplate read(Files files, const std::string& folder = "learn") {
    MemoryTree tree(std::move(files));
    return read_template(tree, folder, folder);
}

std::string told(const std::vector<TemplateFault>& faults) {
    std::string all;
    for (const TemplateFault& fault : faults) all += to_string(fault) + "\n";
    return all;
}

ProjectTemplate with(const std::string& file, const std::string& content) {
    Files files = sound();
    files["learn/" + file] = content;
    return read(std::move(files));
}

const std::vector<std::string> kStorages{"default", "fast"};

std::string faults_of_values(const GivenValues& given) {
    const ProjectTemplate of = read(sound());
    const auto made = complete_values(of.defaults, given, kStorages);
    return made ? "" : describe(made.error());
}

GivenValues values_of(std::initializer_list<json::Member> members) { return {json::Value::object(members), {}}; }

}  // namespace

TEST_CASE("a template's folder becomes a template with its chart, wizard and README") {
    const ProjectTemplate made = read(sound());
    CHECK(told(made.faults) == "");
    CHECK(made.chart.name == "Learn");
    CHECK(made.chart.keywords == std::vector<std::string>{"a", "b"});
    CHECK(made.readme == "# Learn\n");
    REQUIRE(made.defaults.wizard.size() == 6);
    CHECK(made.defaults.wizard[1].kind == WizardKind::kGit);
    CHECK(made.defaults.wizard[1].name == "Source Code");
    CHECK(made.defaults.wizard[3].name == "board");
    CHECK(made.defaults.values["src"]["revision"].as_string() == "");
    CHECK(made.defaults.values["packages"].size() == 1);
}

TEST_CASE("a template makes a project of its values") {
    const ProjectTemplate of = read(sound());
    GivenValues given = values_of({{"title", "it's \"it\""}, {"board", false}});
    given.texts = {{"src.revision", "v2"}, {"packages", "[scipy, numpy]"}, {"version", "2.1"}};
    const auto values = complete_values(of.defaults, given, kStorages);
    REQUIRE(values);
    const Rendering made = render(of, *values, "mine");
    CHECK(told(made.faults) == "");
    REQUIRE(made.spec);
    CHECK(made.spec->name == "mine");
    CHECK(made.spec->summary == "# Learn\n");
    CHECK(made.spec->tasks.front().resources.front().command ==
          "python train.py --title \"it's \\\"it\\\"\" --with scipy --with numpy");
    const domain::Source* src = made.spec->find_source("src");
    REQUIRE(src != nullptr);
    CHECK(std::get<domain::GitSource>(src->origin).repository == "https://host.example/org/repo");
    CHECK(std::get<domain::GitSource>(src->origin).revision == "v2");
    CHECK(src->sub_path == "repo/sub");
    CHECK(made.spec->components.empty());
}

TEST_CASE("an address of a folder brings its revision where none is given") {
    const ProjectTemplate of = read(sound());
    const auto values = complete_values(of.defaults, {}, kStorages);
    REQUIRE(values);
    const Rendering made = render(of, *values, "mine");
    REQUIRE(made.spec);
    CHECK(std::get<domain::GitSource>(made.spec->find_source("src")->origin).revision == "v1");
}

TEST_CASE("the storage of the server is taken where the template's is none") {
    const ProjectTemplate of = read(sound());
    const auto values = complete_values(of.defaults, {}, {"fast"});
    REQUIRE(values);
    CHECK((*values)["storage"]["value"].as_string() == "fast");
}

TEST_CASE("a value that does not fit is told with its path") {
    CHECK(faults_of_values(values_of({{"version", "3.0"}})).find("version: \"3.0\" is none of its options: 2.1, 2.2") !=
          std::string::npos);
    CHECK(faults_of_values(values_of({{"version", 2.2}})).find("is none of its options") != std::string::npos);
    CHECK(faults_of_values(values_of({{"board", "yes"}})).find("board: expected true or false, got") !=
          std::string::npos);
    CHECK(faults_of_values(values_of({{"storage", "slow"}}))
              .find("there is no storage \"slow\"; there are default, fast") != std::string::npos);
    CHECK(faults_of_values(values_of({{"storage", ""}})).find("storage: it must be given") != std::string::npos);
    CHECK(faults_of_values(values_of({{"sorage", "fast"}})).find("did you mean storage?") != std::string::npos);
    CHECK(faults_of_values(values_of({{"title", "one\ntwo"}})).find("it must stand on one line") != std::string::npos);
    CHECK(faults_of_values(values_of({{"title", std::string(70'000, 'x')}})).find("at most 65536 bytes") !=
          std::string::npos);
    CHECK(faults_of_values(values_of({{"title", json::Value::array()}})).find("expected a text") != std::string::npos);
    CHECK(faults_of_values(values_of({{"src", "--upload-pack=evil"}})) != "");
    CHECK(faults_of_values(values_of({{"src", json::Value::object({{"revision", 1}})}}))
              .find("src.revision: expected a text") != std::string::npos);
    CHECK(faults_of_values(values_of({{"src", json::Value::object({{"brunch", "x"}})}}))
              .find("src has no brunch; it has value, revision, accountId") != std::string::npos);
    GivenValues texts;
    texts.texts = {{"packages", "[a, b"}, {"src.x.y", "1"}, {"nothing", "1"}};
    CHECK(faults_of_values(texts).find("has 3 faults") != std::string::npos);
    CHECK(faults_of_values({json::Value("text"), {}}).find("values: expected a mapping") != std::string::npos);
}

TEST_CASE("an edited values.yaml with its wizards is values too") {
    GivenValues given = values_of(
        {{"version", json::Value::object({{"value", "2.1"}, {"wizard", json::Value::object({{"kind", "text"}})}})}});
    CHECK(faults_of_values(given) == "");
}

TEST_CASE("what is broken in a template has its file, line and column") {
    CHECK(told(with("Chart.yaml", "Name: x\nVersion: [").faults).starts_with("Chart.yaml:2:"));
    CHECK(told(with("Chart.yaml", "Version: 1\n").faults).find("Chart.yaml") == 0);
    CHECK(told(with("Chart.yaml", "Name: a\nVersion: 1\nEngine: jinja\n").faults).starts_with("Chart.yaml:3:"));
    CHECK(told(with("Chart.yaml", "Name: a\nVersion: 1\nType: app\n").faults).find("expected mlapp-v2") !=
          std::string::npos);
    CHECK(told(with("Chart.yaml", "- 1\n").faults) != "");
    CHECK(told(with("values.yaml", "a:\n  value: 1\n  wizard: {kind: colour}\n").faults).starts_with("values.yaml:3:"));
    CHECK(told(with("values.yaml", "a:\n  value: x\n  wizard: {kind: select, options: [y]}\n").faults)
              .find("a.value: \"x\" is none of its options: y") != std::string::npos);
    CHECK(told(with("values.yaml", "a: {wizard: {kind: select}}").faults).find("a select needs options") !=
          std::string::npos);
    CHECK(told(with("values.yaml", "[1, 2]").faults).find("expected a mapping of values") != std::string::npos);
    CHECK(told(with("values.yaml", "a: {wizard: 3}").faults) != "");
    CHECK(told(with("ml-templates/config.yaml", "name: x\ntasks: {{ .a.b }}\n").faults)
              .starts_with("ml-templates/config.yaml:2:"));
    CHECK(told(with("ml-templates/config.yaml", "name: x\n{{ if }}\n").faults)
              .starts_with("ml-templates/config.yaml:2:"));
    CHECK(told(with("ml-templates/config.yaml", "name: x\ntasks:\n- name: T!\n").faults).starts_with("project:3:"));
    CHECK(told(with("ml-templates/config.yaml", "name: [").faults).starts_with("project:"));
    CHECK(told(with("ml-templates/config.yaml", "just text").faults).starts_with("project:"));
    CHECK(told(with("task-form.yaml", "- name: x\n  type: colour\n").faults).starts_with("task-form.yaml:2:"));
    CHECK(told(with("task-template.yaml", "name: {{ nope }}").faults).starts_with("task-template.yaml:1:"));
    CHECK(told(with("values.yaml", std::string("a: \0", 4)).faults).find("zero bytes") != std::string::npos);
}

TEST_CASE("a template without its files says which are missing") {
    const std::string faults = told(read({{"learn/values.yaml", ""}}).faults);
    CHECK(faults.find("Chart.yaml: the file is missing") != std::string::npos);
    CHECK(faults.find("ml-templates/config.yaml: the file is missing") != std::string::npos);
}

TEST_CASE("a template that loops, calls itself or makes very much ends soon and says so") {
    CHECK(
        told(with("ml-templates/config.yaml", "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}")
                 .faults)
            .find("call each other more than 50 deep") != std::string::npos);
    CHECK(told(with("ml-templates/config.yaml",
                    "{{ range untilStep 0 100000 1 }}{{ range untilStep 0 100000 1 }}x{{ end }}{{ end }}")
                   .faults) != "");
    CHECK(told(with("ml-templates/config.yaml", "{{ repeat 100000000 \"x\" }}").faults) != "");
}

TEST_CASE("a text that would break out of its place in the document is told where") {
    const ProjectTemplate of = with("ml-templates/config.yaml", "name: x\nsummary: {{ .title.value }}\n");
    CHECK(told(of.faults) == "");
    const auto values = complete_values(of.defaults, values_of({{"title", "a: b: c"}}), kStorages);
    REQUIRE(values);
    CHECK(told(render(of, *values, "mine").faults).starts_with("project:2:"));
}

TEST_CASE("huge documents are refused and not read") {
    const ProjectTemplate made = with("README.md", std::string(kDocumentMost + 1, 'x'));
    CHECK(told(made.faults).find("README.md: it has") != std::string::npos);
    CHECK(made.readme.empty());
}

TEST_CASE("files go into sources that are cluster storages") {
    Files files = sound();
    files["learn/files/training/a/b.py"] = "print(1)\n";
    ProjectTemplate made = read(files);
    CHECK(told(made.faults) == "");
    REQUIRE(made.files.size() == 1);
    CHECK(made.files[0].source == "training");
    CHECK(made.files[0].path == "a/b.py");
    files["learn/files/nowhere/x"] = "";
    CHECK(told(read(files).faults).find("files/nowhere: the project has no source of that name") != std::string::npos);
    files["learn/files/stray"] = "";
    CHECK(told(read(files).faults).find("files/stray: expected a folder") != std::string::npos);
}

TEST_CASE("more files than may be are not gathered") {
    Files files = sound();
    for (std::size_t i = 0; i <= kTemplateFilesMost; ++i) files["learn/files/training/" + std::to_string(i)] = "";
    const ProjectTemplate made = read(files);
    CHECK(made.files.size() == kTemplateFilesMost);
    CHECK(told(made.faults).find("at most 2000 files") != std::string::npos);
}

TEST_CASE("a form beside the configuration is the project's") {
    Files files = sound();
    files["learn/ml-templates/task-form.yaml"] = "- {name: epochs, type: int, value: 3}\n";
    files["learn/task-template.yaml"] = "name: filled\n";
    const ProjectTemplate of = read(files);
    CHECK(told(of.faults) == "");
    const auto values = complete_values(of.defaults, {}, kStorages);
    const Rendering made = render(of, *values, "mine");
    REQUIRE(made.spec);
    CHECK(made.spec->form.find("epochs") != std::string::npos);
    CHECK(made.spec->form_template == "name: filled\n");
}

TEST_CASE("a template whose answers are missing is sound as far as its language goes") {
    const std::string values = "token:\n  value: ''\n  wizard: {kind: text, required: true}\n";
    const ProjectTemplate made = with("values.yaml", values);
    CHECK(told(made.faults) == "");
    const auto completed = complete_values(made.defaults, {}, kStorages);
    REQUIRE_FALSE(completed);
    CHECK(describe(completed.error()).find("token: it must be given") != std::string::npos);
}

TEST_CASE("a catalog has every folder with a chart, and the top where it has one") {
    Files files = sound("apps/Styles Transfer/");
    files.merge(sound("b/"));
    files["c/nothing.txt"] = "";
    files["broken/Chart.yaml"] = "Name: x";
    MemoryTree tree(files);
    const auto all = read_shelf(tree, "mine");
    REQUIRE(all);
    REQUIRE(all->size() == 3);
    CHECK((*all)[0].name == "b");
    CHECK((*all)[1].name == "broken");
    CHECK_FALSE((*all)[1].sound());
    CHECK((*all)[2].name == "styles-transfer");
    CHECK((*all)[2].folder == "apps/Styles Transfer");
    MemoryTree top(sound(""));
    const auto one = read_shelf(top, "My Repo");
    REQUIRE(one);
    REQUIRE(one->size() == 1);
    CHECK((*one)[0].name == "my-repo");
    CHECK(told((*one)[0].faults) == "");
}

TEST_CASE("two folders that give one name are both shown, and the second says why it makes no projects") {
    Files files = sound("x/learn/");
    files.merge(sound("y/learn/"));
    MemoryTree tree(files);
    const auto all = read_shelf(tree, "mine");
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK((*all)[0].sound());
    CHECK((*all)[1].name == "learn-2");
    CHECK_FALSE((*all)[1].sound());
}

TEST_CASE("a catalog without an end is refused") {
    Files files;
    for (int i = 0; i < 6000; ++i) files["d" + std::to_string(i) + "/x"] = "";
    MemoryTree many(files);
    CHECK_FALSE(read_shelf(many, "mine"));
    Files charts;
    for (int i = 0; i < 201; ++i) charts["t" + std::to_string(i) + "/Chart.yaml"] = "x";
    MemoryTree templates(charts);
    CHECK_FALSE(read_shelf(templates, "mine"));
}

TEST_CASE("a picture of the template comes with it, and of other servers nothing is fetched") {
    Files files = sound();
    files["learn/Chart.yaml"] = std::string(kChart) + "Icon: icon.svg\n";
    files["learn/icon.svg"] = "<svg/>";
    CHECK(read(files).icon == "data:image/svg+xml;base64,PHN2Zy8+");
    files["learn/Chart.yaml"] = std::string(kChart) + "Icon: https://host.example/x.png\n";
    CHECK(read(files).icon == "https://host.example/x.png");
    files["learn/Chart.yaml"] = std::string(kChart) + "Icon: ../../etc/passwd\n";
    CHECK_FALSE(read(files).sound());
    files["learn/Chart.yaml"] = std::string(kChart) + "Icon: gone.png\n";
    CHECK_FALSE(read(files).sound());
}
