#include "cli/commands/commands.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    json::Value scopes = json::Value::array();
    for (const std::string& scope : context.args.all("scope")) scopes.push(scope);
    json::Value body = json::Value::object({{"name", context.args.get("NAME")}, {"scopes", std::move(scopes)}});
    if (const std::string expires = context.args.get("expires"); !expires.empty()) body.set("expires", expires);
    const json::Value made = TRY(call_as_oneself(context, {.method = "POST",
                                                           .path = "/tokens",
                                                           .body = json::to_json(body),
                                                           .content_type = "application/json"}));
    return show(context, made, context.term.plain(text_of(made, "token")), [&] {
        context.term.line(context.term.plain(text_of(made, "token")));
        const std::string until =
            made["expires_at"].is_string() ? "good until " + made["expires_at"].as_string().substr(0, 10) : "for ever";
        context.term.error_line(context.term.shown_as_error(
            fmt::format("It is shown this once, and {}. Programs take it from PINTLE_TOKEN.", until)));
    });
}

}  // namespace

Command token_create_command() {
    return {
        {.words = {"token", "create"},
         .summary = "Make an access token for a program",
         .positionals = {{.name = "NAME", .help = "what it is for"}},
         .options = {{.name = "scope",
                      .value = "SCOPE",
                      .help = "what it may do beside reading; may be repeated",
                      .choices = {"read", "run", "write", "operate"},
                      .repeats = true},
                     {.name = "expires",
                      .value = "TIME",
                      .help = "how long it is good: 30d, 12h or never (default: 90d)"}},
         .examples = {"pintle token create nightly --scope run", "TOKEN=$(pintle token create ci -q --expires 30d)"}},
        run};
}

}  // namespace pintle::cli
