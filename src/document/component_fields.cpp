#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "document/project_fields.hpp"
#include "document/schema_shape.hpp"
#include "domain/quantity.hpp"
#include "json/json_text.hpp"

namespace pintle::document {
namespace {

using Draft = ResourceDraft;

struct PortDraft {
    int port = 0;
    int target = 0;
};

// The list of the form with `kind: MLApp`: programs listen on the target, and only the first one is led to.
const std::vector<Field<PortDraft>>& port_fields() {
    static const std::vector<Field<PortDraft>> kFields{
        {"port", {}, {}, [](const Cursor& at, PortDraft& out) { at.read_whole(out.port, 0); }},
        {"target_port", {}, {}, [](const Cursor& at, PortDraft& out) { at.read_whole(out.target, 0); }},
        {"name", {}, {}, pass_over<PortDraft>},
        {"protocol", {}, {}, pass_over<PortDraft>},
    };
    return kFields;
}

void read_ports(const Cursor& at, Draft& out) {
    constexpr std::size_t kPortsMax = 20;
    std::vector<PortDraft> ports;
    at.read_list(kPortsMax, [&](const Cursor& item) { read_fields(item, port_fields(), ports.emplace_back()); });
    if (ports.empty()) return;
    out.resource.port = ports.front().target != 0 ? ports.front().target : ports.front().port;
    if (ports.size() > 1) at.warn(fmt::format("only the first port, {}, is led to", out.resource.port));
}

void read_kind(const Cursor& at, Draft& out) {
    using enum domain::ComponentKind;
    for (const auto kind : {kJupyter, kTensorboard, kCustom}) {
        if (at.value() == json::Value(to_string(kind))) out.kind = kind;
    }
    if (!out.kind) at.fault_of_type("jupyter, tensorboard or custom");
}

void read_disabled(const Cursor& at, Draft& out) {
    bool disabled = false;
    at.read(disabled);
    out.component.enabled = !disabled;
}

bool is_of_several(std::string_view name) {
    constexpr std::array kNames{"name", "replicas", "restart_policy", "max_restart_count", "is_permanent", "port"};
    return std::any_of(kNames.begin(), kNames.end(), [&](const char* other) { return name == other; });
}

std::vector<Field<Draft>> make_component_fields() {
    std::vector<Field<Draft>> fields{
        {"name",
         {},
         shape::with_example(shape::text("The component's name, by which its tab and its address are found: 1 to 63 "
                                         "lower-case letters, digits and dashes."),
                             "jupyter"),
         [](const Cursor& at, Draft& out) { at.read(out.resource.name); },
         true},
        {"display_name",
         {},
         shape::with_example(shape::text("How people see it."), "Jupyter"),
         [](const Cursor& at, Draft& out) { at.read(out.component.display_name); }},
        {"kind",
         {},
         shape::word("What it is. jupyter and tensorboard bring their command, port and packages; it is what the name "
                     "says, and custom for other names.",
                     {"jupyter", "tensorboard", "custom"}),
         read_kind},
        {"enabled",
         {},
         shape::flag("Whether it runs from the beginning. Later it is enabled and disabled without editing this.",
                     false),
         [](const Cursor& at, Draft& out) { at.read(out.component.enabled); }},
        {"disabled", {}, {}, read_disabled},
        {"shared",
         {},
         shape::flag("Whether the owner's group may open it too. Who opens a notebook or a terminal acts as the owner. "
                     "Without it, only TensorBoard is shared.",
                     false),
         [](const Cursor& at, Draft& out) { at.read(out.component.shared.emplace(false)); }},
        {"idle_pause",
         {},
         shape::with_example(
             shape::text_or_number("It is paused when it was idle for so long: no kernel computes, no terminal is "
                                   "used, no GPU works. A bare number counts minutes; 0 never pauses it."),
             "1h"),
         [](const Cursor& at, Draft& out) { at.read_with(domain::parse_timeout, out.component.idle_pause); }},
        {"port",
         {},
         shape::with_example(shape::whole("The port its program listens on, also in its variable PORT. Browsers are "
                                          "led to it.",
                                          1, 65535),
                             8888),
         [](const Cursor& at, Draft& out) { at.read_whole(out.resource.port, 0); }},
        {"ports", {}, {}, read_ports},
        {"replicas", {}, {}, [](const Cursor& at, Draft& out) { at.read_whole(out.resource.replicas, 0); }},
    };
    for (const Field<Draft>& field : resource_fields()) {
        if (is_of_several(field.name)) continue;
        // Some kinds bring theirs.
        fields.emplace_back(field).required = false;
    }
    return fields;
}

domain::Component component_of(const Cursor& at, Draft draft) {
    settle(at, draft);
    domain::Component component = std::move(draft.component);
    component.name = draft.resource.name;
    component.kind = draft.kind.value_or(domain::kind_of_component(component.name));
    component.resource = std::move(draft.resource);
    // Of the original form, where no replicas mean that it does not run.
    if (component.resource.replicas == 0) {
        component.resource.replicas = 1;
        component.enabled = false;
    }
    return component;
}

void read_list(const Cursor& at, ProjectDraft& out, bool enabled) {
    at.read_list(kComponentsMax, [&](const Cursor& item) {
        Draft draft;
        draft.component.enabled = enabled;
        read_fields(item, component_fields(), draft);
        if (!draft.revisions.empty()) item.warn("revisions of its volumes are ignored; give the source a revision");
        out.spec.components.push_back(component_of(item, std::move(draft)));
    });
}

}  // namespace

const std::vector<Field<Draft>>& component_fields() {
    static const std::vector<Field<Draft>> kFields = make_component_fields();
    return kFields;
}

void read_components(const Cursor& at, ProjectDraft& out) { read_list(at, out, false); }
void read_uix(const Cursor& at, ProjectDraft& out) { read_list(at, out, true); }

std::vector<domain::Component> kept_components(std::string_view json_text) {
    std::vector<domain::Component> components;
    const auto list = json::parse_json(json_text);
    if (!list || !list->is_array()) return components;
    for (const json::Value& item : list->as_array()) {
        const json::Value one(json::Array{item});
        Reading reading;
        ProjectDraft draft;
        draft.spec.name = "kept";
        read_components(Cursor(one, reading), draft);
        if (!reading.faults().ok() || !domain::validate(draft.spec).empty()) continue;
        components.push_back(std::move(draft.spec.components.front()));
    }
    return components;
}

}  // namespace pintle::document
