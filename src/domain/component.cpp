#include "domain/component.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/result.hpp"

namespace pintle::domain {
namespace {

// The token is known to the server and to it alone; a browser that the server leads to it needs none. It is given in
// the environment, since command lines can be read by others.
constexpr std::string_view kJupyterCommand =
    "export JUPYTER_TOKEN=\"$PINTLE_COMPONENT_TOKEN\"\n"
    "exec jupyter lab --no-browser --allow-root --ip=\"$PINTLE_ADDRESS\" --port=\"$PORT\" --ServerApp.port_retries=0 "
    "--ServerApp.base_url=\"$URL_PREFIX/\" --ServerApp.allow_remote_access=True --ServerApp.root_dir=\"$PWD\"";
constexpr std::string_view kTensorboardCommand =
    "exec tensorboard --logdir=\"${TRAINING_DIR:-$PWD}\" --path_prefix=\"$URL_PREFIX\" --host=\"$PINTLE_ADDRESS\" "
    "--port=\"$PORT\"";

Component jupyter() {
    Component component;
    component.display_name = "Jupyter";
    component.kind = ComponentKind::kJupyter;
    component.resource.command = kJupyterCommand;
    component.resource.packages = {"jupyterlab"};
    component.resource.port = 8888;
    component.shared = false;
    return component;
}

Component tensorboard() {
    Component component;
    component.display_name = "TensorBoard";
    component.kind = ComponentKind::kTensorboard;
    component.resource.command = kTensorboardCommand;
    component.resource.packages = {"tensorboard"};
    component.resource.port = 6006;
    component.shared = true;
    return component;
}

Component of_kind(ComponentKind kind) {
    switch (kind) {
        case ComponentKind::kJupyter: return jupyter();
        case ComponentKind::kTensorboard: return tensorboard();
        case ComponentKind::kCustom: break;
    }
    Component component;
    component.shared = false;
    return component;
}

}  // namespace

std::string_view to_string(ComponentKind kind) {
    switch (kind) {
        case ComponentKind::kJupyter: return "jupyter";
        case ComponentKind::kTensorboard: return "tensorboard";
        case ComponentKind::kCustom: return "custom";
    }
    unreachable();
}

std::string_view to_string(ComponentRecord::Wanted wanted) {
    switch (wanted) {
        case ComponentRecord::Wanted::kEnabled: return "enabled";
        case ComponentRecord::Wanted::kDisabled: return "disabled";
        case ComponentRecord::Wanted::kPaused: return "paused";
    }
    unreachable();
}

ComponentKind kind_of_component(std::string_view name) {
    for (const ComponentKind kind : {ComponentKind::kJupyter, ComponentKind::kTensorboard}) {
        if (to_string(kind) == name) return kind;
    }
    return ComponentKind::kCustom;
}

Component complete(const Component& written) {
    Component component = written;
    const Component kind = of_kind(written.kind);
    Resource& resource = component.resource;
    if (component.display_name.empty())
        component.display_name = kind.display_name.empty() ? written.name : kind.display_name;
    if (!component.shared) component.shared = kind.shared;
    // Who says the command says what it needs.
    if (resource.command.empty()) {
        resource.command = kind.resource.command;
        resource.packages.insert(resource.packages.begin(), kind.resource.packages.begin(),
                                 kind.resource.packages.end());
    }
    if (resource.port == 0) resource.port = kind.resource.port;
    resource.name = component.name;
    return component;
}

std::optional<Component> built_in_component(std::string_view name) {
    Component component;
    component.name = name;
    component.kind = kind_of_component(name);
    if (component.kind == ComponentKind::kCustom) return std::nullopt;
    return complete(component);
}

std::vector<Component> all_components(const std::vector<Component>& written) {
    std::vector<Component> all;
    for (const ComponentKind kind : {ComponentKind::kJupyter, ComponentKind::kTensorboard}) {
        const auto own = std::find_if(written.begin(), written.end(),
                                      [&](const Component& component) { return component.name == to_string(kind); });
        all.push_back(own == written.end() ? *built_in_component(to_string(kind)) : complete(*own));
    }
    for (const Component& component : written) {
        if (!built_in_component(component.name)) all.push_back(complete(component));
    }
    return all;
}

Duration component_backoff(int failures) {
    constexpr Duration kMost = std::chrono::minutes(5);
    constexpr int kDoublingsMost = 9;  // 512 s are more than that.
    if (failures <= 0) return Duration(0);
    return std::min<Duration>(kMost, std::chrono::seconds(1 << std::min(failures - 1, kDoublingsMost)));
}

bool works(const Component& component, const ComponentLoad& load) {
    // A notebook server with an open page needs 1 or 2 % of a processor, more on a slow machine.
    constexpr double kCpuPercent = 10, kGpuPercent = 3;
    if (load.gpu_percent.value_or(0) >= kGpuPercent) return true;
    return component.kind != ComponentKind::kTensorboard && load.cpu_percent.value_or(0) >= kCpuPercent;
}

bool is_idle(const Component& component, const ComponentUse& use, Time now) {
    constexpr Duration kBelieved = std::chrono::minutes(5);
    if (component.idle_pause.count() <= 0 || use.busy) return false;
    return now - use.seen_at <= kBelieved && now - std::max(use.last_activity, use.last_work) >= component.idle_pause;
}

std::string component_path(const ProjectId& project, std::string_view name) {
    return fmt::format("/projects/{}/components/{}", project.str(), name);
}

}  // namespace pintle::domain
