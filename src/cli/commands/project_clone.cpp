#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command project_clone_command() {
    return {{.words = {"project", "clone"},
             .summary = "Make a project like another one, without its jobs and files",
             .positionals = {project_argument(), {.name = "NEW", .help = "the name of the new project"}},
             .examples = {"pintle project clone digits digits-2"}},
            [](Context& context) -> Result<int> {
                const json::Value body = json::Value::object({{"name", context.args.get("NEW")}});
                const json::Value answer =
                    TRY(context.api.send_json("POST", project_path(context) + "/clone", body, true));
                const json::Value& project = answer["project"];
                return show(context, project, text_of(project, "name"), [&] {
                    context.term.line(context.term.plain("created " + project_in_words(project)));
                    context.term.line("files on storages were not copied");
                });
            }};
}

}  // namespace pintle::cli
