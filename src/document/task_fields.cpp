#include <algorithm>

#include "base/text.hpp"
#include "document/project_fields.hpp"
#include "document/schema_shape.hpp"
#include "domain/metrics_pattern.hpp"
#include "domain/quantity.hpp"

namespace pintle::document {
namespace {

struct Pair {
    std::string name;
    std::string value;
};

const std::vector<Field<Pair>>& variable_fields() {
    static const std::vector<Field<Pair>> kFields{
        {"name", {}, {}, [](const Cursor& at, Pair& out) { at.read(out.name); }, true},
        {"value", {}, {}, [](const Cursor& at, Pair& out) { at.read_spelled(out.value); }},
    };
    return kFields;
}

const std::vector<Field<Pair>>& revision_fields() {
    static const std::vector<Field<Pair>> kFields{
        {"source", {"name", "volume_name"}, {}, [](const Cursor& at, Pair& out) { at.read(out.name); }, true},
        {"revision", {"branch"}, {}, [](const Cursor& at, Pair& out) { at.read_spelled(out.value); }},
    };
    return kFields;
}

void add_pair(const Cursor& at, Pairs& out, std::string name, std::string value) {
    const bool taken = std::any_of(out.begin(), out.end(), [&](const auto& pair) { return pair.first == name; });
    if (taken)
        return at.fault(fmt::format("\"{}\" is given twice", to_valid_utf8(std::string_view(name).substr(0, 80))));
    out.emplace_back(std::move(name), std::move(value));
}

void read_pairs(const Cursor& at, Pairs& out, const std::vector<Field<Pair>>& fields) {
    if (at.value().is_array()) {
        at.read_list(kMembersMax, [&](const Cursor& item) {
            Pair pair;
            read_fields(item, fields, pair);
            if (!pair.name.empty()) add_pair(item, out, std::move(pair.name), std::move(pair.value));
        });
        return;
    }
    if (!at.is_mapping(kMembersMax)) return;
    for (const json::Member& member : at.value().as_object()) {
        std::string value;
        const Cursor item = at.member(member, member.key);
        if (!member.value.is_null()) item.read_spelled(value);
        add_pair(item, out, member.key, std::move(value));
    }
}

void read_kind(const Cursor& at, TaskDraft& out) {
    const std::string word = at.value().is_string() ? to_lower(at.value().as_string()) : std::string();
    for (const auto kind : {domain::TaskKind::kGeneral, domain::TaskKind::kTraining, domain::TaskKind::kInit,
                            domain::TaskKind::kExport}) {
        if (to_string(kind) != word) continue;
        out.task.kind = kind;
        return;
    }
    at.fault_of_type("general, training, init or export");
}

// A volume may name the revision of its source; all of a task's replicas see the same one.
void add_volume_revisions(const Cursor& at, TaskDraft& draft) {
    for (auto& [source, revision] : draft.volume_revisions) {
        const auto same = [&, name = source](const auto& pair) { return pair.first == name; };
        const auto found = std::find_if(draft.task.revisions.begin(), draft.task.revisions.end(), same);
        if (found == draft.task.revisions.end()) draft.task.revisions.emplace_back(source, revision);
        else if (found->second != revision)
            at.complain(fmt::format("asks for two revisions of \"{}\": {} and {}", source, found->second, revision));
    }
}

template <class T>
void not_supported(const Cursor& at, T&) {
    if (at.value().size() > 0) at.warn("is ignored: Pintle has no such sources yet");
}

}  // namespace

void read_env(const Cursor& at, Pairs& out) { read_pairs(at, out, variable_fields()); }
void read_revisions(const Cursor& at, Pairs& out) { read_pairs(at, out, revision_fields()); }

const std::vector<Field<TaskDraft>>& task_fields() {
    static const std::vector<Field<TaskDraft>> kFields{
        {"name",
         {},
         shape::with_example(shape::text("The task's name: 1 to 63 lower-case letters, digits and dashes."), "train"),
         [](const Cursor& at, TaskDraft& out) { at.read(out.task.name); },
         true},
        {"kind",
         {"type"},
         shape::with_default(shape::word("What the task is for. The jobs of training tasks show the state Training "
                                         "once their program reports progress.",
                                         {"general", "training", "init", "export"}),
                             "general"),
         read_kind},
        {"timeout",
         {"timeout_minutes"},
         shape::with_example(
             shape::text_or_number("How long a job waits for free resources before it fails: a bare number counts "
                                   "minutes; 300s, 5m and 1h work too. 0 waits for ever."),
             "5m"),
         [](const Cursor& at, TaskDraft& out) { at.read_with(domain::parse_timeout, out.task.timeout); }},
        {"run_time",
         {},
         shape::with_example(
             shape::text_or_number("How long a job is expected to run, for forecasts: a bare number counts minutes; "
                                   "90s, 30m and 2h work too. Without it, learnt from earlier jobs."),
             "2h"),
         [](const Cursor& at, TaskDraft& out) { at.read_with(domain::parse_timeout, out.task.run_time); }},
        {"gpu_model",
         {},
         shape::with_example(shape::text("Only GPUs of this model. Without it, GPUs of any one model."), "A100"),
         [](const Cursor& at, TaskDraft& out) { at.read(out.task.gpu_model); }},
        {"sample_interval",
         {},
         shape::with_example(shape::text_or_number(
                                 "How often what a job of the task uses is sampled: 1s to 10s. Without it, as often as "
                                 "the server does, which is every 10 s."),
                             "1s"),
         [](const Cursor& at, TaskDraft& out) {
             at.read_with(domain::parse_sample_interval, out.task.sample_interval);
         }},
        {"metrics_pattern",
         {},
         shape::with_example(
             shape::text("Which values are taken from what a job prints: a regular expression (RE2) with two groups, "
                         "the name and the number, or with the named groups name, value and step. Without it, lines "
                         "that hold nothing but name=value count. The word off: none do."),
             R"(([\w-]+): ([-+.\deE]+))"),
         [](const Cursor& at, TaskDraft& out) { at.read(out.task.metrics_pattern); }},
        {"tensorboard_folder",
         {},
         shape::with_example(
             shape::text("Where the task's programs write TensorBoard's event files, as they see it; variables such as "
                         "$DATA_DIR are filled in. Without it, $TRAINING_DIR where that is set."),
             "$DATA_DIR/logs"),
         [](const Cursor& at, TaskDraft& out) { at.read(out.task.tensorboard_folder); }},
        {"revisions",
         {"git_revisions"},
         shape::any_of("The revision of git sources in this task, instead of the source's own.",
                       {shape::map_of(shape::text_or_number(""))}),
         [](const Cursor& at, TaskDraft& out) { read_revisions(at, out.task.revisions); }},
        {"resources",
         {},
         shape::list_of("resource", "What the task runs, at least one; all of a job's replicas start together."),
         [](const Cursor& at, TaskDraft& out) {
             at.read_list(kResourcesMax, [&](const Cursor& item) { read_resource(item, out); });
         },
         true},
        {"dataset_revisions", {}, {}, not_supported<TaskDraft>},
        {"model_revisions", {}, {}, not_supported<TaskDraft>},
    };
    return kFields;
}

void read_task(const Cursor& at, ProjectDraft& out) {
    TaskDraft draft;
    read_fields(at, task_fields(), draft);
    add_volume_revisions(at, draft);
    out.spec.tasks.push_back(std::move(draft.task));
}

void read_tasks(const Cursor& at, ProjectDraft& out) {
    at.read_list(kTasksMax, [&](const Cursor& item) { read_task(item, out); });
}

}  // namespace pintle::document
