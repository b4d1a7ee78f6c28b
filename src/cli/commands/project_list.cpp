#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& projects, const std::string& own_group) {
    if (projects.size() == 0) {
        context.term.line(context.args.has("text")
                              ? "no project matches"
                              : "no projects yet; create one with: pintle project create -f pintle.yaml");
        return;
    }
    const bool wide = context.wide();
    Table table({{"project", false, false, true},
                 {"group"},
                 {"owner"},
                 {"jobs", true},
                 {"live", true},
                 {"tasks", false, true},
                 {"sources", true},
                 {"changed"},
                 {"disabled"},
                 {"being deleted"},
                 {"revision", true},
                 {"id"},
                 {"summary", false, true}});
    for (const json::Value& project : projects.as_array()) {
        table.add({as_typed(name_to_type(project, own_group)), shows_everyone(context) ? text_of(project, "group") : "",
                   text_of(project, "owner"), text_of(project["jobs"], "total"), text_of(project["jobs"], "live"),
                   list_of(project["tasks"]), text_of(project, "sources"),
                   when(project["updated_at"], context.deps.now(), wide),
                   when(project["disabled_at"], context.deps.now(), wide),
                   when(project["deleting_at"], context.deps.now(), wide), wide ? text_of(project, "revision") : "",
                   wide ? text_of(project, "id") : "", text_of(project, "summary_line")});
    }
    table.print(context.term);
}

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    const auto page = TRY(context.api.list(
        "/projects", {{"show", args.get("show")}, {"text", args.get("text")}, {"order", args.get("order")}}));
    const std::string own_group = shows_everyone(context) ? TRY(own_group_for(context, page.items)) : std::string();
    if (context.quiet) {
        for (const json::Value& project : page.items.as_array())
            context.term.line(context.term.plain(name_to_type(project, own_group)));
        return 0;
    }
    return show(context, as_answer(page), [&] { print(context, page.items, own_group); });
}

}  // namespace

Command project_list_command() {
    return {{.words = {"project", "list"},
             .summary = "List the projects",
             .options = {show_option(),
                         {.name = "text", .value = "TEXT", .help = "only those whose name or summary has this text"},
                         {.name = "order",
                          .value = "ORDER",
                          .help = "by name, or the last changed first",
                          .choices = {"name", "changed"}}},
             .examples = {"pintle project list", "pintle project list --text digits -o json"}},
            run};
}

}  // namespace pintle::cli
