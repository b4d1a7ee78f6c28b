#include <algorithm>
#include <cmath>

#include "cli/commands/commands.hpp"
#include "cli/sparkline.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kCells = 30;

struct Numbers {
    double least = 0;
    double mean = 0;
    double most = 0;
    double last = 0;
};

std::vector<double> numbers_in(const json::Value& list) {
    std::vector<double> numbers;
    if (!list.is_array()) return numbers;
    for (const json::Value& number : list.as_array())
        numbers.push_back(number.is_number() ? number.as_double() : std::nan(""));
    return numbers;
}

Numbers numbers_of(const std::vector<double>& least, const std::vector<double>& mean, const std::vector<double>& most,
                   const std::vector<double>& count) {
    Numbers all;
    all.least = *std::min_element(least.begin(), least.end());
    all.most = *std::max_element(most.begin(), most.end());
    all.last = mean.back();
    double samples = 0;
    for (std::size_t i = 0; i < mean.size() && i < count.size(); ++i) {
        all.mean += mean[i] * count[i];
        samples += count[i];
    }
    if (samples > 0) all.mean /= samples;
    return all;
}

// The points by their seconds, so that a gap is one.
std::vector<std::optional<double>> cells_of(const std::vector<double>& x, const std::vector<double>& mean) {
    std::vector<double> sums(kCells), counts(kCells);
    const double first = x.front(), span = std::max(x.back() - first, 1e-9);
    for (std::size_t i = 0; i < x.size() && i < mean.size(); ++i) {
        const auto cell = std::min(static_cast<std::size_t>((x[i] - first) / span * kCells), kCells - 1);
        sums[cell] += mean[i];
        ++counts[cell];
    }
    std::vector<std::optional<double>> cells(kCells);
    for (std::size_t i = 0; i < kCells; ++i) {
        if (counts[i] > 0) cells[i] = sums[i] / counts[i];
    }
    return cells;
}

// Few points are spread out: there is no gap between them, only less to tell.
std::string line_of(const json::Value& metric, const std::vector<double>& x, const std::vector<double>& mean,
                    const Numbers& numbers) {
    const bool from_zero = !metric["reported"].as_bool();
    const double least = from_zero ? std::min(0.0, numbers.least) : *std::min_element(mean.begin(), mean.end());
    const double most = *std::max_element(mean.begin(), mean.end());
    if (x.size() > kCells) return sparkline(cells_of(x, mean), least, most);
    return sparkline({mean.begin(), mean.end()}, least, most);
}

void add_row(Context& context, Table& table, const json::Value& metric, const json::Value& curve) {
    const auto x = numbers_in(curve["x"]), mean = numbers_in(curve["mean"]), least = numbers_in(curve["min"]),
               most = numbers_in(curve["max"]);
    if (x.empty() || mean.empty() || least.empty() || most.empty()) return;
    const Numbers numbers = numbers_of(least, mean, most, numbers_in(curve["count"]));
    const std::string unit = text_of(metric, "unit");
    const auto shown = [&](double value) { return Table::Cell(with_unit(value, unit)); };
    std::string step;
    if (curve["step"].is_array() && curve["step"].size() > 0) {
        const json::Value& last = curve["step"][curve["step"].size() - 1];
        if (last.is_int()) step = std::to_string(last.as_int());
    }
    table.add(
        {context.term.plain(text_of(metric, context.term.is_terminal() ? "title" : "name")),
         context.term.plain(text_of(curve, "label")),
         context.term.is_terminal() ? Table::Cell(line_of(metric, x, mean, numbers), Style::kBusy) : Table::Cell(""),
         shown(numbers.least), shown(numbers.mean), shown(numbers.most), shown(numbers.last), step});
}

void print(Context& context, const json::Value& metrics) {
    Table table({{"metric"},
                 {"of"},
                 {"over time"},
                 {"min", true},
                 {"mean", true},
                 {"max", true},
                 {"last", true},
                 {"step", true}});
    for (const json::Value& metric : metrics["metrics"].as_array()) {
        for (const json::Value& curve : metric["curves"].as_array()) add_row(context, table, metric, curve);
    }
    if (const std::string note = text_of(metrics, "note"); !note.empty()) context.term.error_line("note: " + note);
    if (table.rows() == 0) return context.term.line("nothing was measured yet");
    table.print(context.term);
    if (metrics["has_more"].as_bool())
        context.term.error_line("there are more metrics; name those you want: --metrics NAME,NAME");
}

std::string path_of(const Context& context, const std::string& format) {
    const bool human = !context.structured() && format.empty();
    return job_path(context) + "/metrics" +
           query({{"interval", context.args.get("interval")},
                  {"details", context.args.has("details")   ? "replicas"
                              : context.args.has("devices") ? "devices"
                                                            : ""},
                  {"metrics", context.args.get("metrics")},
                  {"max_points", context.args.has("points") ? context.args.get("points")
                                 : human                    ? std::to_string(4 * kCells)
                                                            : ""},
                  {"format", format}});
}

Result<int> run(Context& context) {
    if (context.args.get("format") == "csv") {
        context.term.write(context.term.shown(TRY(context.api.text({.path = path_of(context, "csv")}))));
        return 0;
    }
    const json::Value metrics = TRY(context.api.get(path_of(context, "")));
    return show(context, metrics, [&] { print(context, metrics); });
}

}  // namespace

Command metrics_command() {
    return {
        {.words = {"metrics"},
         .summary = "Show what a job used and what it reported",
         .details = "Over its whole run, or the last week of a longer one. The replicas together, unless --details "
                    "tells them apart; "
                    "what programs report is always told apart.",
         .positionals = {job_argument()},
         .options =
             {{.name = "interval",
               .value = "STEP",
               .help = "how much time one point stands for, at least (default: 10s, or how often the job is sampled)",
               .choices = {"10s", "30s", "1m", "5m", "10m", "30m", "1h"}},
              {.name = "details", .help = "each replica on its own"},
              {.name = "devices", .help = "each GPU on its own, too"},
              {.name = "metrics", .value = "NAMES", .help = "only these, with commas between them: cpu_percent,loss"},
              {.name = "points",
               .value = "N",
               .help = "how many points at most, for json and csv (default: 1000)",
               .range = std::pair{2, 10'000}},
              {.name = "format",
               .letter = 'o',
               .value = "FORMAT",
               .help = "also csv: a line for each point",
               .choices = {"table", "wide", "json", "yaml", "csv"}}},
         .examples = {"pintle metrics digits/train:3",
                      "pintle metrics digits/train:3 --details --interval 1m -o csv > curves.csv"}},
        run};
}

}  // namespace pintle::cli
