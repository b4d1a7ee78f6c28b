#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

// The Default Pool has no model of its own: it holds whatever is left.
std::string model_of(const json::Value& pool) {
    const std::string model = text_of(pool, "model");
    return model.empty() && int_of(pool, "total") > 0 ? "any" : model;
}

void print(Context& context, const json::Value& pools) {
    Table table({{"pool", false, false, true},
                 {"model"},
                 {"gpus", true},
                 {"in use", true},
                 {"free", true},
                 {"unhealthy", true},
                 {"missing", true},
                 {"waiting", true},
                 {"nodes", true},
                 {"group", false, true},
                 {"id"}});
    const auto unless_none = [](const json::Value& pool, std::string_view key) {
        return int_of(pool, key) == 0 ? std::string() : text_of(pool, key);
    };
    for (const json::Value& pool : pools.as_array()) {
        table.add({text_of(pool, "name"), model_of(pool), text_of(pool, "total"), text_of(pool, "used"),
                   text_of(pool, "free"), unless_none(pool, "unhealthy"), unless_none(pool, "missing"),
                   text_of(pool, "waiting_jobs"), std::to_string(pool["nodes"].size()), text_of(pool["group"], "name"),
                   context.wide() ? text_of(pool, "id") : ""});
    }
    table.print(context.term);
}

}  // namespace

Command pool_list_command() {
    return {{.words = {"pool", "list"},
             .summary = "List the pools of GPUs and how full they are; those who are no operators see their own",
             .examples = {"pintle pool list"}},
            [](Context& context) -> Result<int> {
                const auto page = TRY(context.api.whole_list("/pools"));
                if (context.quiet) {
                    for (const json::Value& pool : page.items.as_array())
                        context.term.line(context.term.plain(text_of(pool, "name")));
                    return 0;
                }
                return show(context, as_answer(page), [&] { print(context, page.items); });
            }};
}

}  // namespace pintle::cli
