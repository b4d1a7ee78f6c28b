#include "api/project_edit.hpp"

#include "api/bodies.hpp"
#include "api/encode.hpp"
#include "api/filled_form.hpp"
#include "api/source_addresses.hpp"

namespace pintle::api {
namespace {

constexpr int kTriesMost = 8;

// The core keeps a form and does not read it.
Result<void> check_form(const domain::ProjectSpec& spec) {
    std::vector<Fault> faults = form_faults(spec);
    if (faults.empty()) return {};
    return fail(Error{
        ErrorCode::kInvalid, fmt::format("the form of the project {} has faults", spec.name), std::move(faults), {}});
}

void try_edit(const std::shared_ptr<Call>& call, const MakeEdit& make, const EditAnswer& answer,
              std::optional<std::int64_t> wanted, int tries) {
    auto edit = make(*call, *call->project);
    if (!edit) return call->answer(fail(edit.error()));
    if (const auto sound = check_form(edit->spec); !sound) return call->answer(fail(sound.error()));
    if (const auto allowed = check_source_addresses(*call, edit->spec, &call->project->spec); !allowed)
        return call->answer(fail(allowed.error()));
    const std::int64_t revision = call->project->revision;
    core::input::ReplaceProject replace{call->project->id, std::move(edit->spec),
                                        wanted ? wanted : std::optional(revision), std::move(edit->text)};
    Services& services = call->services;
    const std::weak_ptr<Executor> executor = services.executor;
    const auto finish = [call, make, answer, wanted, tries, revision,
                         warnings = std::move(edit->warnings)](const Result<std::string>& result) {
        auto now = read_project_again(*call, call->project->id.str());
        if (!now) return call->answer(fail(result ? now.error() : result.error()));
        if (result) return call->answer(answer(*now, warnings));
        if (result.error().code != ErrorCode::kConflict || wanted || now->revision == revision || tries >= kTriesMost) {
            return call->answer(fail(result.error()));
        }
        call->project = std::move(*now);
        try_edit(call, make, answer, wanted, tries + 1);
    };
    services.deps.runtime.post(std::move(replace), call->actor(), [call, executor, finish](Result<std::string> result) {
        const auto threads = executor.lock();
        const bool taken = threads && threads->post([finish, result] { finish(result); });
        if (!taken) call->answer(fail(ErrorCode::kUnavailable, "the server is stopping"));
    });
}

}  // namespace

void edit_project(const std::shared_ptr<Call>& call, MakeEdit make, EditAnswer answer) {
    const auto wanted = if_match(call->request);
    if (!wanted) return call->answer(fail(wanted.error()));
    try_edit(call, make, answer, *wanted, 1);
}

void make_project(const std::shared_ptr<Call>& call, Edit project, Finish finish) {
    auto key = idempotency_key(call->request);
    if (!key) return call->answer(fail(key.error()));
    if (const auto sound = check_form(project.spec); !sound) return call->answer(fail(sound.error()));
    if (const auto allowed = check_source_addresses(*call, project.spec, nullptr); !allowed)
        return call->answer(fail(allowed.error()));
    const std::string known_as =
        key->key.empty() ? std::string() : "projects/" + call->identity.user.str() + "/" + key->key;
    core::input::CreateProject command_body{domain::ProjectId(call->services.deps.runtime.make_id()),
                                            call->identity.user, std::move(project.spec), known_as, key->fingerprint,
                                            std::move(project.text)};
    command(call, std::move(command_body),
            [warnings = std::move(project.warnings), finish = std::move(finish)](
                Call& later, const std::string& id) -> Result<net::Response> {
                const domain::Project made = TRY(read_project_again(later, id));
                if (finish) TRY(finish(later, made));
                return project_answer(made, warnings, 201);
            });
}

net::Response project_answer(const domain::Project& project, const std::vector<Fault>& warnings, int status) {
    return json_answer(
        json::Value::object({{"project", project_value(project)}, {"warnings", warnings_value(warnings)}}), status);
}

Result<domain::Project> read_project_again(Call& call, const std::string& id) {
    auto found = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_project(domain::ProjectId(id)); }));
    if (!found) return fail(ErrorCode::kNotFound, "the project has been deleted meanwhile");
    return std::move(*found);
}

}  // namespace pintle::api
