#include "cli/commands/commands.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

struct Owner {
    std::string user;
    bool local = false;
};

Result<Owner> owner_of(Context& context) {
    if (const std::string user = context.args.get("user"); !user.empty()) return Owner{user, false};
    const json::Value who = TRY(context.api.get("/session"));
    return Owner{text_of(who, "user"), text_of(who, "via") == "local token"};
}

Result<int> run(Context& context) {
    const Owner owner = TRY(owner_of(context));
    json::Value body = json::Value::object();
    if (!owner.local) {
        body.set("user", owner.user);
        body.set("old_password",
                 TRY(ask_secret(context, fmt::format("Present password of {}: ", context.term.plain(owner.user)))));
    }
    body.set("password", TRY(ask_new_password(context)));
    const json::Value answer = TRY(context.api.call({.method = "POST",
                                                     .path = "/password",
                                                     .body = json::to_json(body),
                                                     .content_type = "application/json",
                                                     .as_nobody = !owner.local}));
    return show(context, answer, [&] {
        context.term.line(context.term.plain(fmt::format(
            "{} has a new password. Browsers have to sign in again; access tokens go on.", text_of(answer, "user"))));
    });
}

}  // namespace

Command password_command() {
    return {{.words = {"password"},
             .summary = "Change one's own password",
             .details = "The passwords are asked for, or read from standard input, the old one first. On the server's\n"
                        "own machine, whoever can read its data folder needs no old one for the first operator.",
             .options = {{.name = "user", .value = "NAME", .help = "whose (default: who is signed in)"}},
             .examples = {"pintle password"}},
            run};
}

}  // namespace pintle::cli
