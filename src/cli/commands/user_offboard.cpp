#include <algorithm>

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

// The server refuses it; that must not come after what would happen was announced.
Result<void> check_not_last_operator(Context& context, const json::Value& user) {
    if (text_of(user, "role") != "operator" || text_of(user, "status") == "offboarded") return {};
    const auto users = TRY(context.api.list("/users", {}));
    const auto& all = users.items.as_array();
    const bool has_other = std::any_of(all.begin(), all.end(), [&](const json::Value& other) {
        return text_of(other, "role") == "operator" && text_of(other, "id") != text_of(user, "id");
    });
    if (has_other) return {};
    return fail(ErrorCode::kConflict, "{} is the last operator; promote somebody else first", text_of(user, "name"));
}

Result<int> run(Context& context) {
    const json::Value user = TRY(context.api.get(user_path(context)));
    const std::string name = text_of(user, "name");
    TRY(check_not_last_operator(context, user));
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
