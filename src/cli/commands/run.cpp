#include "cli/commands/commands.hpp"
#include "cli/follow.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"

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

Result<int> run(Context& context) {
    const TaskName name = TRY(task_of(context.args));
    json::Value body = json::Value::object({{"set", TRY(settings_of(context.args))}});
    if (context.args.has("engine")) body.set("engine", context.args.get("engine"));
    const std::string path = fmt::format("/projects/{}/tasks/{}/jobs", segment(name.project), segment(name.task));
    json::Value job = TRY(context.api.send_json("POST", path, body, true));
    if (context.args.has("follow")) {
        if (context.quiet) context.term.line(context.term.plain(text_of(job, "name")));
        return follow_job(context, std::move(job));
    }
    return show(context, job, text_of(job, "name"), [&] {
        const std::string text = context.term.plain(text_of(job, "name"));
        context.term.line(fmt::format(
            "{}  {}", text,
            context.term.styled(style_of_state(text_of(job, "state")), context.term.plain(text_of(job, "state")))));
        context.term.line(fmt::format("watch it: pintle job follow {}", text));
    });
}

}  // namespace

Command run_command() {
    return {{.words = {"run"},
             .summary = "Run a task as a new job",
             .details = "Without PROJECT/ the project is that of --project, or the `name` in ./pintle.yaml.\n"
                        "With --follow the exit code is 0 when the job is Complete, 1 for Error, 130 for Stopped.\n"
                        "With -q only the job's name is printed.",
             .positionals = {{.name = "TASK", .help = "[PROJECT/]TASK", .offer = Offer::kTask}},
             .options =
                 {follow_option(),
                  set_option(),
                  {.name = "engine",
                   .value = "ENGINE",
                   .help = "process: as processes of the host, even if the task names an image",
                   .choices = {"process"}},
                  {.name = "project", .value = "PROJECT", .help = "the project of the task", .offer = Offer::kProject},
                  raw_option()},
             .examples = {"pintle run digits/parallel --follow",
                          "pintle run digits/standalone --set EPOCHS=5 --set worker.memory=2Gi"}},
            run};
}

}  // namespace pintle::cli
