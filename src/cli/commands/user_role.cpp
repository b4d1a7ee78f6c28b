#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> change(Context& context, std::string_view role) {
    const json::Value user =
        TRY(context.api.send_json("PATCH", user_path(context), json::Value::object({{"role", role}})));
    return show(context, user, [&] {
        context.term.line(
            context.term.plain(fmt::format("{} is {} {} now", text_of(user, "name"),
                                           text_of(user, "role") == "operator" ? "an" : "a", text_of(user, "role"))));
    });
}

}  // namespace

Command user_promote_command() {
    return {{.words = {"user", "promote"},
             .summary = "Make somebody an operator",
             .positionals = {user_argument()},
             .examples = {"pintle user promote ana"}},
            [](Context& context) { return change(context, "operator"); }};
}

Command user_demote_command() {
    return {{.words = {"user", "demote"},
             .summary = "Make an operator a data scientist; never the last one",
             .positionals = {user_argument()},
             .examples = {"pintle user demote ana"}},
            [](Context& context) { return change(context, "data scientist"); }};
}

}  // namespace pintle::cli
