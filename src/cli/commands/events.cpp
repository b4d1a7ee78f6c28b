#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& rows) {
    if (rows.size() == 0) return context.term.line("nothing happened that needs attention");
    const Time now = context.deps.now();
    const bool wide = context.wide();
    Table table({{"last seen", false, false, true},
                 {"first seen"},
                 {"times", true},
                 {"job"},
                 {"kind", false, false, true},
                 {"reason"},
                 {"source"},
                 {"message", false, true}});
    for (const json::Value& row : rows.as_array()) {
        const bool warning = row["warning"].is_bool() && row["warning"].as_bool();
        table.add({when(row["last_seen"], now, wide), wide ? when(row["first_seen"], now, true) : "",
                   text_of(row, "count"), text_of(row, "job_name"),
                   Table::Cell(warning ? "warning" : "normal", warning ? Style::kNote : Style::kPlain),
                   text_of(row, "reason"), text_of(row, "source"), text_of(row, "message")});
    }
    table.print(context.term);
}

Result<int> run(Context& context) {
    const std::string of = context.args.get("OF");
    const auto page =
        TRY(context.api.list("/events", {{"project", names_job(of) ? "" : of}, {"job", names_job(of) ? of : ""}},
                             static_cast<std::size_t>(context.args.number("limit").value_or(50))));
    return show(context, as_answer(page), [&] { print(context, page.items); });
}

}  // namespace

Command events_command() {
    return {{.words = {"events"},
             .summary = "List what happened around jobs: waiting, retries, kills",
             .positionals = {{.name = "OF",
                              .help = "a project or a job; everything without it",
                              .offer = Offer::kProjectOrJob,
                              .optional = true}},
             .options = {{.name = "limit",
                          .letter = 'n',
                          .value = "N",
                          .help = "how many at most (default: 50)",
                          .range = std::pair{1, 100'000}}},
             .examples = {"pintle events digits/train:3"}},
            run};
}

}  // namespace pintle::cli
