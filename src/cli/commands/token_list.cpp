#include "cli/commands/commands.hpp"
#include "cli/sign_in.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print(Context& context, const json::Value& tokens) {
    if (tokens.size() == 0) return context.term.line("no access tokens; make one with: pintle token create NAME");
    const bool wide = context.wide();
    Table table({{"token", false, false, true}, {"scopes"}, {"made"}, {"good until"}, {"id"}});
    for (const json::Value& token : tokens.as_array()) {
        const bool expired = token["expired"].is_bool() && token["expired"].as_bool();
        const std::string until =
            token["expires_at"].is_string() ? token["expires_at"].as_string().substr(0, wide ? 19 : 10) : "for ever";
        table.add({text_of(token, "name"), list_of(token["scopes"]),
                   when(token["created_at"], context.deps.now(), wide),
                   Table::Cell(expired ? "expired " + until : until, expired ? Style::kBad : Style::kPlain),
                   wide ? text_of(token, "id") : ""});
    }
    table.print(context.term);
}

Result<int> run(Context& context) {
    const std::string user = context.args.get("user");
    const json::Value answer = TRY(user.empty() ? call_as_oneself(context, {.path = "/tokens"})
                                                : context.api.get("/users/" + segment(user) + "/tokens"));
    if (!answer["items"].is_array())
        return fail(ErrorCode::kInternal, "the server's answer has no list; is it a Pintle server?");
    if (context.quiet) {
        for (const json::Value& token : answer["items"].as_array())
            context.term.line(context.term.plain(text_of(token, "name")));
        return 0;
    }
    return show(context, answer, [&] { print(context, answer["items"]); });
}

}  // namespace

Command token_list_command() {
    return {{.words = {"token", "list"},
             .summary = "List one's own access tokens",
             .options = {{.name = "user", .value = "NAME", .help = "those of somebody else; for operators"}},
             .examples = {"pintle token list", "pintle token list --user ana -o wide"}},
            run};
}

}  // namespace pintle::cli
