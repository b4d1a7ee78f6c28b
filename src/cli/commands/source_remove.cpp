#include "cli/commands/commands.hpp"

namespace pintle::cli {

Command source_remove_command() {
    return {{.words = {"source", "remove"},
             .summary = "Take a source out of a project; its files stay on the storage",
             .positionals = {project_argument(), {.name = "SOURCE", .help = "its name", .offer = Offer::kSource}},
             .examples = {"pintle source remove digits data"}},
            [](Context& context) -> Result<int> {
                const std::string name = context.args.get("SOURCE");
                const json::Value answer = TRY(context.api.call(
                    {.method = "DELETE", .path = project_path(context) + "/sources/" + segment(name)}));
                return show(context, answer, [&] {
                    context.term.line(
                        context.term.plain(fmt::format("removed {} from {}", name, context.args.get("PROJECT"))));
                });
            }};
}

}  // namespace pintle::cli
