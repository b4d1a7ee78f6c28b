#include "cli/commands/commands.hpp"
#include "json/yaml_text.hpp"

namespace pintle::cli {

Command source_show_command() {
    return {{.words = {"source", "show"},
             .summary = "Show a source as it stands in the project file",
             .positionals = {project_argument(), {.name = "SOURCE", .help = "its name", .offer = Offer::kSource}},
             .examples = {"pintle source show digits data"}},
            [](Context& context) -> Result<int> {
                const json::Value source =
                    TRY(context.api.get(project_path(context) + "/sources/" + segment(context.args.get("SOURCE"))));
                return show(context, source, [&] { context.term.write(json::to_yaml(source)); });
            }};
}

}  // namespace pintle::cli
