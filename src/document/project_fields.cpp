#include "document/project_fields.hpp"

#include "document/schema_shape.hpp"
#include "domain/sub_path.hpp"

namespace pintle::document {
namespace {

using Draft = ProjectDraft;

void read_engine(const Cursor& at, Draft& out) {
    for (const auto kind : {domain::EngineKind::kProcess, domain::EngineKind::kContainer}) {
        if (at.value() == json::Value(to_string(kind))) out.spec.engine = kind;
    }
    if (!out.spec.engine) at.fault_of_type("process or container");
}

void read_default_mount_path(const Cursor& at, Draft& out) { at.read(out.spec.default_mount_path); }

void refuse_kind(const Cursor& at, Draft&) {
    at.fault(fmt::format("a project file has no kind, or the kind MLApp; {}", got(at.value())));
}

void left_out(const Cursor& at, Draft&) {
    if (at.value().size() > 0) at.warn("is left out: Pintle does not run it yet");
}

const std::vector<Field<Draft>>& metadata_fields() {
    static const std::vector<Field<Draft>> kFields{
        {"name", {}, json::Value::object(), [](const Cursor& at, Draft& out) { at.read(out.spec.name); }, true},
        {"labels", {}, {}, pass_over<Draft>},
    };
    return kFields;
}

const std::vector<Field<Draft>>& mlapp_spec_fields() {
    static const std::vector<Field<Draft>> kFields{
        {"default_mount_path", {}, json::Value::object(), read_default_mount_path},
        {"tasks", {}, json::Value::object(), read_tasks},
        {"volumes",
         {},
         json::Value::object(),
         [](const Cursor& at, Draft& out) { read_sources(at.standing_for("sources"), out); }},
        {"uix",
         {},
         json::Value::object(),
         [](const Cursor& at, Draft& out) { read_uix(at.standing_for("components"), out); }},
        {"serving", {}, json::Value::object(), left_out},
        {"package_manager", {}, json::Value::object(), pass_over<Draft>},
    };
    return kFields;
}

}  // namespace

void read_beside(const Cursor& at, std::string& out) {
    std::string path;
    at.read(path);
    const auto clean = domain::clean_sub_path(path);
    if (!clean) at.fault(clean.error().message);
    else if (path.starts_with('/')) at.fault(fmt::format("expected a path beside this file, {}", got(at.value())));
    else out = std::move(path);
}

const std::vector<Field<ProjectDraft>>& project_fields() {
    static const std::vector<Field<Draft>> kFields{
        {"name",
         {},
         shape::with_example(shape::text("The project's name: 1 to 63 lower-case letters, digits and dashes."),
                             "digits"),
         [](const Cursor& at, Draft& out) { at.read(out.spec.name); },
         true},
        {"summary",
         {},
         shape::text("What the project is about, in Markdown."),
         [](const Cursor& at, Draft& out) { at.read(out.spec.summary); }},
        {"summary_file",
         {},
         shape::with_example(shape::text("A file beside this one whose text is the summary."), "README.md"),
         [](const Cursor& at, Draft& out) {
             read_beside(at, out.summary_file);
             if (!out.spec.summary.empty()) at.fault("give summary or summary_file, not both");
         }},
        {"default_mount_path",
         {},
         shape::with_default(shape::text("Where sources with a relative mount_path are mounted."), "/workspace"),
         read_default_mount_path},
        {"engine",
         {},
         shape::word("What runs the replicas: processes on the server's machine, or containers of their images. "
                     "Without it, containers where a resource names an image.",
                     {"process", "container"}),
         read_engine},
        {"tasks", {}, shape::list_of("task", "What the project can run."), read_tasks},
        {"sources", {}, shape::list_of("source", "Code and data that tasks mount."), read_sources},
        {"components",
         {"uix"},
         shape::list_of("component",
                        "Tools that run long beside the tasks. Every project has jupyter and tensorboard without "
                        "writing them; written here, fields replace theirs."),
         read_components},
        {"form",
         {},
         shape::any_list("The fields of the project's simple form; see the user guide."),
         [](const Cursor& at, Draft& out) { at.read_kept(out.spec.form); }},
        {"form_template",
         {},
         shape::text("Makes a task of the form's values: a task in YAML, in which {{ .name }} stands for a value."),
         [](const Cursor& at, Draft& out) { at.read(out.spec.form_template); }},
        {"kind", {}, {}, refuse_kind},
    };
    return kFields;
}

const std::vector<Field<ProjectDraft>>& mlapp_fields() {
    static const std::vector<Field<Draft>> kFields{
        {"kind", {}, json::Value::object(), pass_over<Draft>},
        {"metadata",
         {},
         json::Value::object(),
         [](const Cursor& at, Draft& out) { read_fields(at.dissolved(), metadata_fields(), out); },
         true},
        {"spec",
         {},
         json::Value::object(),
         [](const Cursor& at, Draft& out) { read_fields(at.dissolved(), mlapp_spec_fields(), out); },
         true},
        {"api_version", {}, {}, pass_over<Draft>},
    };
    return kFields;
}

}  // namespace pintle::document
