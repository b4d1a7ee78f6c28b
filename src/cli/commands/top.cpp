#include <algorithm>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/sparkline.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::optional<double> number_of(const json::Value& row, std::string_view name) {
    const json::Value& value = row[name];
    return value.is_number() ? std::optional(value.as_double()) : std::nullopt;
}

// What was not measured is not nothing.
std::string shown(const json::Value& row, std::string_view name, const std::string& unit) {
    const auto value = number_of(row, name);
    return value ? with_unit(*value, unit) : "–";
}

std::string part_of(const json::Value& row, std::string_view name, double whole, const std::string& of) {
    const auto value = number_of(row, name);
    if (!value) return "–";
    return gauge(*value, whole, 12) + " " + of;
}

void print_nodes(Context& context, const json::Value& nodes) {
    if (nodes.size() == 0) return;
    Table table({{"node"},
                 {"CPU"},
                 {"memory"},
                 {"GPU"},
                 {"GPU memory"},
                 {"power", true},
                 {"heat", true},
                 {"network in", true},
                 {"out", true}});
    for (const json::Value& node : nodes.as_array()) {
        const double cpus = static_cast<double>(int_of(node, "cpu_millis")) / 10;
        const double memory = static_cast<double>(int_of(node, "total_memory_bytes")) / 1e6;
        const bool one_gpu = node["devices"].size() == 1;
        const auto gpu_cells = [&](const json::Value& row, const json::Value& device) -> std::vector<Table::Cell> {
            const double gpu_memory = static_cast<double>(int_of(device, "memory_bytes")) / 1e6;
            return {part_of(row, "gpu_percent", 100, shown(row, "gpu_percent", "%")),
                    part_of(row, "gpu_memory_mb", gpu_memory, shown(row, "gpu_memory_mb", "MB")),
                    shown(row, "gpu_power_w", "W"), shown(row, "gpu_temperature_c", "°C")};
        };
        std::vector<Table::Cell> row{Table::Cell(text_of(node, "name"), Style::kBold),
                                     part_of(node, "cpu_percent", cpus, shown(node, "cpu_percent", "%")),
                                     part_of(node, "memory_mb", memory, shown(node, "memory_mb", "MB"))};
        std::vector<Table::Cell> gpu{"", "", "", ""};
        if (one_gpu) gpu = gpu_cells(node["devices"][0], node["devices"][0]);
        row.insert(row.end(), gpu.begin(), gpu.end());
        row.emplace_back(shown(node, "network_receive_bytes_per_s", "B/s"));
        row.emplace_back(shown(node, "network_send_bytes_per_s", "B/s"));
        table.add(std::move(row));
        if (one_gpu) continue;
        for (const json::Value& device : node["devices"].as_array()) {
            std::vector<Table::Cell> line{
                fmt::format("  GPU {}  {}", int_of(device, "index"), context.term.plain(text_of(device, "model"))), "",
                ""};
            gpu = gpu_cells(device, device);
            line.insert(line.end(), gpu.begin(), gpu.end());
            line.insert(line.end(), {"", ""});
            table.add(std::move(line));
        }
    }
    table.print(context.term);
    context.term.line();
}

// Who uses most comes first.
std::vector<json::Value> by_use(const json::Value& jobs) {
    std::vector<json::Value> sorted(jobs.as_array().begin(), jobs.as_array().end());
    const auto use = [](const json::Value& job) {
        return std::pair(int_of(job, "gpus"), number_of(job, "cpu_percent").value_or(-1));
    };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const json::Value& a, const json::Value& b) { return use(a) > use(b); });
    return sorted;
}

