#include "api/run_request.hpp"

#include "api/bodies.hpp"
#include "domain/job_tags.hpp"
#include "domain/task_override.hpp"

namespace pintle::api {
namespace {

std::string checked_reason(json::Reader& body, std::string_view field, std::string reason) {
    if (reason.size() > static_cast<std::size_t>(kHoldReasonMost))
        body.error_at(field, fmt::format("a reason has at most {} characters, this one has {}", kHoldReasonMost,
                                         reason.size()));
    return reason;
}

// true: it is held, for no reason that anybody gave.
std::optional<std::string> read_hold(json::Reader& body) {
    const json::Value* hold = body.raw("hold");
    if (hold == nullptr || hold->is_null()) return std::nullopt;
    if (hold->is_bool()) return hold->as_bool() ? std::optional<std::string>("") : std::nullopt;
    if (hold->is_string()) return checked_reason(body, "hold", hold->as_string());
    body.error_at("hold", fmt::format("expected a reason as text, true or false, got {}", hold->type_name()));
    return std::nullopt;
}

std::optional<int> read_number(json::Reader& body, const char* field, int min, int max) {
    const auto number = body.integer(field, min, max);
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> read_tags(json::Reader& body) {
    if (const json::Value* given = body.raw("tags"); given == nullptr || given->is_null()) return std::nullopt;
    std::vector<std::string> tags;
    for (json::Reader& each : body.list("tags")) {
        const auto tag = each.as_scalar_text();
        if (!tag) continue;
        if (const std::string fault = domain::job_tag_fault(*tag); !fault.empty()) each.error(fault);
        tags.push_back(*tag);
    }
    if (tags.size() > domain::kTagsOfJobMost)
        body.error_at("tags",
                      fmt::format("a job has at most {} tags, these are {}", domain::kTagsOfJobMost, tags.size()));
    return domain::without_repeats(tags);
}

std::string read_hold_reason(json::Reader& body, std::string_view field) {
    return checked_reason(body, field, body.text(field, std::string()));
}

RunRequest read_run_fields(json::Reader& body, const domain::Task* task) {
    RunRequest run;
    std::optional<domain::Task> trial;
    if (task != nullptr) trial = *task;
    for (auto& [key, reader] : body.members("set")) {
        const auto value = reader.as_scalar_text();
        if (!value) continue;
        if (const auto set = trial ? domain::override_task(*trial, key, *value) : Result<void>(); !set)
            reader.error(set.error().message);
        run.set.emplace_back(key, *value);
    }
    const auto engine = body.choice("engine", {"process", "container"});
    if (engine) run.engine = *engine == "process" ? domain::EngineKind::kProcess : domain::EngineKind::kContainer;
    run.gpus = read_number(body, "gpus", 0, kGpusOfRequestMost);
    run.workers = read_number(body, "workers", 1, domain::kReplicasMax);
    run.wish.priority = read_number(body, "priority", -domain::kPriorityMost, domain::kPriorityMost).value_or(0);
    run.wish.immediate = body.boolean("immediate", false);
    run.hold = read_hold(body);
    run.tags = read_tags(body);
    return run;
}

Result<RunRequest> read_run_request(const net::Request& request, const domain::Task* task) {
    RunRequest run;
    TRY(read_body(request, [&](json::Reader& body) { run = read_run_fields(body, task); }));
    return run;
}

}  // namespace pintle::api
