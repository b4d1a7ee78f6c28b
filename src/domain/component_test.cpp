#include "domain/component.hpp"

#include <doctest/doctest.h>

#include "domain/project.hpp"

using namespace pintle;
using namespace pintle::domain;

namespace {

Component custom(std::string name) {
    Component component;
    component.name = std::move(name);
    component.resource.name = component.name;
    component.resource.command = "serve";
    return component;
}

Component a_jupyter() {
    Component component;
    component.name = component.resource.name = "jupyter";
    component.kind = ComponentKind::kJupyter;
    return component;
}

std::vector<Fault> faults_of(Component component) {
    ProjectSpec spec;
    spec.name = "p";
    spec.components = {std::move(component)};
    return validate(spec);
}

}  // namespace

TEST_CASE("every project has jupyter and tensorboard without writing them") {
    const std::vector<Component> all = all_components({custom("board")});
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "jupyter");
    CHECK(all[0].resource.port == 8888);
    CHECK(all[0].display_name == "Jupyter");
    CHECK(all[1].name == "tensorboard");
    CHECK(all[1].resource.port == 6006);
    CHECK(all[2].name == "board");
    CHECK(all[2].display_name == "board");
    CHECK_FALSE(all[0].enabled);
}

TEST_CASE("what is written of jupyter replaces what it would be, and nothing else") {
    Component written = a_jupyter();
    written.resource.port = 9999;
    written.resource.packages = {"numpy"};
    const Component jupyter = all_components({written})[0];
    CHECK(jupyter.resource.port == 9999);
    CHECK(jupyter.resource.packages == std::vector<std::string>{"jupyterlab", "numpy"});
    CHECK(jupyter.resource.command == built_in_component("jupyter")->resource.command);
}

TEST_CASE("who writes a command for jupyter says what it needs as well") {
    Component written = a_jupyter();
    written.resource.command = "jupyter notebook";
    CHECK(complete(written).resource.packages.empty());
}

TEST_CASE("only tensorboard is shared with the group unless its owner says otherwise") {
    CHECK_FALSE(*built_in_component("jupyter")->shared);
    CHECK(*built_in_component("tensorboard")->shared);
    CHECK_FALSE(*complete(custom("board")).shared);
    Component open = a_jupyter();
    open.shared = true;
    CHECK(*complete(open).shared);
}

TEST_CASE("a component needs a command of its own, one replica, a real port and a name that no task has") {
    CHECK(faults_of(custom("board")).empty());
    CHECK(faults_of(a_jupyter()).empty());
    Component bad = custom("board");
    bad.resource.command = "";
    REQUIRE(faults_of(bad).size() == 1);
    CHECK(faults_of(bad)[0].path == "components[0].command");
    bad = custom("board");
    bad.resource.port = 70000;
    CHECK(faults_of(bad)[0].path == "components[0].port");
    bad = custom("board");
    bad.resource.replicas = 2;
    CHECK(faults_of(bad)[0].path == "components[0].replicas");
    CHECK(faults_of(custom("Board"))[0].path == "components[0].name");

    ProjectSpec spec;
    spec.name = "p";
    Resource resource;
    resource.name = "r";
    resource.command = "true";
    Task task;
    task.name = "board";
    task.resources = {resource};
    spec.tasks = {task};
    spec.components = {custom("board"), custom("other"), custom("other")};
    const std::vector<Fault> faults = validate(spec);
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].message == "there is a task named \"board\" already");
    CHECK(faults[1].message == "there are two components named \"other\"");
}

TEST_CASE("a component that ends by itself waits twice as long each time, and at most five minutes") {
    CHECK(component_backoff(0).count() == 0);
    CHECK(component_backoff(1) == std::chrono::seconds(1));
    CHECK(component_backoff(2) == std::chrono::seconds(2));
    CHECK(component_backoff(9) == std::chrono::seconds(256));
    CHECK(component_backoff(10) == std::chrono::minutes(5));
    CHECK(component_backoff(1'000'000) == std::chrono::minutes(5));
}

TEST_CASE("programs work when they use a tenth of a processor or a little of a GPU") {
    const Component notebook = a_jupyter();
    CHECK_FALSE(works(notebook, {}));
    CHECK_FALSE(works(notebook, {5, 0}));
    CHECK(works(notebook, {10, 0}));
    CHECK(works(notebook, {0, 3}));
    CHECK(works(notebook, {std::nullopt, 60}));
    CHECK_FALSE(works(notebook, {0, 2}));
    // It reads its files again and again of its own accord.
    const Component board = *built_in_component("tensorboard");
    CHECK_FALSE(works(board, {80, 0}));
    CHECK(works(board, {80, 50}));
}

TEST_CASE("a component is idle when it was seen just now, is not busy and was not used for its time") {
    Component component = a_jupyter();
    const Time now = Time(std::chrono::hours(10));
    const auto used = [&](Duration ago) { return ComponentUse{now - ago, false, now}; };
    CHECK_FALSE(is_idle(component, used(std::chrono::hours(5)), now));
    component.idle_pause = std::chrono::hours(1);
    CHECK(is_idle(component, used(std::chrono::hours(1)), now));
    CHECK_FALSE(is_idle(component, used(std::chrono::minutes(59)), now));
    ComponentUse busy = used(std::chrono::hours(5));
    busy.busy = true;
    CHECK_FALSE(is_idle(component, busy, now));
    ComponentUse works = used(std::chrono::hours(5));
    works.last_work = now - std::chrono::minutes(59);
    CHECK_FALSE(is_idle(component, works, now));
    works.last_work = now - std::chrono::hours(1);
    CHECK(is_idle(component, works, now));
    ComponentUse long_ago = used(std::chrono::hours(5));
    long_ago.seen_at = now - std::chrono::minutes(6);
    CHECK_FALSE(is_idle(component, long_ago, now));
}
