#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print_consequences(Context& context, const json::Value& user) {
    Terminal& term = context.term;
    term.line(term.plain("Off-boarding " + text_of(user, "name")));
    const auto live = int_of(user["jobs"], "live");
    if (live > 0 && context.args.has("force")) term.line("  stops   " + count_of(live, "job") + " of theirs");
    term.line("  ends    their password, sessions, tokens and invitations");
    term.line("  keeps   their projects and jobs, for their group to see");
}

Result<int> run(Context& context) {
    const json::Value user = TRY(context.api.get(user_path(context)));
    const std::string name = text_of(user, "name");
    const auto live = int_of(user["jobs"], "live");
    if (live > 0 && !context.args.has("force"))
        return fail(ErrorCode::kConflict,
                    "{} has {} that did not end; wait for their end, or add --force, which stops them", name,
                    count_of(live, "job"));
    if (!context.quiet && !context.structured()) print_consequences(context, user);
    TRY(confirm(context, name, "off-board", "changed"));
    const json::Value body = json::Value::object({{"force", context.args.has("force")}});
    const json::Value answer = TRY(context.api.send_json("POST", user_path(context) + "/offboard", body));
    return show(context, answer, [&] { context.term.line(context.term.plain("off-boarded " + name)); });
}

}  // namespace

Command user_offboard_command() {
    return {{.words = {"user", "offboard"},
             .summary = "Let somebody in no more; refused while jobs of theirs live",
             .positionals = {user_argument()},
             .options = {{.name = "force", .help = "stop their jobs"}, yes_option()},
             .examples = {"pintle user offboard ana", "pintle user offboard ana --force --yes"}},
            run};
}

}  // namespace pintle::cli
