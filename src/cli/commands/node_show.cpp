#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string machine_in_words(const json::Value& node) {
    std::vector<std::string> parts;
    for (const char* key : {"os", "kernel"}) {
        if (const std::string text = text_of(node, key); !text.empty()) parts.push_back(text);
    }
    return join(parts, ", kernel ");
}

void print(Context& context, const json::Value& node) {
    Terminal& term = context.term;
    term.line(fmt::format("{}   {} of {} CPUs and {} of {} in use, {}",
                          term.styled(Style::kBold, term.plain(text_of(node, "name"))),
                          cpus(int_of(node, "cpu_millis_used")), cpus(int_of(node, "cpu_millis")),
                          bytes_in_words(int_of(node, "memory_bytes_used")),
                          bytes_in_words(int_of(node, "memory_bytes")), count_of(int_of(node, "replicas"), "replica")));
    if (const std::string words = machine_in_words(node); !words.empty()) term.line("  " + term.plain(words));
    if (const std::string model = text_of(node, "cpu_model"); !model.empty())
        term.line("  " + term.plain(fmt::format("{} × {}", text_of(node, "cpus"), model)));
    if (node["booted_at"].is_string())
        term.line("  started " + when(node["booted_at"], context.deps.now(), context.wide()));
    if (!node["devices"].is_array() || node["devices"].size() == 0) return;
    term.line();
    print_devices(context, node["devices"], 2);
}

}  // namespace

Command node_show_command() {
    return {{.words = {"node", "show"},
             .summary = "Show a machine and its GPUs",
             .positionals = {{.name = "NODE", .help = "its name", .offer = Offer::kNode}},
             .examples = {"pintle node show node-1"}},
            [](Context& context) -> Result<int> {
                const json::Value node = TRY(context.api.get("/nodes/" + segment(context.args.get("NODE"))));
                return show(context, node, text_of(node, "name"), [&] { print(context, node); });
            }};
}

}  // namespace pintle::cli
