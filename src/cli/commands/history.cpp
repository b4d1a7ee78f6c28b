#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string replica_of(const json::Value& row) { return text_of(row, "resource") + "-" + text_of(row, "index"); }

void print(Context& context, const json::Value& rows) {
    if (rows.size() == 0) return context.term.line("nothing has run yet");
    const Time now = context.deps.now();
    const bool wide = context.wide();
    Table table({{"job", false, false, true},
                 {"replica", false, false, true},
                 {"try", true},
                 {"status", false, false, true},
                 {"node"},
                 {"started"},
                 {"time", true},
                 {"exit", true},
                 {"devices"},
                 {"image"},
                 {"ended"},
                 {"revision"},
                 {"message", false, true}});
    for (const json::Value& row : rows.as_array()) {
        const std::string state = text_of(row, "state");
        table.add({text_of(row, "job_name"), replica_of(row),
                   wide || int_of(row, "attempt") > 1 ? text_of(row, "attempt") : "",
                   Table::Cell(state, style_of_state(state)), text_of(row, "node"), when(row["started_at"], now, wide),
                   clock_of(row, now), text_of(row, "exit_code"), list_of(row["devices"]),
                   wide ? text_of(row, "image") : "", wide ? when(row["ended_at"], now, true) : "",
                   wide ? text_of(row, "revision") : "", text_of(row, "message")});
    }
    table.print(context.term);
}

Result<int> run(Context& context) {
    const std::string of = context.args.get("OF");
    const auto page = TRY(context.api.list(
        "/history",
        {{"show", context.args.get("show")},
         {"project", names_job(of) ? "" : of},
         {"job", names_job(of) ? of : ""},
         {"task", context.args.get("task")}},
        static_cast<std::size_t>(context.args.number("limit").value_or(50))));
    return show(context, as_answer(page), [&] { print(context, page.items); });
}

}  // namespace

Command history_command() {
    return {{.words = {"history"},
             .summary = "List what ran: every start of every replica, newest first",
             .positionals = {{.name = "OF",
                              .help = "a project or a job; everything without it",
                              .offer = Offer::kProjectOrJob,
                              .optional = true}},
             .options = {show_option(),
                         {.name = "task", .value = "TASK", .help = "only of tasks with this name"},
                         {.name = "limit",
                          .letter = 'n',
                          .value = "N",
                          .help = "how many at most (default: 50)",
                          .range = std::pair{1, 100'000}}},
             .examples = {"pintle history digits", "pintle history digits/train:3 -o wide"}},
            run};
}

}  // namespace pintle::cli
