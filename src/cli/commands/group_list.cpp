#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& groups) {
    Table table({{"group", false, false, true},
                 {"users", true},
                 {"gpus", true},
                 {"pool", false, true},
                 {"of the pool"},
                 {"waiting", true},
                 {"fair share"},
                 {"cohort"},
                 {"id"}});
    for (const json::Value& group : groups.as_array()) {
        const json::Value& pool = group["pool"];
        const bool fair = group["fair_share"].is_bool() && group["fair_share"].as_bool();
        table.add({text_of(group, "name"), text_of(group, "users"), text_of(group, "gpus"), text_of(pool, "name"),
                   pool_in_words(pool), text_of(pool, "waiting_jobs"), fair ? "yes" : "",
                   text_of(group["borrowing"], "cohort"), context.wide() ? text_of(group, "id") : ""});
    }
    table.print(context.term);
}

}  // namespace

Command group_list_command() {
    return {{.words = {"group", "list"},
             .summary = "List the groups and what they use; those who are no operators see their own",
             .examples = {"pintle group list"}},
            [](Context& context) -> Result<int> {
                const auto page = TRY(context.api.whole_list("/groups"));
                if (context.quiet) {
                    for (const json::Value& group : page.items.as_array())
                        context.term.line(context.term.plain(text_of(group, "name")));
                    return 0;
                }
                return show(context, as_answer(page), [&] { print(context, page.items); });
            }};
}

}  // namespace pintle::cli
