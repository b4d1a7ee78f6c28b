#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string borrowing_in_words(const json::Value& borrowing) {
    const bool named = borrowing["nominal"].is_int();
    const bool reclaims = borrowing["reclaim"].is_bool() && borrowing["reclaim"].as_bool();
    return fmt::format(
        "in the cohort {}: {} its own, up to {} more on loan{}", text_of(borrowing, "cohort"),
        named ? count_of(int_of(borrowing, "nominal"), "GPU") + " are" : std::string("its whole pool is"),
        int_of(borrowing, "limit"), reclaims ? "; it takes back what it lent when it needs it" : "");
}

void print(Context& context, const json::Value& group) {
    Terminal& term = context.term;
    const json::Value& pool = group["pool"];
    term.line(fmt::format("{}   {}, {} in use", term.styled(Style::kBold, term.plain(text_of(group, "name"))),
                          count_of(int_of(group, "users"), "user"), count_of(int_of(group, "gpus"), "GPU")));
    term.line(term.plain(fmt::format("  pool {}: {}, {} waiting", text_of(pool, "name"), pool_in_words(pool),
                                     count_of(int_of(pool, "waiting_jobs"), "job"))));
    if (group["fair_share"].is_bool() && group["fair_share"].as_bool())
        term.line("  fair share: among jobs of equal priority, who uses least goes first");
    if (group["borrowing"].is_object()) term.line("  " + term.plain(borrowing_in_words(group["borrowing"])));
    if (context.wide()) term.line("  id " + term.plain(text_of(group, "id")));
    if (!group["members"].is_array() || group["members"].size() == 0) return;
    term.line();
    print_users(context, group["members"], false, 2);
}

}  // namespace

Command group_show_command() {
    return {{.words = {"group", "show"},
             .summary = "Show a group, its people and the GPUs each uses now",
             .positionals = {group_argument()},
             .examples = {"pintle group show research"}},
            [](Context& context) -> Result<int> {
                const json::Value group = TRY(context.api.get(group_path(context)));
                return show(context, group, text_of(group, "name"), [&] { print(context, group); });
            }};
}

}  // namespace pintle::cli
