#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string resources_of(const json::Value& task) {
    std::vector<std::string> parts;
    if (!task["resources"].is_array()) return "";
    for (const json::Value& resource : task["resources"].as_array()) {
        const std::string replicas = text_of(resource, "replicas");
        parts.push_back((replicas.empty() || replicas == "1" ? "" : replicas + " × ") + text_of(resource, "name"));
    }
    return join(parts, " + ");
}

void print_tasks(Context& context, const json::Value& tasks) {
    if (!tasks.is_array() || tasks.size() == 0) return;
    Table table({{"task", false, false, true}, {"resources", false, true, true}, {"first command", false, true}});
    for (const json::Value& task : tasks.as_array()) {
        table.add({text_of(task, "name"), resources_of(task), text_of(task["resources"][std::size_t{0}], "command")});
    }
    context.term.line();
    table.print(context.term, 2);
}

void print_sources(Context& context, const json::Value& sources) {
    if (!sources.is_array() || sources.size() == 0) return;
    Table table({{"source", false, false, true}, {"mounted at", false, true, true}, {"from", false, true, true}});
    for (const json::Value& source : sources.as_array())
        table.add({text_of(source, "name"), text_of(source, "mount_path"),
                   kind_of_source(source) + " " + origin_of_source(source)});
    context.term.line();
    table.print(context.term, 2);
}

void print(Context& context, const json::Value& project) {
    const Time now = context.deps.now();
    Terminal& term = context.term;
    term.line(fmt::format("{}   revision {}, changed {}",
                          term.styled(Style::kBold, term.plain(text_of(project, "name"))),
                          term.plain(text_of(project, "revision")), when(project["updated_at"], now, context.wide())));
    if (!text_of(project, "disabled_at").empty())
        term.line(fmt::format("  disabled {}; nothing of it runs until: pintle project enable {}",
                              when(project["disabled_at"], now, context.wide()),
                              term.plain(as_typed(context.args.get("PROJECT")))));
    if (!text_of(project, "deleting_at").empty())
        term.line(fmt::format("  is being deleted since {}; it goes when its components have ended",
                              when(project["deleting_at"], now, context.wide())));
    if (context.wide())
        term.line(fmt::format("  id {}, created {}", term.plain(text_of(project, "id")),
                              when(project["created_at"], now, true)));
    const json::Value& document = project["document"];
    print_tasks(context, document["tasks"]);
    print_sources(context, document["sources"]);
}

}  // namespace

Command project_show_command() {
    return {{.words = {"project", "show"},
             .summary = "Show a project's tasks and sources",
             .positionals = {project_argument()},
             .examples = {"pintle project show digits", "pintle project show digits -o yaml"}},
            [](Context& context) -> Result<int> {
                const json::Value project = TRY(context.api.get(project_path(context)));
                return show(context, project, text_of(project, "name"), [&] { print(context, project); });
            }};
}

}  // namespace pintle::cli
