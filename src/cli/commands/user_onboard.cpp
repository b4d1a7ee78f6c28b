#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command user_onboard_command() {
    return {{.words = {"user", "onboard"},
             .summary = "Let somebody in: prints the link by which they set a password",
             .details = "Somebody who was off-boarded comes back under the same name, to what was theirs.",
             .positionals = {{.name = "NAME", .help = "what they are to be called"}},
             .options = {{.name = "group",
                          .value = "GROUP",
                          .help = "which they join (default: the one they left, else the Default Group)",
                          .offer = Offer::kGroup},
                         {.name = "operator", .help = "they manage users, groups, pools and the queue too"}},
             .examples = {"pintle user onboard ana --group research", "pintle user onboard bo --operator"}},
            [](Context& context) -> Result<int> {
                json::Value body = json::Value::object({{"name", context.args.get("NAME")}});
                if (context.args.has("group")) body.set("group", context.args.get("group"));
                if (context.args.has("operator")) body.set("role", "operator");
                const json::Value answer = TRY(context.api.send_json("POST", "/users", body));
                return show(context, answer, text_of(answer, "link"), [&] { print_invitation(context, answer); });
            }};
}

}  // namespace pintle::cli
