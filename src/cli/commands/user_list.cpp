#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    const auto page = TRY(context.api.list("/users", {{"text", args.get("text")},
                                                      {"group", args.get("group")},
                                                      {"offboarded", args.has("offboarded") ? "true" : ""}}));
    if (context.quiet) {
        for (const json::Value& user : page.items.as_array())
            context.term.line(context.term.plain(text_of(user, "name")));
        return 0;
    }
    return show(context, as_answer(page), [&] {
        if (page.items.size() == 0) return context.term.line("nobody matches");
        print_users(context, page.items, true, 0);
    });
}

}  // namespace

Command user_list_command() {
    return {{.words = {"user", "list"},
             .summary = "List the people of your group; for operators everybody",
             .options = {{.name = "text", .value = "TEXT", .help = "only those with this in their names"},
                         {.name = "group", .value = "GROUP", .help = "only of this group", .offer = Offer::kGroup},
                         {.name = "offboarded", .help = "those who have left too"}},
             .examples = {"pintle user list", "pintle user list --group research -o wide"}},
            run};
}

}  // namespace pintle::cli
