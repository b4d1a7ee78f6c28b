#include "cli/commands/commands.hpp"
#include "cli/queue_words.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

constexpr std::int64_t kUsual = 50;

std::string note_of(const json::Value& job, Time now, bool exact) {
    if (job["held"].is_string()) {
        const std::string why = text_of(job, "held");
        return why.empty() ? "held" : "held: " + why;
    }
    if (const std::string forecast = forecast_in_words(job["forecast"], now, exact); !forecast.empty())
        return "starts " + forecast;
    const std::string properties = properties_of(job, "  ");
    return properties.empty() || text_of(job, "state") == "Error" ? text_of(job, "reason") : properties;
}

// "2", and "1 of 4" for one that started with fewer than it asked for.
std::string gpus_of(const json::Value& job) {
    const std::int64_t asked = int_of(job, "gpus");
    const std::int64_t held = int_of(job, "gpus_held");
    if (asked == 0) return "";
    const bool fewer = held < asked && !job["started_at"].is_null();
    return fewer ? fmt::format("{} of {}", held, asked) : std::to_string(asked);
}

// The API separates tags by commas.
std::string tags_wanted(const Arguments& args) {
    std::string text;
    for (const std::string& tag : args.all("tag")) {
        if (!text.empty()) text += ',';
        for (const char c : tag) {
            if (c == ',' || c == '\\') text += '\\';
            text += c;
        }
    }
    return text;
}

void print(Context& context, const ApiClient::Page& page, const std::string& own_group, std::int64_t limit) {
    if (page.items.size() == 0) return context.term.line("no jobs; run a task with: pintle run PROJECT/TASK");
    const Time now = context.deps.now();
    const bool wide = context.wide();
    const bool shows_owner = wide || (context.args.has("show") && context.args.get("show") != "owned");
    const bool shows_group = shows_everyone(context);
    Table table({{"job", false, false, true},
                 {"status", false, false, true},
                 {"submitted"},
                 {"time", true},
                 {"started"},
                 {"ended"},
                 {"group"},
                 {"owner"},
                 {"by"},
                 {"GPUs", true},
                 {"tags"},
                 {"id"},
                 {"note", false, true}});
    for (const json::Value& job : page.items.as_array()) {
        const std::string state = text_of(job, "state");
        table.add({as_typed(name_to_type(job, own_group)), Table::Cell(state, style_of_state(state)),
                   when(job["submitted_at"], now, wide), clock_of(job, now),
                   wide ? when(job["started_at"], now, true) : "", wide ? when(job["ended_at"], now, true) : "",
                   shows_group ? text_of(job, "group") : "", shows_owner ? text_of(job, "owner") : "",
                   wide ? text_of(job, "submitted_by") : "", wide ? gpus_of(job) : "", wide ? list_of(job["tags"]) : "",
                   wide ? text_of(job, "id") : "", note_of(job, now, wide)});
    }
    table.print(context.term);
    if (page.next_cursor.is_string())
        context.term.error_line(fmt::format("there are more than {}; show them with --limit", limit));
}

void print_numbers(Context& context, const json::Value& numbers) {
    Table table({{"status", false, false, true}, {"jobs", true}});
    for (const json::Member& state : numbers["by_state"].as_object())
        table.add({Table::Cell(state.key, style_of_state(state.key)), state.value.scalar_text().value_or("")});
    if (numbers["by_state"].size() > 0) table.print(context.term);
    context.term.line(fmt::format("{} live, {} of them waiting; {} failed and {} completed since {}",
                                  int_of(numbers, "live"), int_of(numbers, "waiting"), int_of(numbers, "failed_since"),
                                  int_of(numbers, "complete_since"),
                                  when(numbers["since"], context.deps.now(), true)));
}

Result<int> summarise(Context& context) {
    std::string path = "/jobs/summary";
    for (const char* name : {"show", "project", "since"}) {
        if (const std::string value = context.args.get(name); !value.empty())
            path += fmt::format("{}{}={}", path.find('?') == std::string::npos ? '?' : '&', name, segment(value));
    }
    const json::Value numbers = TRY(context.api.get(path));
    return show(context, numbers, text_of(numbers, "live"), [&] { print_numbers(context, numbers); });
}

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    if (args.has("summary")) return summarise(context);
    const std::int64_t limit = args.number("limit").value_or(kUsual);
    const auto page = TRY(context.api.list("/jobs",
                                           {{"show", args.get("show")},
                                            {"project", args.get("project")},
                                            {"task", args.get("task")},
                                            {"state", args.get("state")},
                                            {"tag", tags_wanted(args)},
                                            {"owner", args.get("owner")},
                                            {"since", args.get("since")},
                                            {"until", args.get("until")},
                                            {"ended_since", args.get("ended-since")},
                                            {"order", args.get("order")},
                                            {"live", args.has("live") ? "true" : ""},
                                            {"text", args.get("text")}},
                                           static_cast<std::size_t>(limit)));
    const std::string own_group = shows_everyone(context) ? TRY(own_group_for(context, page.items)) : std::string();
    if (context.quiet) {
        for (const json::Value& job : page.items.as_array())
            context.term.line(context.term.plain(name_to_type(job, own_group)));
        return 0;
    }
    return show(context, as_answer(page), [&] { print(context, page, own_group, limit); });
}

}  // namespace

Command jobs_command() {
    return {{.words = {"jobs"},
             .summary = "List the jobs, newest first",
             .details = "TIME is such as 2026-03-01T12:00:00Z, or how long ago: 90m, 1h, 7d.\n"
                        "With --order longest, shortest or ended those that live come last.",
             .options = {show_option(),
                         {.name = "project",
                          .letter = 'p',
                          .value = "PROJECT",
                          .help = "only of this project",
                          .offer = Offer::kProject},
                         {.name = "task", .value = "TASK", .help = "only of tasks with this name"},
                         {.name = "state",
                          .value = "STATE",
                          .help = "only in this state",
                          .choices = {"Queued", "Waiting for GPUs", "Starting", "Running", "Training", "Stopping",
                                      "Complete", "Error", "Stopped"}},
                         {.name = "tag",
                          .value = "TAG",
                          .help = "only those with this tag; given several times, with all of them",
                          .repeats = true},
                         {.name = "owner", .value = "USER", .help = "only jobs of this user", .offer = Offer::kUser},
                         {.name = "since", .value = "TIME", .help = "only those submitted then or later"},
                         {.name = "until", .value = "TIME", .help = "only those submitted before"},
                         {.name = "ended-since", .value = "TIME", .help = "only those that ended then or later"},
                         {.name = "order",
                          .value = "ORDER",
                          .help = "another order than by submission, newest first",
                          .choices = {"newest", "oldest", "longest", "shortest", "name", "state", "owner", "ended"}},
                         {.name = "summary",
                          .help = "only how many there are in which state, and how many ended since TIME (a day ago)"},
                         {.name = "live", .help = "only those that did not end"},
                         {.name = "text", .value = "TEXT", .help = "only those with this text in their name or reason"},
                         {.name = "limit",
                          .letter = 'n',
                          .value = "N",
                          .help = "how many at most (default: 50)",
                          .range = std::pair{1, 100'000}}},
             .examples = {"pintle jobs --live", "pintle jobs --project digits --state Error -o wide",
                          "pintle jobs --show owned"}},
            run};
}

}  // namespace pintle::cli
