#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& accounts) {
    if (accounts.size() == 0)
        return context.term.line("no accounts; pintle account create NAME --kind KIND keeps a key, token or password");
    Table table({{"account", false, false, true},
                 {"kind"},
                 {"server"},
                 {"user"},
                 {"for", false, true},
                 {"changed"},
                 {"", false, true},
                 {"id"}});
    for (const json::Value& account : accounts.as_array()) {
        const bool shared = account["group"].is_object();
        table.add({text_of(account, "name"), text_of(account, "kind"), text_of(account, "server"),
                   text_of(account, "user"),
                   shared ? "the group " + text_of(account["group"], "name") : text_of(account["owner"], "name"),
                   when(account["updated_at"], context.deps.now(), context.wide()),
                   account["fault"].is_string() ? Table::Cell("cannot be opened", Style::kBad) : Table::Cell(""),
                   context.wide() ? text_of(account, "id") : ""});
    }
    table.print(context.term);
}

}  // namespace

Command account_list_command() {
    return {{.words = {"account", "list"},
             .summary = "List the accounts for git, S3 and registries that you may use",
             .options = {show_option()},
             .examples = {"pintle account list"}},
            [](Context& context) -> Result<int> {
                const std::string show_whose = context.args.get("show");
                const auto page =
                    TRY(context.api.whole_list(show_whose.empty() ? "/accounts" : "/accounts?show=" + show_whose));
                if (context.quiet) {
                    for (const json::Value& account : page.items.as_array())
                        context.term.line(context.term.plain(text_of(account, "name")));
                    return 0;
                }
                return show(context, as_answer(page), [&] { print(context, page.items); });
            }};
}

}  // namespace pintle::cli
