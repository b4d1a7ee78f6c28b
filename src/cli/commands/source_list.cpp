#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& sources) {
    if (sources.size() == 0) return context.term.line("no sources; add one with: pintle source add PROJECT NAME");
    Table table({{"source", false, false, true},
                 {"kind", false, false, true},
                 {"from", false, true, true},
                 {"sub path", false, true},
                 {"mounted at", false, true}});
    for (const json::Value& source : sources.as_array()) {
        table.add({text_of(source, "name"), kind_of_source(source), origin_of_source(source),
                   text_of(source, "sub_path"), text_of(source, "mount_path")});
    }
    table.print(context.term);
}

}  // namespace

Command source_list_command() {
    return {{.words = {"source", "list"},
             .summary = "List the sources of a project",
             .positionals = {project_argument()},
             .examples = {"pintle source list digits"}},
            [](Context& context) -> Result<int> {
                const auto page = TRY(context.api.whole_list(project_path(context) + "/sources"));
                return show(context, as_answer(page), [&] { print(context, page.items); });
            }};
}

}  // namespace pintle::cli
