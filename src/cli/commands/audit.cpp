#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

constexpr std::int64_t kUsual = 50;

// "90m", "2h" and "3d" are so long ago; a day alone is its beginning; anything else is for the server to read.
std::string moment(const std::string& text, Time now) {
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') return text + "T00:00:00Z";
    const auto count = text.empty() ? std::nullopt : parse_int(std::string_view(text).substr(0, text.size() - 1));
    constexpr std::int64_t kMost = 100'000;
    if (!count || *count < 0 || *count > kMost) return text;
    switch (text.back()) {
        case 'm': return to_iso(now - std::chrono::minutes(*count));
        case 'h': return to_iso(now - std::chrono::hours(*count));
        case 'd': return to_iso(now - std::chrono::hours(24 * *count));
        default: return text;
    }
}

void print(Context& context, const ApiClient::Page& page, std::int64_t limit) {
    if (page.items.size() == 0) return context.term.line("nothing is on record that matches");
    const bool wide = context.wide();
    Table table({{"when"},
                 {"who", false, false, true},
                 {"did"},
                 {"to", false, true},
                 {"via"},
                 {"from"},
                 {"detail", false, true}});
    for (const json::Value& entry : page.items.as_array()) {
        table.add({when(entry["at"], context.deps.now(), wide), text_of(entry, "actor"), text_of(entry, "action"),
                   text_of(entry, "subject"), wide ? text_of(entry, "via") : "", wide ? text_of(entry, "address") : "",
                   text_of(entry, "detail")});
    }
    table.print(context.term);
    if (page.next_cursor.is_string())
        context.term.error_line(fmt::format("there are more than {}; show them with --limit", limit));
}

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    const std::int64_t limit = args.number("limit").value_or(kUsual);
    const Time now = context.deps.now();
    const auto page = TRY(context.api.list("/audit",
                                           {{"actor", args.get("actor")},
                                            {"action", args.get("action")},
                                            {"subject", args.get("subject")},
                                            {"since", moment(args.get("since"), now)},
                                            {"until", moment(args.get("until"), now)}},
                                           static_cast<std::size_t>(limit)));
    return show(context, as_answer(page), [&] { print(context, page, limit); });
}

}  // namespace

Command audit_command() {
    return {{.words = {"audit"},
             .summary = "Show who did what, when and from where, the newest first; for operators",
             .options = {{.name = "actor", .value = "USER", .help = "only what they did", .offer = Offer::kUser},
                         {.name = "action",
                          .value = "TEXT",
                          .help = "only actions that begin like this: user., pool.create"},
                         {.name = "subject", .value = "NAME", .help = "only what was done to this"},
                         {.name = "since", .value = "TIME", .help = "only since then: 2h, 3d, 2026-03-01"},
                         {.name = "until", .value = "TIME", .help = "only before then"},
                         {.name = "limit",
                          .letter = 'n',
                          .value = "N",
                          .help = "how many at most (default: 50)",
                          .range = std::pair{1, 100'000}}},
             .examples = {"pintle audit --since 2d", "pintle audit --actor ana --action job."}},
            run};
}

}  // namespace pintle::cli
