#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

// Those that cannot be reached, after the list: what is shown of them may be old.
void print_trouble(Context& context, const json::Value& catalogs) {
    for (const json::Value& each : catalogs.as_array()) {
        if (!each["fault"].is_string()) continue;
        const Time now = context.deps.now();
        const std::string shown = each["read_at"].is_string()
                                      ? "shown as it was " + when(each["read_at"], now, context.wide())
                                      : "nothing is known of it";
        context.term.error_line(context.term.shown_as_error(
            fmt::format("the catalog {} cannot be read since {}: {}; {}", text_of(each, "name"),
                        when(each["fault_since"], now, context.wide()), text_of(each, "fault"), shown)));
    }
}

void print(Context& context, const json::Value& answer) {
    if (answer["items"].size() == 0)
        context.term.line(context.args.has("search") ? "no template has these words" : "no templates");
    else {
        Table table(
            {{"template", false, false, true}, {"version"}, {"about", false, true}, {"keywords", false, true}, {""}});
        for (const json::Value& item : answer["items"].as_array()) {
            const bool sound = item["sound"].is_bool() && item["sound"].as_bool();
            table.add({text_of(item, "catalog") + "/" + text_of(item, "name"), text_of(item, "version"),
                       text_of(item, "description"), context.wide() ? list_of(item["keywords"]) : "",
                       sound ? Table::Cell("") : Table::Cell("broken", Style::kBad)});
        }
        table.print(context.term);
    }
    print_trouble(context, answer["catalogs"]);
}

Result<int> run(Context& context) {
    std::vector<std::pair<std::string, std::string>> asked;
    if (context.args.has("search")) asked.emplace_back("text", context.args.get("search"));
    if (context.args.has("catalog")) asked.emplace_back("catalog", context.args.get("catalog"));
    const json::Value answer = TRY(context.api.get("/catalog" + query(asked)));
    if (context.quiet) {
        for (const json::Value& item : answer["items"].as_array())
            context.term.line(context.term.plain(text_of(item, "catalog") + "/" + text_of(item, "name")));
        return 0;
    }
    return show(context, answer, [&] { print(context, answer); });
}

}  // namespace

Command catalog_list_command() {
    return {{.words = {"catalog", "list"},
             .summary = "List the templates that projects can be made of",
             .details =
                 "One that is broken is listed and makes no projects; pintle catalog show says what is wrong with it.",
             .options = {{.name = "search", .value = "WORDS", .help = "only those that have all of these words"},
                         {.name = "catalog", .value = "CATALOG", .help = "only those of this one"}},
             .examples = {"pintle catalog list", "pintle catalog list --search numpy"}},
            run};
}

}  // namespace pintle::cli
