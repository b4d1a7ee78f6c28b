#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const json::Value group = TRY(context.api.get(group_path(context)));
    const std::string name = text_of(group, "name");
    Terminal& term = context.term;
    if (!context.quiet && !context.structured()) {
        term.line(term.plain("Deleting the group " + name));
        term.line(fmt::format("  moves   {} to the Default Group, with their projects",
                              count_of(int_of(group, "users"), "user")));
        term.line(term.plain("  keeps   the pool " + text_of(group["pool"], "name") + ", for another group"));
    }
    TRY(confirm(context, name, "delete", "deleted"));
    const json::Value answer = TRY(context.api.call({.method = "DELETE", .path = group_path(context)}));
    return show(context, answer, [&] { term.line(term.plain("deleted the group " + name)); });
}

}  // namespace

Command group_delete_command() {
    return {{.words = {"group", "delete"},
             .summary = "Delete a group; its people go to the Default Group",
             .positionals = {group_argument()},
             .options = {yes_option()},
             .examples = {"pintle group delete research"}},
            run};
}

}  // namespace pintle::cli
