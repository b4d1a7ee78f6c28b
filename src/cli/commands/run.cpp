#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/follow.hpp"
#include "cli/project_file.hpp"
#include "cli/queue_words.hpp"
#include "cli/words.hpp"
#include "json/yaml_text.hpp"

namespace pintle::cli {
namespace {

struct TaskName {
    std::string project, task;
};

Result<TaskName> task_of(const Arguments& args) {
    const std::string text = args.get("TASK");
    const std::size_t slash = text.find('/');
    if (slash != std::string::npos) {
        if (args.has("project"))
            return fail(ErrorCode::kInvalid, "\"{}\" names the project already; leave --project out", text);
        return TaskName{text.substr(0, slash), text.substr(slash + 1)};
    }
    if (args.has("project")) return TaskName{args.get("project"), text};
    return TaskName{TRY(project_of_this_folder()), text};
}

/// What the API calls a RunRequest.
Result<json::Value> request_of(const Arguments& args) {
    json::Value settings = TRY(settings_of(args));
    if (args.has("sample-every")) settings.set("sample_interval", args.get("sample-every"));
    json::Value body = json::Value::object({{"set", std::move(settings)}});
    if (args.has("engine")) body.set("engine", args.get("engine"));
    for (const char* number : {"gpus", "workers", "priority"}) {
        if (const auto value = args.number(number)) body.set(number, *value);
    }
    if (args.has("tag")) body.set("tags", json::Value::list_of(args.all("tag")));
    if (args.has("now")) body.set("immediate", true);
    const std::string reason = args.get("hold");
    if (args.has("hold")) body.set("hold", reason.empty() ? json::Value(true) : json::Value(reason));
    return body;
}

// "4 GPUs, 16 CPUs and 64 GB of memory for 2 replicas"
std::string asks_in_words(const json::Value& dry) {
    std::vector<std::string> parts;
    if (int_of(dry, "gpus") > 0) parts.push_back(count_of(int_of(dry, "gpus"), "GPU"));
    parts.push_back(cpus(int_of(dry, "cpu_millis")) + (int_of(dry, "cpu_millis") == 1000 ? " CPU" : " CPUs"));
    parts.push_back(bytes_in_words(int_of(dry, "memory_bytes")) + " of memory");
    return fmt::format("{} for {}", enumeration(std::move(parts)), count_of(int_of(dry, "replicas"), "replica"));
}

bool starts_now(const json::Value& dry) { return dry["starts_now"].is_bool() && dry["starts_now"].as_bool(); }

// " on gpu-1 and gpu-2", " on gpu-1, gpu-2 and 3 more nodes"
std::string nodes_in_words(const json::Value& dry) {
    constexpr std::size_t kNamed = 3;
    const json::Value& nodes = dry["nodes"];
    std::vector<std::string> names;
    for (std::size_t i = 0; nodes.is_array() && i < std::min(nodes.size(), kNamed); ++i)
        names.push_back(nodes[i].as_string());
    if (names.empty()) return {};
    if (nodes.size() > kNamed) names.push_back(count_of(static_cast<std::int64_t>(nodes.size() - kNamed), "more node"));
    return " on " + enumeration(std::move(names));
}

std::string outcome_in_words(const Context& context, const json::Value& dry) {
    const std::int64_t gpus = int_of(dry, "gpus");
    const std::int64_t free = int_of(dry, "gpus_free_in_pool");
    const std::string pool = pool_name_in_words(text_of(dry, "pool"));
    if (starts_now(dry)) {
        if (!context.args.has("now") || gpus == 0) return "would start now" + nodes_in_words(dry);
        return fmt::format("would start now{} with as many of its {} as are free; {} {} free in {}",
                           nodes_in_words(dry), count_of(gpus, "GPU"), free == 0 ? "none" : std::to_string(free),
                           free <= 1 ? "is" : "are", pool);
    }
    const std::string forecast =
        forecast_in_words(dry["explanation"]["forecast"], context.deps.now(), context.wide());
    const std::int64_t position = int_of(dry, "position");
    const std::string place = pool + (position > 0 ? fmt::format(", position {}", position) : "");
    if (forecast.empty()) return fmt::format("would wait in {}; nobody can tell for how long", place);
    return fmt::format("would start {}; until then it would wait in {}", forecast, place);
}

void print_dry_run(Context& context, const json::Value& dry) {
    Terminal& term = context.term;
    term.line(term.plain(outcome_in_words(context, dry)));
    term.line(term.plain(fmt::format("  It asks for {}.", asks_in_words(dry))));
    if (starts_now(dry)) return;
    const json::Value& why = dry["explanation"];
    term.line("  " + term.plain(as_sentence(text_of(why, "reason"))));
    if (const std::string remedies = remedies_in_words(why); !remedies.empty())
        term.line(term.plain(fmt::format("  It would start now: {}.", remedies)));
}

/// The task as a project's file has it.
Result<json::Value> task_in_file(const Context& context, const std::string& task) {
    const ProjectFile file = TRY(read_project_file(context.args.get("file"), "", context.deps));
    const json::Value document = TRY(json::parse_yaml(file.body));
    const json::Value* tasks = document.find("tasks");
    if (const json::Value* spec = document.find("spec"); tasks == nullptr && spec != nullptr)
        tasks = spec->find("tasks");
    if (tasks != nullptr && tasks->is_array()) {
        for (const json::Value& each : tasks->as_array()) {
            if (text_of(each, "name") == task) return each;
        }
    }
    return fail(ErrorCode::kNotFound, "{} has no task \"{}\"", file.name, task);
}

Result<int> dry_run(Context& context, const TaskName& name, json::Value body) {
    if (context.args.has("file")) body.set("document", TRY(task_in_file(context, name.task)));
    const std::string path = fmt::format("/projects/{}/tasks/{}/dry-run", segment(name.project), segment(name.task));
    const json::Value dry = TRY(context.api.send_json("POST", path, body));
    return show(context, dry, starts_now(dry) ? "now" : "later", [&] { print_dry_run(context, dry); });
}

void print_made(Context& context, const json::Value& job) {
    Terminal& term = context.term;
    const std::string name = term.plain(text_of(job, "name"));
    const std::string state =
        term.styled(style_of_state(text_of(job, "state")), term.plain(text_of(job, "state")));
    if (!job["held"].is_string()) {
        term.line(fmt::format("{}  {}", name, state));
        term.line(fmt::format("watch it: pintle job follow {}", name));
        return;
    }
    const std::string reason = term.plain(text_of(job, "held"));
    term.line(fmt::format("{}  {}, held{}{}", name, state, reason.empty() ? "" : ": ", reason));
    term.line(fmt::format("let it go: pintle job release {}", name));
}

Result<int> run(Context& context) {
    const TaskName name = TRY(task_of(context.args));
    const json::Value body = TRY(request_of(context.args));
    const bool dry = context.args.has("dry-run");
    if (dry && context.args.has("follow"))
        return fail(ErrorCode::kInvalid, "--dry-run makes no job that could be followed");
    if (!dry && context.args.has("file"))
        return fail(
            ErrorCode::kInvalid,
            "only what the server has can be run; add --dry-run, or send the file first: pintle project update");
    if (dry) return dry_run(context, name, body);
    const std::string path = fmt::format("/projects/{}/tasks/{}/jobs", segment(name.project), segment(name.task));
    json::Value job = TRY(context.api.send_json("POST", path, body, true));
    if (context.args.has("follow")) {
        if (context.quiet) context.term.line(context.term.plain(text_of(job, "name")));
        return follow_job(context, std::move(job));
    }
    return show(context, job, text_of(job, "name"), [&] { print_made(context, job); });
}

}  // namespace

Command run_command() {
    return {
        {.words = {"run"},
         .summary = "Run a task as a new job",
         .details = "Without PROJECT/ the project is that of --project, or the `name` in ./pintle.yaml.\n"
                    "With --follow the exit code is 0 when the job is Complete, 1 for Error, 130 for Stopped.\n"
                    "With -q only the job's name is printed; with --dry-run \"now\" or \"later\".\n"
                    "--gpus counts the GPUs of all replicas together. --workers divides them over as many replicas, "
                    "each\nwith its GPUs on one node.",
         .positionals = {{.name = "TASK", .help = "[PROJECT/]TASK", .offer = Offer::kTask}},
         .options =
             {follow_option(),
              set_option(),
              {.name = "engine",
               .value = "ENGINE",
               .help = "process: as processes of the host, even if the task names an image",
               .choices = {"process"}},
              {.name = "gpus",
               .value = "N",
               .help = "how many GPUs in all, instead of what the task says",
               .range = std::pair{0, 100'000}},
              {.name = "workers",
               .value = "N",
               .help = "divide the GPUs over so many replicas",
               .range = std::pair{1, 250}},
              {.name = "priority",
               .value = "P",
               .help = "the higher goes first; from -1000 to 100, for operators to 1000",
               .range = std::pair{-1000, 1000}},
              {.name = "now", .help = "start at once with as many of the GPUs as are free, even none"},
              {.name = "hold",
               .value = "REASON",
               .help = "keep it from starting until it is released, for this reason",
               .stands_alone = true},
              {.name = "tag", .value = "TAG", .help = "a word to find it by; as often as you like", .repeats = true},
              {.name = "sample-every", .value = "TIME", .help = "how often what it uses is sampled, from 1s to 10s"},
              {.name = "dry-run", .help = "only tell what would become of it now"},
              {.name = "file",
               .value = "FILE",
               .help = "with --dry-run: take the task from this project file, not from the server",
               .offer = Offer::kFile},
              {.name = "project", .value = "PROJECT", .help = "the project of the task", .offer = Offer::kProject},
              raw_option()},
         .examples = {"pintle run digits/parallel --follow",
                      "pintle run digits/standalone --set EPOCHS=5 --set worker.memory=2Gi",
                      "pintle run vision/train --gpus 8 --workers 2 --dry-run"}},
        run};
}

}  // namespace pintle::cli
