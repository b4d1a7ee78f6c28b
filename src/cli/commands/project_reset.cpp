#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const json::Value preview = TRY(context.api.get(project_path(context) + "/reset"));
    const std::string name = context.args.get("PROJECT");
    if (const std::int64_t live = int_of(preview, "live_jobs"); live > 0)
        return fail(live_jobs_error(name, live));
    if (!context.quiet && !context.structured()) print_removal(context, "Resetting", preview);
    TRY(confirm(context, name, "reset", "reset"));
    const json::Value answer = TRY(context.api.send_json("POST", project_path(context) + "/reset", {}));
    return show(context, answer, [&] { context.term.line(context.term.plain("reset " + name)); });
}

}  // namespace

Command project_reset_command() {
    return {{.words = {"project", "reset"},
             .summary = "Remove a project's jobs and count from 1 again, after saying what that removes",
             .details = "Its document, sources and data stay.",
             .positionals = {project_argument()},
             .options = {yes_option()},
             .examples = {"pintle project reset digits", "pintle project reset digits --yes"}},
            run};
}

}  // namespace pintle::cli
