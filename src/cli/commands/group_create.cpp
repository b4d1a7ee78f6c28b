#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command group_create_command() {
    std::vector<Option> options = group_options();
    options.pop_back();  // Nobody leaves what nobody has joined.
    options.insert(options.begin(), {.name = "pool",
                                     .value = "POOL",
                                     .help = "whose GPUs it uses; a pool has one group",
                                     .offer = Offer::kPool,
                                     .required = true});
    return {{.words = {"group", "create"},
             .summary = "Make a group of people who share their work and a pool of GPUs",
             .positionals = {{.name = "NAME", .help = "what it is to be called"}},
             .options = std::move(options),
             .examples = {"pintle group create research --pool research",
                          "pintle group create vision --pool vision --cohort science --borrow 4 --reclaim"}},
            [](Context& context) -> Result<int> {
                json::Value body = TRY(group_wish(context.args));
                body.set("name", context.args.get("NAME"));
                const json::Value group = TRY(context.api.send_json("POST", "/groups", body));
                return show(context, group, text_of(group, "name"), [&] {
                    const std::string name = text_of(group, "name");
                    context.term.line(context.term.plain(fmt::format("created {} with the pool {}: {}", name,
                                                                     text_of(group["pool"], "name"),
                                                                     pool_in_words(group["pool"]))));
                    context.term.line(context.term.plain("next: pintle user onboard NAME --group " + as_typed(name)));
                });
            }};
}

}  // namespace pintle::cli
