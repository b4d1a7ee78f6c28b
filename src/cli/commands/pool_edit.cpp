#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

// The API takes the whole list. What is missing at present stays in it, so that it is in the pool when it returns.
Result<json::Value> edited_devices(Context& context) {
    const json::Value pool = TRY(context.api.get(pool_path(context)));
    const json::Value removed = TRY(device_keys(context.args.all("remove")));
    json::Value devices = TRY(device_keys(context.args.all("add")));
    std::size_t found = 0;
    for (const char* part : {"devices", "missing_devices"}) {
        if (!pool[part].is_array()) continue;
        for (const json::Value& device : pool[part].as_array()) {
            const json::Value key =
                json::Value::object({{"node", text_of(device, "node")}, {"uuid", text_of(device, "uuid")}});
            const auto& gone = removed.as_array();
            const bool goes = std::find(gone.begin(), gone.end(), key) != gone.end();
            found += goes ? 1 : 0;
            if (!goes) devices.push(key);
        }
    }
    if (found < removed.size())
        return fail(ErrorCode::kNotFound, "not every GPU to remove is in {}; see: pintle pool show {}",
                    text_of(pool, "name"), as_typed(context.args.get("POOL")));
    return devices;
}

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    json::Value body = json::Value::object();
    if (args.has("name")) body.set("name", args.get("name"));
    if (args.has("model")) body.set("model", args.get("model"));
    if (const auto gpus = args.number("gpus")) body.set("gpus", *gpus);
    if (args.has("add") || args.has("remove")) body.set("devices", TRY(edited_devices(context)));
    if (body.size() == 0)
        return fail(ErrorCode::kInvalid, "say what to change: --gpus, --add, --remove, --name, --model");
    const json::Value pool = TRY(context.api.send_json("PATCH", pool_path(context), body));
    return show(context, pool, text_of(pool, "name"), [&] {
        context.term.line(
            context.term.plain(fmt::format("changed {}: {}", text_of(pool, "name"), pool_in_words(pool))));
    });
}

}  // namespace

Result<json::Value> device_keys(const std::vector<std::string>& names) {
    json::Value keys = json::Value::array();
    for (const std::string& name : names) {
        const std::size_t slash = name.find('/');
        if (slash == std::string::npos || slash == 0 || slash + 1 == name.size())
            return fail(ErrorCode::kInvalid, "a GPU is named NODE/UUID, not \"{}\"; see: pintle device list", name);
        keys.push(json::Value::object({{"node", name.substr(0, slash)}, {"uuid", name.substr(slash + 1)}}));
    }
    return keys;
}

Command pool_edit_command() {
    return {{.words = {"pool", "edit"},
             .summary = "Give a pool more or fewer GPUs, or another name",
             .details = "GPUs come from the Default Pool and go back there. One that is in use stays where it is.",
             .positionals = {pool_argument()},
             .options = {{.name = "gpus",
                          .value = "N",
                          .help = "how many it is to have",
                          .range = std::pair{0, 1'000'000}},
                         {.name = "add",
                          .value = "NODE/UUID",
                          .help = "this GPU too",
                          .offer = Offer::kDevice,
                          .repeats = true},
                         {.name = "remove",
                          .value = "NODE/UUID",
                          .help = "this GPU no more",
                          .offer = Offer::kDevice,
                          .repeats = true},
                         {.name = "name", .value = "NAME", .help = "its new name"},
                         {.name = "model", .value = "MODEL", .help = "of an empty pool: the model it is for"}},
             .examples = {"pintle pool edit research --gpus 12",
                          "pintle pool edit research --remove node-1/GPU-5f1c --add node-2/GPU-77aa"}},
            run};
}

}  // namespace pintle::cli
