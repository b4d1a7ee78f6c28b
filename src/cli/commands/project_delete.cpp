#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print_deletion(Context& context, const json::Value& deletion) {
    Terminal& term = context.term;
    term.line("Deleting " + term.plain(context.args.get("PROJECT")));
    for (const auto& [key, word] : {std::pair{"removed", "removes"}, std::pair{"kept", "keeps  "}}) {
        if (!deletion[key].is_array()) continue;
        for (const json::Value& each : deletion[key].as_array())
            term.line(fmt::format("  {} {}", word, term.plain(each.scalar_text().value_or(""))));
    }
}

Result<void> confirm_deletion(Context& context, const json::Value& deletion) {
    const std::string name = context.args.get("PROJECT");
    if (!context.quiet && !context.structured()) print_deletion(context, deletion);
    return confirm(context, name, "delete", "deleted");
}

Result<int> run(Context& context) {
    const json::Value deletion = TRY(context.api.get(project_path(context) + "/deletion"));
    if (const std::int64_t live = int_of(deletion, "live_jobs"); live > 0) {
        const std::string name = context.args.get("PROJECT");
        return fail(ErrorCode::kConflict, "{} has {} that did not end; see them with: pintle jobs --project {} --live",
                    name, count_of(live, "job"), name);
    }
    TRY(confirm_deletion(context, deletion));
    const json::Value answer = TRY(context.api.call({.method = "DELETE", .path = project_path(context)}));
    return show(context, answer,
                [&] { context.term.line(context.term.plain("deleted " + context.args.get("PROJECT"))); });
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
