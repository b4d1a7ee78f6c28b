#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command project_transfer_command() {
    return {{.words = {"project", "transfer"},
             .summary = "Give a project to somebody else",
             .details = "To somebody of your group; operators may give it to anybody. Jobs stay with who ran them.",
             .positionals = {project_argument()},
             .options = {{.name = "to",
                          .value = "USER",
                          .help = "whose it is from now on",
                          .offer = Offer::kUser,
                          .required = true}},
             .examples = {"pintle project transfer digits --to bo"}},
            [](Context& context) -> Result<int> {
                const json::Value body = json::Value::object({{"to", context.args.get("to")}});
                const json::Value answer =
                    TRY(context.api.send_json("POST", project_path(context) + "/transfer", body));
                const json::Value& project = answer["project"];
                return show(context, project, text_of(project, "name"), [&] {
                    context.term.line(context.term.plain(
                        fmt::format("{} belongs to {} now", text_of(project, "name"), context.args.get("to"))));
                });
            }};
}

}  // namespace pintle::cli