void print_jobs(Context& context, const json::Value& usage, std::size_t most) {
    const json::Value& jobs = usage["jobs"];
    if (jobs.size() == 0) return context.term.line("no job runs");
    const Time now = context.deps.now();
    Table table({{"job", false, true, true},
                 {"owner"},
                 {"state"},
                 {"for", true},
                 {"replicas", true},
                 {"CPU", true, false, true},
                 {"memory", true, false, true},
                 {"GPUs", true},
                 {"GPU", true},
                 {"GPU memory", true},
                 {"disk read", true},
                 {"written", true}});
    std::size_t left = most;
    for (const json::Value& job : by_use(jobs)) {
        if (left-- == 0) break;
        const std::int64_t gpus = int_of(job, "gpus");
        const std::string state = text_of(job, "state");
        table.add(
            {context.term.plain(text_of(job, "name")), text_of(job, "owner"), Table::Cell(state, style_of_state(state)),
             clock_of(job, now), int_of(job, "replicas") == 1 ? "" : text_of(job, "replicas"),
             shown(job, "cpu_percent", "%"), shown(job, "memory_mb", "MB"), gpus == 0 ? "" : std::to_string(gpus),
             gpus == 0 ? "" : shown(job, "gpu_percent", "%"), gpus == 0 ? "" : shown(job, "gpu_memory_mb", "MB"),
             number_of(job, "disk_read_bytes_per_s").value_or(0) == 0 ? "" : shown(job, "disk_read_bytes_per_s", "B/s"),
             number_of(job, "disk_write_bytes_per_s").value_or(0) == 0 ? ""
                                                                       : shown(job, "disk_write_bytes_per_s", "B/s")});
    }
    table.print(context.term);
    const auto all = static_cast<std::size_t>(int_of(usage, "running_jobs"));
    const std::size_t shown_jobs = std::min(most, jobs.size());
    if (all > shown_jobs)
        context.term.line(context.term.styled(Style::kDim, fmt::format("and {} more", all - shown_jobs)));
}

void print(Context& context, const json::Value& usage, std::size_t most_jobs) {
    print_nodes(context, usage["nodes"]);
    print_jobs(context, usage, most_jobs);
}

Result<int> run(Context& context) {
    const std::string path = "/usage" + query({{"limit", std::to_string(context.args.number("limit").value_or(200))}});
    const bool live =
        context.term.is_terminal() && !context.args.has("once") && !context.structured() && !context.quiet;
    if (!live) {
        const json::Value usage = TRY(context.api.get(path));
        return show(context, usage, [&] { print(context, usage, 1000); });
    }
    const Duration pause = std::chrono::seconds(context.args.number("every").value_or(2));
    context.term.write("\x1b[2J");
    while (context.term.broken() == 0) {
        const json::Value usage = TRY(context.api.get(path));
        // What goes beyond the screen would push its top away.
        const auto height = static_cast<std::size_t>(std::max(context.deps.height, 10));
        std::size_t taken = 4;
        for (const json::Value& node : usage["nodes"].as_array())
            taken += 1 + (node["devices"].size() == 1 ? 0 : node["devices"].size());
        context.term.write("\x1b[H\x1b[J");
        print(context, usage, height > taken + 3 ? height - taken : 3);
        context.term.write(context.term.styled(Style::kDim, "Ctrl-C ends this"));
        context.deps.sleep(pause);
    }
    return 0;
}

}  // namespace

Command top_command() {
    return {{.words = {"top"},
             .summary = "Show live what running jobs use, and for operators what machines do",
             .details = "What was measured in the last minute; a dash stands for what was not. When the output is no "
                        "terminal it is shown once.",
             .options = {{.name = "once", .help = "show it once"},
                         {.name = "every",
                          .value = "SECONDS",
                          .help = "how often it is shown anew (default: 2)",
                          .range = std::pair{1, 3600}},
                         {.name = "limit",
                          .letter = 'n',
                          .value = "N",
                          .help = "how many jobs at most (default: 200)",
                          .range = std::pair{1, 1000}}},
             .examples = {"pintle top", "pintle top --once -o json"}},
            run};
}

}  // namespace pintle::cli
