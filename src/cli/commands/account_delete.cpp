#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const json::Value account = TRY(context.api.get(account_path(context)));
    const std::string name = text_of(account, "name");
    if (!context.quiet && !context.structured()) print_account(context, account);
    TRY(confirm(context, name, "delete", "deleted"));
    const std::string force = context.args.has("force") ? "?force=true" : "";
    const json::Value answer = TRY(context.api.call({.method = "DELETE", .path = account_path(context) + force}));
    return show(context, answer, [&] { context.term.line(context.term.plain("deleted the account " + name)); });
}

}  // namespace

Command account_delete_command() {
    return {{.words = {"account", "delete"},
             .summary = "Delete an account with its secret",
             .positionals = {account_argument()},
             .options = {{.name = "force", .help = "although projects use it"}, yes_option()},
             .examples = {"pintle account delete github"}},
            run};
}

}  // namespace pintle::cli
