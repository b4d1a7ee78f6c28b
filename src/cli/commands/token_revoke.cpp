#include "cli/commands/commands.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const std::string user = context.args.get("user");
    const std::string path = "/tokens/" + segment(context.args.get("TOKEN"));
    const json::Value answer =
        TRY(user.empty() ? call_as_oneself(context, {.method = "DELETE", .path = path})
                         : context.api.call({.method = "DELETE", .path = "/users/" + segment(user) + path}));
    return show(context, answer,
                [&] { context.term.line(context.term.plain("revoked " + text_of(answer, "revoked"))); });
}

}  // namespace

Command token_revoke_command() {
    return {{.words = {"token", "revoke"},
             .summary = "Make an access token worthless at once",
             .positionals = {{.name = "TOKEN", .help = "its name or id"}},
             .options = {{.name = "user", .value = "NAME", .help = "one of somebody else; for operators"}},
             .examples = {"pintle token revoke nightly", "pintle token revoke ci --user ana"}},
            run};
}

}  // namespace pintle::cli
