#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string sign_in_in_words(const json::Value& user) {
    const std::string provider = text_of(user, "provider");
    if (!user["has_password"].is_bool()) return "";
    if (!provider.empty()) return "signs in through " + provider;
    return user["has_password"].as_bool() ? "signs in by password" : "has set no password yet";
}

void print(Context& context, const json::Value& user) {
    Terminal& term = context.term;
    term.line(fmt::format("{}   {}", term.styled(Style::kBold, term.plain(text_of(user, "name"))),
                          term.plain(fmt::format("{} in {}, {}", text_of(user, "role"),
                                                 text_of(user["group"], "name"), text_of(user, "status")))));
    term.line(fmt::format("  {}, {} in use", count_of(int_of(user["jobs"], "live"), "live job"),
                          count_of(int_of(user, "gpus"), "GPU")));
    if (const std::string words = sign_in_in_words(user); !words.empty()) term.line("  " + term.plain(words));
    if (context.wide())
        term.line(fmt::format("  id {}, created {}", term.plain(text_of(user, "id")),
                              when(user["created_at"], context.deps.now(), true)));
}

}  // namespace

Command user_show_command() {
    return {{.words = {"user", "show"},
             .summary = "Show somebody of your group; for operators anybody",
             .positionals = {user_argument()},
             .examples = {"pintle user show ana"}},
            [](Context& context) -> Result<int> {
                const json::Value user = TRY(context.api.get(user_path(context)));
                return show(context, user, text_of(user, "name"), [&] { print(context, user); });
            }};
}

}  // namespace pintle::cli
