#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

// What a source or an image says to use it.
std::string how_to_use(const json::Value& account) {
    const std::string name = as_typed(text_of(account, "name")), kind = text_of(account, "kind");
    if (kind == "registry") return "images of " + text_of(account, "server") + " are pulled with it";
    const std::string origin = kind == "s3" ? "s3: {bucket: BUCKET" : "git: {repository: URL";
    return "a source uses it by its name: " + origin + ", account: " + name + "}";
}

Result<int> run(Context& context) {
    json::Value body = TRY(account_wish(context.args));
    const std::string kind = context.args.get("kind");
    body.set("name", context.args.get("NAME"));
    body.set("kind", kind);
    if (context.args.has("shared")) body.set("shared", true);
    body.set("secret", TRY(read_account_secret(context, secret_word_of(kind))));
    const json::Value account = TRY(context.api.send_json("POST", "/accounts", body));
    return show(context, account, text_of(account, "name"), [&] {
        print_account(context, account);
        context.term.line(context.term.plain(how_to_use(account)));
    });
}

}  // namespace

Command account_create_command() {
    std::vector<Option> options = account_options();
    options.insert(options.begin(), {.name = "kind",
                                     .value = "KIND",
                                     .help = "git_key (ssh), git_token (https), s3 or registry",
                                     .choices = {"git_key", "git_token", "s3", "registry"},
                                     .required = true});
    options.push_back({.name = "shared", .help = "your group may use it too"});
    return {{.words = {"account", "create"},
             .summary = "Keep a key, token or password for private sources and images",
             .details =
                 "It is asked for, or read from a file or standard input; sealed on the server and never shown again.\n"
                 "A shared one is used by your group, and changed by you and operators.",
             .positionals = {{.name = "NAME", .help = "by which sources name it"}},
             .options = std::move(options),
             .examples = {"pintle account create github --kind git_token --server github.com",
                          "pintle account create deploy --kind git_key --secret-file ~/.ssh/deploy --shared",
                          "pintle account create minio --kind s3 --user ACCESSKEY --secret-file key.txt"}},
            run};
}

}  // namespace pintle::cli
