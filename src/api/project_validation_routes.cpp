#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/encode.hpp"
#include "api/filled_form.hpp"
#include "api/routes.hpp"
#include "api/source_addresses.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

Result<net::Response> validate_project(Call& call) {
    std::optional<domain::ProjectId> existing;
    if (call.has_query("project"))
        existing = TRY(find_project_to(call, call.query("project"), Permission::kEditProject)).id;
    const auto more = [&](const domain::ProjectSpec& spec) {
        std::vector<Fault> faults;
        call.services.deps.runtime.ask([&](const core::Core& core) {
            faults = core.project_faults(spec, call.identity.user, existing);
        });
        for (Fault& fault : form_faults(spec)) faults.push_back(std::move(fault));
        if (const auto allowed = check_source_addresses(call, spec, nullptr); !allowed)
            faults.insert(faults.end(), allowed.error().details.begin(), allowed.error().details.end());
        return faults;
    };
    const document::Examination found = TRY(examine_document(call.request, more));
    return json_answer(Value::object({{"valid", found.faults.empty()},
                                      {"faults", warnings_value(found.faults)},
                                      {"warnings", warnings_value(found.warnings)},
                                      {"document", found.spec ? document::write_project(*found.spec) : Value()}}));
}

}  // namespace

std::vector<Route> project_validation_routes() {
    return {
        {.method = "POST",
         .path = "/projects/validate",
         .operation = "validateProject",
         .permission = Permission::kMakeProject,
         .handler = validate_project,
         .summary = "what there is to say of a project's document; nothing is made or changed",
         .query = {{"project", "The project that would be replaced by it; without, it would be a new one."}},
         .body = {BodyShape::Kind::kDocument, "ProjectDocument"},
         .answer = {200, "Validation"}},
    };
}

}  // namespace pintle::api
