#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command account_show_command() {
    return {{.words = {"account", "show"},
             .summary = "Show an account; its secret is never shown",
             .positionals = {account_argument()},
             .examples = {"pintle account show github"}},
            [](Context& context) -> Result<int> {
                const json::Value account = TRY(context.api.get(account_path(context)));
                return show(context, account, text_of(account, "name"), [&] { print_account(context, account); });
            }};
}

}  // namespace pintle::cli
