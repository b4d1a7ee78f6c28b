#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string states_of(const json::Value& server) {
    if (!server["jobs_by_state"].is_object()) return "";
    std::vector<std::string> parts;
    for (const json::Member& member : server["jobs_by_state"].as_object()) {
        if (!member.value.is_int() || member.value.as_int() == 0) continue;
        parts.push_back(fmt::format("{} {}", member.value.as_int(), member.key));
    }
    return parts.empty() ? "no jobs" : "jobs: " + join(parts, ", ");
}

void print(Context& context, const json::Value& server) {
    Terminal& term = context.term;
    const Time now = context.deps.now();
    term.line(fmt::format("{}  Pintle {}, started {}",
                          term.styled(Style::kBold, term.plain("http://" + text_of(server, "address"))),
                          term.plain(text_of(server, "version")), when(server["started_at"], now, context.wide())));
    term.line(term.plain(fmt::format("{}, {}", count_of(int_of(server, "projects"), "project"), states_of(server))));
    if (server["nodes"].is_array()) {
        for (const json::Value& node : server["nodes"].as_array()) {
            const std::size_t gpus = node["devices"].size();
            term.line(term.plain(fmt::format(
                "{}: {} of {} CPUs and {} of {} in use{}", text_of(node, "name"), cpus(int_of(node, "cpu_millis_used")),
                cpus(int_of(node, "cpu_millis")), bytes_in_words(int_of(node, "memory_bytes_used")),
                bytes_in_words(int_of(node, "memory_bytes")),
                gpus == 0 ? "" : ", " + count_of(static_cast<std::int64_t>(gpus), "GPU"))));
        }
    }
    if (const std::string folder = text_of(server, "data_folder"); !folder.empty())
        term.line("data in " + term.plain(folder));
}

}  // namespace

Command status_command() {
    return {{.words = {"status"},
             .summary = "Show the server; with -q only whether one answers",
             .examples = {"pintle status", "pintle status -q && echo it runs"}},
            [](Context& context) -> Result<int> {
                const json::Value server = TRY(context.api.get("/server"));
                return show(context, server, [&] { print(context, server); });
            }};
}

}  // namespace pintle::cli
