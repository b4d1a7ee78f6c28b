#include "cli/commands/commands.hpp"
#include "cli/follow.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    json::Value settings = TRY(settings_of(context.args));
    json::Value body = json::Value::object({{"set", std::move(settings)}});
    if (context.args.has("tag")) body.set("tags", json::Value::list_of(context.args.all("tag")));
    json::Value job = TRY(context.api.send_json("POST", job_path(context) + "/clone", body, true));
    if (context.args.has("follow")) return follow_job(context, std::move(job));
    return show(context, job, text_of(job, "name"), [&] {
        const std::string name = context.term.plain(text_of(job, "name"));
        context.term.line(fmt::format("{}  {}", name, context.term.plain(text_of(job, "state"))));
        context.term.line(fmt::format("watch it: pintle job follow {}", name));
    });
}

}  // namespace

Command job_clone_command() {
    return {{.words = {"job", "clone"},
             .summary = "Run again exactly what a job was made of",
             .positionals = {job_argument()},
             .options = {set_option(),
                         {.name = "tag",
                          .value = "TAG",
                          .help = "instead of the tags of the job; as often as you like",
                          .repeats = true},
                         follow_option(),
                         raw_option()},
             .examples = {"pintle job clone digits/train:3 --set LR=0.01 -f"}},
            run};
}

}  // namespace pintle::cli
