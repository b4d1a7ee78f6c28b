#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command group_edit_command() {
    std::vector<Option> options = group_options();
    options.insert(options.begin(),
                   {{.name = "name", .value = "NAME", .help = "its new name"},
                    {.name = "pool", .value = "POOL", .help = "its new pool", .offer = Offer::kPool}});
    return {{.words = {"group", "edit"},
             .summary = "Rename a group, give it another pool, or change how it shares",
             .positionals = {group_argument()},
             .options = std::move(options),
             .examples = {"pintle group edit research --fair-share on", "pintle group edit research --name vision"}},
            [](Context& context) -> Result<int> {
                json::Value body = TRY(group_wish(context.args));
                if (context.args.has("name")) body.set("name", context.args.get("name"));
                if (body.size() == 0)
                    return fail(ErrorCode::kInvalid, "say what to change: --name, --pool, --fair-share, --cohort");
                const json::Value group = TRY(context.api.send_json("PATCH", group_path(context), body));
                return show(context, group, text_of(group, "name"), [&] {
                    context.term.line(context.term.plain(fmt::format("changed {}: pool {}", text_of(group, "name"),
                                                                     text_of(group["pool"], "name"))));
                });
            }};
}

}  // namespace pintle::cli
