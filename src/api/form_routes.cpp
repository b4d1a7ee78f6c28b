#include <algorithm>

#include "api/bodies.hpp"
#include "api/filled_form.hpp"
#include "api/job_answers.hpp"
#include "api/project_edit.hpp"
#include "api/routes.hpp"
#include "api/source_addresses.hpp"
#include "api/trial.hpp"
#include "base/text.hpp"
#include "document/project_document.hpp"
#include "form/form_values.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"
#include "runtime/form_files.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Value faults_value(const std::vector<Fault>& faults) {
    json::Array list;
    for (const Fault& fault : faults) list.push_back(fault_value(fault));
    return Value(std::move(list));
}

Value form_value(const domain::Project& project) {
    const auto fields = json::parse_json(project.spec.form.empty() ? "[]" : project.spec.form);
    return Value::object({{"fields", fields ? *fields : Value::array()},
                          {"text", fields_text(project.spec)},
                          {"template", project.spec.form_template},
                          {"revision", project.revision},
                          {"faults", faults_value(form_faults(project.spec))}});
}

Result<net::Response> show_form(Call& call) { return json_answer(form_value(*call.project)); }

Result<net::Response> show_schema(Call& call) {
    const ProjectForm form = TRY(form_of(call.project->spec));
    return json_answer(form::form_schema(form.form, call.project->spec.name));
}

// Both parts may be given, or one alone; the other stays as it is.
Result<Edit> changed_form(const Call& call, const domain::Project& project) {
    Edit edit{project.spec, {}};
    TRY(read_body(call.request, [&](json::Reader& body) {
        if (const Value* form = body.raw("form")) {
            const bool is_blank =
                form->is_string() && form->as_string().find_first_not_of(" \t\r\n") == std::string::npos;
            auto list = form->is_string() ? json::parse_yaml(form->as_string()) : Result<Value>(*form);
            if (!list) {
                for (Fault fault : list.error().details)
                    body.faults().error({"form", fault.message, fault.line, fault.column});
            } else {
                const bool is_empty = is_blank || (list->is_array() && list->size() == 0);
                edit.spec.form = is_empty ? "" : json::to_json(*list);
                if (const auto read = is_empty ? Result<form::Form>() : read_fields(*form); !read) {
                    for (const Fault& fault : read.error().details) body.faults().error(fault);
                }
            }
        }
        if (auto text = body.text("template")) edit.spec.form_template = std::move(*text);
    }));
    const std::vector<Fault> faults = form_faults(edit.spec);
    if (!faults.empty()) return fail(Error{ErrorCode::kInvalid, "the form cannot be saved as it is", faults, {}});
    return edit;
}

void save_form(const CallPtr& call) {
    edit_project(call, changed_form, [](const domain::Project& project, const std::vector<Fault>&) {
        return Result<net::Response>(json_answer(form_value(project)));
    });
}

Result<net::Response> upload(Call& call) {
    const std::string id = call.services.deps.runtime.make_id();
    const runtime::FormFiles files(call.services.deps.data);
    TRY(files.stage(call.project->id, id, call.query("name"), call.request.body, call.services.deps.clock.now()));
    const std::string name = TRY(files.name_of(call.project->id, id, {}));
    return json_answer(Value::object({{"id", id}, {"name", name}, {"size_bytes", call.request.body.size()}}), 201);
}

// Where replicas will find the files: in their own view of the files, or, where machines cannot give them one, in ours.
std::string files_root(Call& call, const domain::JobId& job) {
    bool private_mounts = true;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        const auto& nodes = core.snapshot().nodes();
        private_mounts =
            std::all_of(nodes.begin(), nodes.end(), [](const domain::Node& node) { return node.private_mounts; });
    });
    if (private_mounts) return runtime::form_mount_path(call.project->spec.default_mount_path);
    return runtime::FormFiles(call.services.deps.data).folder(call.project->id, job);
}

/// A form that was filled in, and the job that is to be made of it.
struct Filling {
    ProjectForm form;
    Value values;
    domain::JobId from;  ///< A job whose uploads the values may name.
    RunRequest run;
    core::input::SubmitJob job;
    std::string text;
};

Result<domain::JobId> job_named(Call& call, const std::string& id) {
    if (id.empty()) return domain::JobId();
    const auto job = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_job(domain::JobId(id)); }));
    // Of this project alone: who may see it may see its jobs.
    if (!job || job->project_id != call.project->id)
        return fail(ErrorCode::kNotFound, "from_job: the project has no job {}", to_valid_utf8(id.substr(0, 50)));
    return job->id;
}

Result<Filling> read_filling(Call& call, bool with_drafts) {
    Filling filling;
    Value given;
    std::string from;
    std::vector<std::pair<std::string, std::string>> texts;
    std::optional<Value> fields;
    std::optional<std::string> text;
    TRY(read_body(call.request, [&](json::Reader& body) {
        if (const Value* values = body.raw("values")) given = *values;
        texts = body.scalar_text_map("texts");
        from = body.text("from_job", "");
        if (with_drafts) {
            if (const Value* draft = body.raw("form")) fields = *draft;
            text = body.text("template");
        }
        filling.run = read_run_fields(body, nullptr);
    }));
    if (fields) {
        auto form = read_fields(*fields);
        if (!form) return fail(form.error().context("the form is wrong"));
        filling.form = {std::move(*form), call.project->spec.form_template};
    } else {
        filling.form = TRY(form_of(call.project->spec));
    }
    if (text) filling.form.text = std::move(*text);
    filling.from = TRY(job_named(call, from));
    if (given.is_null()) given = Value::object();
    for (const auto& [name, written] : texts) {
        const form::FormField* field = filling.form.form.find(name);
        // An unknown name stays, so that it is told with everything else.
        given.set(name, field == nullptr ? Value(written) : TRY(form::value_from_text(*field, written)));
    }
    filling.values = TRY(form::complete_values(filling.form.form, given));
    return filling;
}

