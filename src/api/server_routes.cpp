#include <algorithm>

#include "api/cluster.hpp"
#include "api/encode.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

Result<net::Response> show_openapi(Call&) { return text_answer(openapi_document(), "application/json"); }

Result<net::Response> show_server(Call& call) {
    struct Counts {
        store::StateCounts jobs;
        std::int64_t projects = 0;
    };
    const Services& services = call.services;
    // Whose numbers: an operator's are the server's.
    store::Viewer viewer = TRY(call.viewer());
    if (call.identity.operates()) viewer.scope = store::Viewer::Scope::kEvery;
    const Counts counts = TRY(services.deps.readers.with([&](store::StoreReader& reader) -> Result<Counts> {
        Counts read;
        read.jobs = TRY(reader.count_jobs(viewer));
        read.projects = TRY(reader.count_projects(viewer));
        return read;
    }));
    Value by_state = Value::object();
    for (int i = 0; i < domain::kJobStateCount; ++i) {
        const auto state = static_cast<domain::JobState>(i);
        const auto found = counts.jobs.find(state);
        by_state.add(std::string(domain::to_string(state)), found == counts.jobs.end() ? 0 : found->second);
    }
    std::size_t live_jobs = 0;
    services.deps.runtime.ask([&](const core::Core& core) { live_jobs = core.live_jobs(); });
    json::Array nodes;
    for (const NodeSeen& node : see_nodes(call)) nodes.push_back(node_value(node));
    return json_answer(Value::object({{"version", services.options.version},
                                      {"api", "v1"},
                                      {"started_at", time_value(services.started_at)},
                                      {"address", services.options.address},
                                      {"data_folder",
                                       call.identity.operates() ? Value(services.deps.data.path()) : Value()},
                                      {"live_jobs", live_jobs},
                                      {"jobs_by_state", by_state},
                                      {"projects", counts.projects},
                                      {"nodes", Value(std::move(nodes))}}));
}

std::string_view level_name(engine::Finding::Level level) {
    switch (level) {
        case engine::Finding::Level::kGood: return "good";
        case engine::Finding::Level::kLimited: return "limited";
        case engine::Finding::Level::kMissing: break;
    }
    return "missing";
}

Value finding_value(const engine::Finding& finding) {
    return Value::object(
        {{"subject", finding.subject}, {"level", level_name(finding.level)}, {"message", finding.message}});
}

// Whether the secrets of accounts can be opened.
Result<engine::Finding> examine_accounts(Call& call) {
    using Level = engine::Finding::Level;
    const vault::Vault& vault = call.services.deps.vault;
    const auto accounts = TRY(call.services.deps.readers.with(
        [](store::StoreReader& reader) { return reader.list_accounts(store::kEverything); }));
    if (vault.fault()) return engine::Finding{"accounts", Level::kMissing, *vault.fault()};
    const auto foreign = std::count_if(accounts.begin(), accounts.end(),
                                       [&](const auto& account) { return vault.fault_of(account).has_value(); });
    if (foreign > 0) {
        return engine::Finding{
            "accounts", Level::kLimited,
            fmt::format(
                "the secrets of {} were sealed with another key than the one in the data folder ({}); put that key "
                "back, or give them their secrets again",
                count_of(foreign, "account"), vault.mark())};
    }
    return engine::Finding{"accounts", Level::kGood, "their secrets are sealed with a key outside the database"};
}

/// Whether browsers get to the components of projects, and what keeps those apart.
engine::Finding examine_door(const Call& call) {
    using Level = engine::Finding::Level;
    const auto& door = call.services.options.door;
    if (!door) return {"components in browsers", Level::kMissing, "browsers are not led to components"};
    return {"components in browsers", door->is_good() ? Level::kGood : Level::kLimited, door->in_words()};
}

Result<net::Response> show_doctor(Call& call) {
    json::Array findings;
    for (const engine::Finding& finding : call.services.deps.engine.doctor())
        findings.push_back(finding_value(finding));
    findings.push_back(finding_value(examine_door(call)));
    const engine::Finding accounts = TRY(examine_accounts(call));
    findings.push_back(finding_value(accounts));
    return json_answer(Value::object({{"findings", Value(std::move(findings))}}));
}

}  // namespace

std::vector<Route> server_routes() {
    return {
        {.method = "GET",
         .path = "/openapi.json",
         .operation = "showOpenapi",
         .permission = Permission::kSignedIn,
         .handler = show_openapi,
         .summary = "this document",
         .answer = {200, "Anything"}},
        {.method = "GET",
         .path = "/server",
         .operation = "showServer",
         .permission = Permission::kSeeServer,
         .handler = show_server,
         .summary = "the server and what it is doing",
         .answer = {200, "Server"}},
        {.method = "GET",
         .path = "/doctor",
         .operation = "showDoctor",
         .permission = Permission::kSeeServer,
         .handler = show_doctor,
         .summary = "what this machine can and cannot do",
         .answer = {200, "Findings"}},
    };
}

}  // namespace pintle::api
