#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
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

Style style_of_pod(const std::string& status) {
    if (status == "Running" || status == "Completed") return Style::kGood;
    return status == "Error" || status == "CrashLoopBackOff" ? Style::kBad : Style::kPlain;
}

void print_events(Context& context, const json::Value& events) {
    const Time now = context.deps.now();
    Table table({{"event", false, true, true}, {"source"}, {"count", true}, {"first seen"}, {"last seen"}});
    for (const json::Value& event : events.as_array()) {
        table.add({text_of(event, "message"), text_of(event, "source"), text_of(event, "count"),
                   when(event["first_seen"], now, context.wide()), when(event["last_seen"], now, context.wide())});
    }
    constexpr std::size_t kIndent = 4;
    if (table.rows() > 0) table.print(context.term, kIndent);
}

// As the Status tab shows it: what runs, its processes where there are several, and the events of what is in trouble.
void print_project(Context& context, const json::Value& status) {
    Terminal& term = context.term;
    if (status["rows"].size() == 0) {
        term.line(term.plain(fmt::format("nothing of {} runs", text_of(status, "name"))));
        return;
    }
    for (const json::Value& row : status["rows"].as_array()) {
        const std::string word = text_of(row, "status"), reason = text_of(row, "reason");
        term.line(fmt::format("{:<24} {:<5} {}", term.plain(text_of(row, "name")), text_of(row, "type"),
                              term.styled(style_of_pod(word), word)));
        if (!reason.empty()) term.line("    " + term.plain(reason));
        if (row["pods"].size() > 1 || context.wide()) {
            for (const json::Value& pod : row["pods"].as_array()) {
                term.line(fmt::format("    {:<20} {}", term.plain(text_of(pod, "name")), text_of(pod, "status")));
            }
        }
        print_events(context, row["events"]);
    }
    if (const auto left = int_of(status, "left_out"); left > 0) term.line(fmt::format("and {} more jobs", left));
}

}  // namespace

Command status_command() {
    return {{.words = {"status"},
             .summary = "Show the server, or what of a project runs; with -q only whether a server answers",
             .positionals = {{.name = "PROJECT", .help = "its name or id", .offer = Offer::kProject, .optional = true}},
             .examples = {"pintle status", "pintle status digits", "pintle status -q && echo it runs"}},
            [](Context& context) -> Result<int> {
                if (context.args.has("PROJECT")) {
                    const json::Value status = TRY(context.api.get(project_path(context) + "/status"));
                    return show(context, status, [&] { print_project(context, status); });
                }
                const json::Value server = TRY(context.api.get("/server"));
                return show(context, server, [&] { print(context, server); });
            }};
}

}  // namespace pintle::cli
