#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command project_rename_command() {
    return {{.words = {"project", "rename"},
             .summary = "Give a project another name",
             .positionals = {project_argument(), {.name = "NEW", .help = "its new name"}},
             .examples = {"pintle project rename digits numbers"}},
            [](Context& context) -> Result<int> {
                const json::Value body = json::Value::object({{"name", context.args.get("NEW")}});
                const json::Value answer = TRY(context.api.send_json("PATCH", project_path(context), body));
                const json::Value& project = answer["project"];
                return show(context, project, text_of(project, "name"), [&] {
                    context.term.line(context.term.plain(
                        fmt::format("{} is now {}", context.args.get("PROJECT"), text_of(project, "name"))));
                });
            }};
}

}  // namespace pintle::cli
