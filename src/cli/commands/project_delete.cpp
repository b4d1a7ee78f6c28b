#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const json::Value deletion = TRY(context.api.get(project_path(context) + "/deletion"));
    const std::string name = context.args.get("PROJECT");
    if (const std::int64_t live = int_of(deletion, "live_jobs"); live > 0) return fail(live_jobs_error(name, live));
    if (!context.quiet && !context.structured()) print_removal(context, "Deleting", deletion);
    TRY(confirm(context, name, "delete", "deleted"));
    const json::Value answer = TRY(context.api.call({.method = "DELETE", .path = project_path(context)}));
    return show(context, answer, [&] { context.term.line(context.term.plain("deleted " + name)); });
}

}  // namespace

Command project_delete_command() {
    return {{.words = {"project", "delete"},
             .summary = "Delete a project with its jobs, after saying what that removes",
             .positionals = {project_argument()},
             .options = {yes_option()},
             .examples = {"pintle project delete digits", "pintle project delete digits --yes"}},
            run};
}

}  // namespace pintle::cli
