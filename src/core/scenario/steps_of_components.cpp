#include <algorithm>

#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// Components of projects: what people and engines do with them, and what they are then.

namespace pintle::core::scenario {

using namespace domain;

namespace {

/// "digits/jupyter"
struct Named {
    ProjectId project;
    std::string component;
};

Result<Named> find(World& world, const std::string& name) {
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos)
        return fail(ErrorCode::kInvalid, "a component is named \"PROJECT/COMPONENT\", not \"{}\"", name);
    return Named{TRY(world.any_project(name.substr(0, slash))).id, name.substr(slash + 1)};
}

Result<ComponentView> view(World& world, const std::string& name) {
    const Named named = TRY(find(world, name));
    for (ComponentView& found : world.core().components(named.project)) {
        if (found.component.name == named.component) return found;
    }
    return fail(ErrorCode::kNotFound, "there is no component \"{}\"", name);
}

Result<Job> job_of(World& world, const std::string& name) {
    const ComponentView found = TRY(view(world, name));
    if (found.job == nullptr)
        return fail(ErrorCode::kConflict, "{} has no job: it is {}", name, to_string(state_of(found)));
    return *found.job;
}

Result<void> run(World& world, const std::string& name) {
    const Job job = TRY(job_of(world, name));
    if (!job.preparation) world.observe(input::PreparationDone{job.id, {}});
    world.observe(input::ReplicaSeen{job.id, job.replicas.front().name(), 1, std::nullopt});
    return {};
}

Result<void> end(World& world, const std::string& name, int code) {
    const Job job = TRY(job_of(world, name));
    world.observe(
        input::ReplicaSeen{job.id, job.replicas.front().name(), 1, ReplicaExit{code, false, "", world.now()}});
    return {};
}

template <class Command>
Result<void> give(World& world, const std::string& by, const std::string& name) {
    const Named named = TRY(find(world, name));
    world.command(Command{named.project, named.component}, by);
    return {};
}

Result<void> enable(World& world, const std::string& by, const std::string& name, std::optional<int> gpus) {
    const Named named = TRY(find(world, name));
    world.command(input::EnableComponent{named.project, named.component, gpus}, by);
    return {};
}

Result<void> change_document(World& world, const std::string& owner, const std::string& project,
                             std::vector<Component> components) {
    const Project found = TRY(world.project(project, owner));
    ProjectSpec spec = found.spec;
    spec.components = std::move(components);
    world.command(input::ReplaceProject{found.id, std::move(spec), std::nullopt}, owner);
    return {};
}

Component written(const std::string& name, int gpus) {
    Component component;
    component.name = component.resource.name = name;
    component.kind = kind_of_component(name);
    component.resource.command = "serve";
    component.resource.port = 8000;
    component.resource.gpus = gpus;
    return component;
}

Result<void> expect_state(World& world, const std::string& name, std::string_view expected) {
    const ComponentView found = TRY(view(world, name));
    return expect_text("its state", expected, fmt::format("{}", to_string(state_of(found))));
}

StepDefinitions what_happens() {
    return {
        {StepPattern("the project {name} of {name} has the component {name}"),
         [](World& w, const Arguments& a) {
             return change_document(w, a.text(1), a.text(0), {written(a.text(2), 0)});
         }},
        {StepPattern("the project {name} of {name} has the component {name} with {n} GPU|GPUs"),
         [](World& w, const Arguments& a) {
             return change_document(w, a.text(1), a.text(0), {written(a.text(2), a.number(3))});
         }},
        {StepPattern("the project {name} of {name} has the component {name}, paused after {time}"),
         [](World& w, const Arguments& a) {
             Component component = written(a.text(2), 0);
             component.idle_pause = a.time(3);
             return change_document(w, a.text(1), a.text(0), {component});
         }},
        {StepPattern("the project {name} of {name} has no component of its own"),
         [](World& w, const Arguments& a) { return change_document(w, a.text(1), a.text(0), {}); }},
        {StepPattern("{who} enables the component {name}"),
         [](World& w, const Arguments& a) { return enable(w, a.text(0), a.text(1), std::nullopt); }},
        {StepPattern("{who} enables the component {name} with {n} GPU|GPUs"),
         [](World& w, const Arguments& a) { return enable(w, a.text(0), a.text(1), a.number(2)); }},
        {StepPattern("{who} disables the component {name}"),
         [](World& w, const Arguments& a) { return give<input::DisableComponent>(w, a.text(0), a.text(1)); }},
        {StepPattern("{who} restarts the component {name}"),
         [](World& w, const Arguments& a) { return give<input::RestartComponent>(w, a.text(0), a.text(1)); }},
        {StepPattern("{who} opens the component {name}"),
         [](World& w, const Arguments& a) { return give<input::ResumeComponent>(w, a.text(0), a.text(1)); }},
        {StepPattern("{who} disables the project {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::DisableProject{TRY(w.any_project(a.text(1))).id}, a.text(0));
             return {};
         }},
        {StepPattern("{who} enables the project {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::EnableProject{TRY(w.any_project(a.text(1))).id}, a.text(0));
             return {};
         }},
        {StepPattern("the component {name} starts running"),
         [](World& w, const Arguments& a) { return run(w, a.text(0)); }},
        {StepPattern("the component {name} ends with exit code {n}"),
         [](World& w, const Arguments& a) { return end(w, a.text(0), a.number(1)); }},
        {StepPattern("the component {name} has been stopped"),
         [](World& w, const Arguments& a) { return end(w, a.text(0), 143); }},
        {StepPattern("the component {name} was used {time} ago"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.observe(input::ComponentActivity{TRY(job_of(w, a.text(0))).id, w.now() - a.time(1), false});
             return {};
         }},
        {StepPattern("the component {name} computes"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.observe(input::ComponentActivity{TRY(job_of(w, a.text(0))).id, Time{}, true});
             return {};
         }},
    };
}

StepDefinitions what_is_so() {
    return {
        {StepPattern("the component {name} is {name}"),
         [](World& w, const Arguments& a) { return expect_state(w, a.text(0), a.text(1)); }},
        {StepPattern("the component {name} is {name} because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             TRY(expect_state(w, a.text(0), a.text(1)));
             return expect_text("the reason", a.text(2), reason_of(TRY(view(w, a.text(0))), w.now()));
         }},
        {StepPattern("the component {name} has {n} GPU|GPUs"),
         [](World& w, const Arguments& a) -> Result<void> {
             const ComponentView found = TRY(view(w, a.text(0)));
             return expect_number("its GPUs", a.number(1), found.job == nullptr ? 0 : found.job->gpus_held());
         }},
    };
}

}  // namespace

StepDefinitions steps_of_components() {
    StepDefinitions steps = what_happens();
    for (StepDefinition& step : what_is_so()) steps.push_back(std::move(step));
    return steps;
}

}  // namespace pintle::core::scenario
