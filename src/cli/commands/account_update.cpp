#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    json::Value body = TRY(account_wish(context.args));
    if (context.args.has("name")) body.set("name", context.args.get("name"));
    // Said alone, `account update github` is for what changes most often.
    const bool wants_secret = context.args.has("secret-file") || body.size() == 0;
    if (context.args.has("force")) body.set("force", true);
    if (wants_secret) {
        const json::Value account = TRY(context.api.get(account_path(context)));
        body.set("secret", TRY(read_account_secret(context, secret_word_of(text_of(account, "kind")))));
    }
    const json::Value account = TRY(context.api.send_json("PATCH", account_path(context), body));
    return show(context, account, text_of(account, "name"), [&] { print_account(context, account); });
}

}  // namespace

Command account_update_command() {
    std::vector<Option> options = account_options();
    options.insert(options.begin(), {.name = "name", .value = "NAME", .help = "its new name"});
    options.push_back({.name = "force", .help = "rename it although projects use it"});
    return {{.words = {"account", "update"},
             .summary = "Give an account a new secret, or change the rest of it",
             .details = "Without any option a new secret is asked for, or read from standard input.",
             .positionals = {account_argument()},
             .options = std::move(options),
             .examples = {"pintle account update github", "pintle account update deploy --known-hosts hosts.txt"}},
            run};
}

}  // namespace pintle::cli
