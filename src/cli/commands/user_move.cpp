#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command user_move_command() {
    return {{.words = {"user", "move"},
             .summary = "Put somebody into another group",
             .details = "What they have waiting queues in the new group's pool, and their projects go with them.\n"
                        "What runs keeps its GPUs until it ends.",
             .positionals = {user_argument(), group_argument()},
             .examples = {"pintle user move ana research"}},
            [](Context& context) -> Result<int> {
                const json::Value body = json::Value::object({{"group", context.args.get("GROUP")}});
                const json::Value user = TRY(context.api.send_json("PATCH", user_path(context), body));
                return show(context, user, [&] {
                    context.term.line(context.term.plain(fmt::format("{} is in {} now", text_of(user, "name"),
                                                                     text_of(user["group"], "name"))));
                });
            }};
}

}  // namespace pintle::cli
