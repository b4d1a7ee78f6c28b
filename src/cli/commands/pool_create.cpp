#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

Command pool_create_command() {
    return {{.words = {"pool", "create"},
             .summary = "Make a pool of GPUs of one model, taken from the Default Pool",
             .positionals = {{.name = "NAME", .help = "what it is to be called"}},
             .options = {{.name = "gpus",
                          .value = "N",
                          .help = "how many it gets",
                          .range = std::pair{0, 1'000'000}},
                         {.name = "model", .value = "MODEL", .help = "of which model, where there are several"},
                         {.name = "add",
                          .value = "NODE/UUID",
                          .help = "this GPU",
                          .offer = Offer::kDevice,
                          .repeats = true}},
             .examples = {"pintle pool create research --gpus 8 --model A100", "pintle pool create spare"}},
            [](Context& context) -> Result<int> {
                const Arguments& args = context.args;
                json::Value body = json::Value::object({{"name", args.get("NAME")}});
                if (args.has("model")) body.set("model", args.get("model"));
                if (const auto gpus = args.number("gpus")) body.set("gpus", *gpus);
                if (args.has("add")) body.set("devices", TRY(device_keys(args.all("add"))));
                const json::Value pool = TRY(context.api.send_json("POST", "/pools", body));
                return show(context, pool, text_of(pool, "name"), [&] {
                    const std::string name = text_of(pool, "name");
                    context.term.line(context.term.plain(fmt::format("created {}: {}", name, pool_in_words(pool))));
                    context.term.line(context.term.plain("next: pintle group create NAME --pool " + as_typed(name)));
                });
            }};
}

}  // namespace pintle::cli
