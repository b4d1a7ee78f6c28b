#include <map>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string gpus_of(const json::Value& node) {
    if (!node["devices"].is_array() || node["devices"].size() == 0) return "";
    std::size_t used = 0, sick = 0;
    for (const json::Value& device : node["devices"].as_array()) {
        used += device["in_use"].is_bool() && device["in_use"].as_bool() ? 1 : 0;
        sick += device["healthy"].is_bool() && !device["healthy"].as_bool() ? 1 : 0;
    }
    // "4 A100", or "4 A100 + 2 T4" on a mixed machine.
    std::map<std::string, int> models;
    for (const json::Value& device : node["devices"].as_array()) models[text_of(device, "model")] += 1;
    std::vector<std::string> kinds;
    for (const auto& [model, count] : models) kinds.push_back(fmt::format("{} {}", count, model));
    return fmt::format("{} of {}{}", used, join(kinds, " + "),
                       sick == 0 ? "" : fmt::format(", {} unhealthy", sick));
}

std::string labels_of(const json::Value& node) {
    if (!node["labels"].is_object()) return "";
    std::vector<std::string> parts;
    for (const json::Member& label : node["labels"].as_object())
        parts.push_back(label.key + "=" + label.value.scalar_text().value_or(""));
    return join(parts, ", ");
}

}  // namespace

Command node_list_command() {
    return {{.words = {"node", "list"},
             .summary = "List the machines that run replicas, and how full they are",
             .examples = {"pintle node list"}},
            [](Context& context) -> Result<int> {
                const auto page = TRY(context.api.whole_list("/nodes"));
                return show(context, as_answer(page), [&] {
                    Table table({{"node", false, false, true},
                                 {"cpus in use", true},
                                 {"memory in use", true},
                                 {"gpus in use"},
                                 {"replicas", true},
                                 {"labels", false, true}});
                    for (const json::Value& node : page.items.as_array()) {
                        table.add({text_of(node, "name"),
                                   fmt::format("{} of {}", cpus(int_of(node, "cpu_millis_used")),
                                               cpus(int_of(node, "cpu_millis"))),
                                   fmt::format("{} of {}", bytes_in_words(int_of(node, "memory_bytes_used")),
                                               bytes_in_words(int_of(node, "memory_bytes"))),
                                   gpus_of(node), text_of(node, "replicas"), labels_of(node)});
                    }
                    table.print(context.term);
                });
            }};
}

}  // namespace pintle::cli
