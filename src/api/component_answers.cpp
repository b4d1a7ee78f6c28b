#include "api/component_answers.hpp"

#include "api/access.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"

namespace pintle::api {

using json::Value;

std::vector<ComponentSeen> see_components(Call& call) {
    std::vector<ComponentSeen> all;
    const Time now = call.services.deps.clock.now();
    Discretion discretion(call, "");
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (core::ComponentView& view : core.components(call.project->id)) {
            ComponentSeen seen{std::move(view), std::nullopt, {}};
            if (seen.view.job != nullptr) seen.waiting = core.explain(seen.view.job->id, now);
            if (seen.waiting) discretion.look(core, *seen.waiting);
            all.push_back(std::move(seen));
        }
    });
    for (ComponentSeen& seen : all) {
        if (seen.waiting) seen.waiting = discretion.apply(std::move(*seen.waiting));
        seen.reason = seen.waiting ? seen.waiting->reason : discretion.apply(core::reason_of(seen.view, now));
    }
    return all;
}

namespace {

Value jobs_value(const core::ComponentView& view) {
    Value list = Value::array();
    if (view.job != nullptr) list.push(view.job->id.str());
    for (auto job = view.record.ended.rbegin(); job != view.record.ended.rend(); ++job) list.push(job->str());
    return list;
}

// Where a browser is let in; nothing for those who may not, or where browsers are not led to it.
Value url_value(Call& call, const core::ComponentView& view) {
    const bool open = may_open(call.identity, call.subject, view.component.shared.value_or(false));
    if (!call.services.options.door || !open || view.component.resource.port == 0) return {};
    return Value(fmt::format("/api/v1/projects/{}/components/{}/open", call.project->id.str(), view.component.name));
}

}  // namespace

Value component_value(Call& call, const ComponentSeen& seen) {
    const auto& [component, record, job, use, project_disabled, is_outdated] = seen.view;
    const domain::Resource& resource = component.resource;
    return Value::object(
        {{"name", component.name},
         {"display_name", component.display_name},
         {"kind", to_string(component.kind)},
         {"state", core::to_string(core::state_of(seen.view))},
         {"reason", text_or_null(seen.reason)},
         {"wanted", to_string(record.wanted)},
         {"by", text_or_null(record.by)},
         {"since", time_value(record.since)},
         {"job", job == nullptr ? Value() : Value(job->id.str())},
         {"jobs", jobs_value(seen.view)},
         {"failures", record.failures},
         {"last_end", text_or_null(record.last_end)},
         {"next_start", job == nullptr && record.failures > 0 ? time_value(record.next_start) : Value()},
         {"running_since", job == nullptr ? Value() : time_value(job->running_at)},
         {"forecast", forecast_value(seen.waiting ? seen.waiting->forecast : std::nullopt)},
         {"outdated", is_outdated},
         {"command", resource.command},
         {"port", resource.port == 0 ? Value() : Value(resource.port)},
         {"gpus", resource.gpus},
         {"shared", component.shared.value_or(false)},
         {"idle_pause_ms", static_cast<std::int64_t>(component.idle_pause.count())},
         {"last_activity", use ? time_value(use->last_activity) : Value()},
         {"busy", use && use->busy},
         {"last_work", use ? time_value(use->last_work) : Value()},
         {"may_control", auth::may(call.identity, auth::Permission::kEditProject, call.subject)},
         {"may_open", may_open(call.identity, call.subject, component.shared.value_or(false))},
         {"url", url_value(call, seen.view)}});
}

}  // namespace pintle::api
