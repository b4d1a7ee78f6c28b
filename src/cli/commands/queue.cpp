#include <set>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/queue_words.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const ApiClient::Page& page, const std::string& own_group, std::int64_t limit) {
    if (page.items.size() == 0) return context.term.line("nothing waits");
    const Time now = context.deps.now();
    std::set<std::string> pools, groups;
    for (const json::Value& entry : page.items.as_array()) {
        pools.insert(text_of(entry, "pool"));
        if (entry["group"].is_string()) groups.insert(text_of(entry, "group"));
    }
    const bool shows_pool = context.wide() || pools.size() > 1;
    const bool shows_group = groups.size() > 1;
    Table table({{"pool"},
                 {"#", true},
                 {"job", false, false, true},
                 {"GPUs", true},
                 {"priority", true},
                 {"waits", true},
                 {"starts"},
                 {"group"},
                 {"owner"},
                 {"id"},
                 {"reason", false, true}});
    for (const json::Value& entry : page.items.as_array()) {
        const std::int64_t priority = int_of(entry, "priority");
        table.add({shows_pool ? text_of(entry, "pool") : "", text_of(entry, "position"),
                   as_typed(name_to_type(entry, own_group)),
                   int_of(entry, "gpus") == 0 ? "" : text_of(entry, "gpus"),
                   priority == 0 && !context.wide() ? "" : std::to_string(priority),
                   to_clock(Duration(int_of(entry, "waited_ms"))),
                   forecast_in_words(entry["forecast"], now, context.wide()),
                   shows_group ? text_of(entry, "group") : "", text_of(entry, "owner"),
                   context.wide() ? text_of(entry, "job") : "", text_of(entry, "reason")});
    }
    table.print(context.term);
    if (page.next_cursor.is_string())
        context.term.error_line(fmt::format("there are more than {}; show them with --limit", limit));
}

Result<int> run(Context& context) {
    const std::int64_t limit = context.args.number("limit").value_or(100);
    const auto page =
        TRY(context.api.list("/queue", {{"pool", context.args.get("pool")}}, static_cast<std::size_t>(limit)));
    const std::string own_group = TRY(own_group_for(context, page.items));
    if (context.quiet) {
        for (const json::Value& entry : page.items.as_array())
            context.term.line(context.term.plain(name_to_type(entry, own_group)));
        return 0;
    }
    return show(context, as_answer(page), [&] { print(context, page, own_group, limit); });
}

}  // namespace

Command queue_command() {
    return {{.words = {"queue"},
             .summary = "Show what waits in your pool, in the order in which its turn comes",
             .details = "For operators, of every pool unless one is named.",
             .options = {{.name = "pool", .value = "POOL", .help = "only this pool's queue"},
                         {.name = "limit",
                          .letter = 'n',
                          .value = "N",
                          .help = "how many at most (default: 100)",
                          .range = std::pair{1, 10'000}}},
             .examples = {"pintle queue", "pintle queue --pool research -o wide"}},
            run};
}

}  // namespace pintle::cli