Result<void> make_job(Call& call, Filling& filling) {
    core::input::SubmitJob& job = filling.job;
    job = TRY(complete_submission(call, {}, filling.run));
    job.form_values = json::to_json(filling.values);
    job.form_files = uploads_in(filling.form.form, filling.values);
    const runtime::FormFiles files(call.services.deps.data);
    const std::string root = files_root(call, job.id);
    std::map<std::string, std::string> paths;
    for (const std::string& id : job.form_files)
        paths[id] = root + "/" + id + "/" + TRY(files.name_of(call.project->id, id, filling.from));
    filling.text = TRY(render_form(filling.form, filling.values, paths));
    job.draft = TRY(read_rendered(filling.text, call.project->spec));
    job.task = job.draft->name;
    return check_task_addresses(call, call.project->spec, *job.draft);
}

Value told(const Error& error) {
    return Value::object({{"message", error.message}, {"details", faults_value(error.details)}});
}

// What is wrong is an answer here: it is asked while somebody types.
Result<net::Response> render(Call& call) {
    Value answer = Value::object(
        {{"values", Value()}, {"text", Value()}, {"task", Value()}, {"error", Value()}, {"dry_run", Value()}});
    auto filling = read_filling(call, true);
    if (!filling) {
        if (filling.error().code != ErrorCode::kInvalid) return fail(filling.error());
        answer.set("error", told(filling.error()));
        return json_answer(answer);
    }
    answer.set("values", filling->values);
    const auto made = make_job(call, *filling);
    if (!filling->text.empty()) answer.set("text", filling->text);
    if (!made) {
        answer.set("error", told(made.error()));
        return json_answer(answer);
    }
    answer.set("task", document::write_task(*filling->job.draft));
    auto trial = try_submission(call, filling->job, "task");
    if (trial) answer.set("dry_run", std::move(*trial));
    else answer.set("error", told(trial.error()));
    return json_answer(answer);
}

void build(const CallPtr& call) {
    auto filling = read_filling(*call, false);
    if (!filling) return call->answer(fail(filling.error()));
    if (const auto made = make_job(*call, *filling); !made) return call->answer(fail(made.error()));
    auto key = idempotency_key(call->request);
    if (!key) return call->answer(fail(key.error()));
    core::input::SubmitJob& job = filling->job;
    job.key = std::move(key->key);
    job.fingerprint = std::move(key->fingerprint);
    // Before the job is: once it is acknowledged it has its files.
    const runtime::FormFiles files(call->services.deps.data);
    const domain::JobId id = job.id;
    if (const auto given = files.give(call->project->id, job.form_files, filling->from, id); !given)
        return call->answer(fail(given.error()));
    const bool has_files = !job.form_files.empty();
    const std::weak_ptr<Executor> executor = call->services.executor;
    call->services.deps.runtime.post(
        std::move(job), call->actor(), [call, executor, id, has_files](Result<std::string> result) {
            const auto then = [call, id, has_files, result] {
                // Refused, or made by an earlier request with the same key: nobody will look for these.
                if (has_files && (!result || *result != id.str()))
                    (void)runtime::FormFiles(call->services.deps.data).remove(call->project->id, id);
                call->answer(result ? stored_job_answer(*call, *result, 201)
                                    : Result<net::Response>(fail(result.error())));
            };
            const auto threads = executor.lock();
            if (!threads || !threads->post(then)) call->answer(fail(ErrorCode::kUnavailable, "the server is stopping"));
        });
}

}  // namespace

std::vector<Route> form_routes() {
    return {
        {.method = "GET",
         .path = "/projects/{project}/form",
         .operation = "showForm",
         .permission = Permission::kSeeProject,
         .handler = show_form,
         .summary = "a project's simple form and its execution template",
         .answer = {200, "Form"}},
        {.method = "PUT",
         .path = "/projects/{project}/form",
         .operation = "saveForm",
         .permission = Permission::kEditProject,
         .handler = save_form,
         .summary = "give a project another form, another execution template, or both",
         .body = {BodyShape::Kind::kJson, "FormEdit"},
         .answer = {200, "Form"}},
        {.method = "GET",
         .path = "/projects/{project}/form/schema",
         .operation = "showFormSchema",
         .permission = Permission::kSeeProject,
         .handler = show_schema,
         .summary = "the values of a form as a JSON Schema, for other programs",
         .answer = {200, "Anything"}},
        {.method = "POST",
         .path = "/projects/{project}/form/files",
         .operation = "uploadFormFile",
         .permission = Permission::kRunTask,
         .handler = upload,
         .summary = "send a file for a form's upload field; the id it gets is the field's value",
         .query = {{"name", "The file's name."}},
         .body = {BodyShape::Kind::kBytes, {}},
         .answer = {201, "FormFile"}},
        {.method = "POST",
         .path = "/projects/{project}/form/render",
         .operation = "renderForm",
         .permission = Permission::kRunTask,
         .handler = render,
         .summary = "the task that a form's values make, and what would become of it; also of a form that is not saved",
         .body = {BodyShape::Kind::kJson, "FormRendering", false},
         .answer = {200, "RenderedForm"}},
        {.method = "POST",
         .path = "/projects/{project}/form/jobs",
         .operation = "buildForm",
         .permission = Permission::kRunTask,
         .handler = build,
         .summary = "start the job that a form's values make",
         .body = {BodyShape::Kind::kJson, "FormBuild", false},
         .answer = {201, "Job"},
         .idempotency_key = true},
    };
}

}  // namespace pintle::api
