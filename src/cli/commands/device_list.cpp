#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const auto page = TRY(context.api.whole_list("/devices" + query({{"pool", context.args.get("pool")}})));
    if (context.quiet) {
        for (const json::Value& device : page.items.as_array())
            context.term.line(context.term.plain(text_of(device, "name")));
        return 0;
    }
    return show(context, as_answer(page), [&] {
        if (page.items.size() > 0) return print_devices(context, page.items, 0);
        context.term.line(context.args.has("pool") ? "the pool has no GPUs"
                                                   : "no GPUs found; see what was looked for with: pintle doctor");
    });
}

}  // namespace

Command device_list_command() {
    return {{.words = {"device", "list"},
             .summary = "List the GPUs: what they are, whether they work, who uses them",
             .options = {{.name = "pool", .value = "POOL", .help = "only of this pool", .offer = Offer::kPool}},
             .examples = {"pintle device list", "pintle device list --pool research -o json"}},
            run};
}

}  // namespace pintle::cli
