#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string users_in_words(const json::Value& uses) {
    std::vector<std::string> parts;
    for (const json::Value& use : uses.as_array())
        parts.push_back(fmt::format("{} {}", text_of(use["group"], "name"), int_of(use, "gpus")));
    return join(parts, ", ");
}

std::string missing_in_words(const json::Value& devices) {
    std::vector<std::string> names;
    for (const json::Value& device : devices.as_array())
        names.push_back(text_of(device, "node") + "/" + text_of(device, "uuid"));
    return join(names, ", ");
}

void print(Context& context, const json::Value& pool) {
    Terminal& term = context.term;
    const std::string group = text_of(pool["group"], "name");
    term.line(fmt::format("{}   {}", term.styled(Style::kBold, term.plain(text_of(pool, "name"))),
                          term.plain(group.empty() ? "of no group yet" : "group: " + group)));
    const std::size_t nodes = pool["nodes"].size();
    term.line(term.plain(fmt::format("  {}, {} waiting{}", pool_in_words(pool),
                                     count_of(int_of(pool, "waiting_jobs"), "job"),
                                     nodes > 1 ? fmt::format("; on {} nodes", nodes) : std::string())));
    if (pool["used_by_group"].is_array() && pool["used_by_group"].size() > 0)
        term.line("  used by: " + term.plain(users_in_words(pool["used_by_group"])));
    if (context.wide()) term.line("  id " + term.plain(text_of(pool, "id")));
    if (pool["missing_devices"].is_array() && pool["missing_devices"].size() > 0)
        term.line("  missing: " + term.plain(missing_in_words(pool["missing_devices"])));
    if (!pool["devices"].is_array() || pool["devices"].size() == 0) return;
    json::Value devices = json::Value::array();
    for (json::Value device : pool["devices"].as_array()) {
        device.remove("pool");  // It is the same in every row.
        devices.push(std::move(device));
    }
    term.line();
    print_devices(context, devices, 2);
}

}  // namespace

Command pool_show_command() {
    return {{.words = {"pool", "show"},
             .summary = "Show a pool, its GPUs and who uses them",
             .positionals = {pool_argument()},
             .examples = {"pintle pool show research"}},
            [](Context& context) -> Result<int> {
                const json::Value pool = TRY(context.api.get(pool_path(context)));
                return show(context, pool, text_of(pool, "name"), [&] { print(context, pool); });
            }};
}

}  // namespace pintle::cli
