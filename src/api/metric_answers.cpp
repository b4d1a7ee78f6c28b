#include "api/metric_answers.hpp"

#include <cmath>

#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::api {

using chart::Chart;
using chart::Curve;
using json::Value;

namespace {

bool wants_csv(const Call& call) {
    if (call.has_query("format")) return call.query("format") == "csv";
    return call.request.headers.get("Accept").find("text/csv") != std::string_view::npos;
}

// Six digits: a mean of values of four has no more to tell, and is short.
double short_number(double value) {
    if (value == 0 || !std::isfinite(value)) return value;
    const int digits = 5 - static_cast<int>(std::floor(std::log10(std::fabs(value))));
    if (digits < 0 || digits > 15) return value;
    const double unit = std::pow(10, digits);
    return std::round(value * unit) / unit;
}

// Most are whole, and shorter as such.
Value number_value(double value) {
    constexpr double kExact = 9e15;
    if (std::fabs(value) < kExact && std::trunc(value) == value) return Value(static_cast<std::int64_t>(value));
    return Value(value);
}

double seconds_of(const Chart& chart, const series::Bucket& point) {
    return static_cast<double>(std::max<std::int64_t>(0, (point.start - chart.frame.start).count())) / 1000;
}

std::string device_name(const MetricsOf& of, const std::string& device) {
    const auto found = of.device_names.find(device);
    return found == of.device_names.end() ? device : found->second;
}

std::string label_of(const MetricsOf& of, const Curve& curve) {
    if (curve.replica.empty() && curve.device.empty()) return of.name;
    if (curve.device.empty()) return curve.replica;
    const std::string device = device_name(of, curve.device);
    return curve.replica.empty() ? device : curve.replica + " " + device;
}

Value curve_value(const MetricsOf& of, const Chart& chart, const Curve& curve) {
    json::Array x, min, mean, max, count, step;
    bool has_step = false;
    for (const series::Bucket& point : curve.points) {
        x.push_back(number_value(seconds_of(chart, point)));
        min.push_back(number_value(point.min));
        mean.push_back(number_value(chart.reported ? point.mean : short_number(point.mean)));
        max.push_back(number_value(point.max));
        count.push_back(Value(point.count));
        step.push_back(Value(point.step));
        has_step = has_step || point.step.has_value();
    }
    return Value::object({{"label", label_of(of, curve)},
                          {"replica", text_or_null(curve.replica)},
                          {"device", text_or_null(curve.device)},
                          {"x", Value(std::move(x))},
                          {"min", Value(std::move(min))},
                          {"mean", Value(std::move(mean))},
                          {"max", Value(std::move(max))},
                          {"count", Value(std::move(count))},
                          {"step", has_step ? Value(std::move(step)) : Value()}});
}

Value chart_value(const MetricsOf& of, const Chart& chart) {
    const chart::Metric* metric = chart.reported ? nullptr : chart::find_metric(chart.name);
    json::Array curves;
    for (const Curve& curve : chart.curves) curves.push_back(curve_value(of, chart, curve));
    return Value::object({{"name", to_valid_utf8(chart.name)},
                          {"title", metric == nullptr ? to_valid_utf8(chart.name) : std::string(metric->title)},
                          {"unit", metric == nullptr ? Value() : Value(metric->unit)},
                          {"reported", chart.reported},
                          {"joined_by", metric == nullptr ? Value() : Value(chart::to_string(metric->joined_by))},
                          {"width_ms", static_cast<std::int64_t>(chart.frame.width.count())},
                          {"curves", Value(std::move(curves))}});
}

Value metrics_value(const MetricsOf& of, const chart::Charts& charts) {
    json::Array names, metrics;
    for (const std::string& name : charts.names) names.push_back(Value(to_valid_utf8(name)));
    for (const Chart& chart : charts.charts) metrics.push_back(chart_value(of, chart));
    return Value::object({{"name", of.name},
                          {"type", of.type},
                          {"job", text_or_null(of.job)},
                          {"start", time_value(of.frame.start)},
                          {"end", time_value(of.ended_at)},
                          {"from", time_value(of.frame.from)},
                          {"to", time_value(of.frame.to)},
                          {"width_ms", static_cast<std::int64_t>(of.frame.width.count())},
                          {"note", text_or_null(of.note)},
                          {"names", Value(std::move(names))},
                          {"has_more", charts.has_more},
                          {"metrics", Value(std::move(metrics))}});
}

// A spreadsheet takes what begins with these for a formula.
std::string csv_text(const std::string& text) {
    const std::string clean = to_valid_utf8(text);
    const bool formula = !clean.empty() && std::string_view("=+-@\t\r").find(clean.front()) != std::string_view::npos;
    if (!formula && clean.find_first_of(",\"\r\n") == std::string::npos) return clean;
    return '"' + std::string(formula ? "'" : "") + replace_all(clean, "\"", "\"\"") + '"';
}

std::string number_text(double value) {
    std::string text;
    json::append_json(text, number_value(value));
    return text;
}

std::string csv(const MetricsOf& of, const chart::Charts& charts) {
    std::string text = "metric,unit,reported,replica,device,time,seconds,min,mean,max,count,step\n";
    for (const Chart& chart : charts.charts) {
        const chart::Metric* metric = chart.reported ? nullptr : chart::find_metric(chart.name);
        for (const Curve& curve : chart.curves) {
            const std::string head =
                fmt::format("{},{},{},{},{},", csv_text(chart.name), metric == nullptr ? "" : metric->unit,
                            chart.reported, csv_text(curve.replica), csv_text(device_name(of, curve.device)));
            for (const series::Bucket& point : curve.points) {
                text += head;
                text += fmt::format("{},{},{},{},{},{},{}\n", to_iso(point.start),
                                    number_text(seconds_of(chart, point)), number_text(point.min),
                                    number_text(chart.reported ? point.mean : short_number(point.mean)),
                                    number_text(point.max), point.count, point.step ? std::to_string(*point.step) : "");
            }
        }
    }
    return text;
}

}  // namespace

chart::Wish wish_of(Call& call, chart::Detail otherwise) {
    chart::Wish wish;
    const std::string details = call.query("details");
    wish.detail = details.empty()          ? otherwise
                  : details == "replicas"  ? chart::Detail::kReplica
                  : details == "devices"   ? chart::Detail::kDevice
                                           : chart::Detail::kWhole;
    wish.most_points = static_cast<std::size_t>(call.query_whole("max_points").value_or(1000));
    for (const std::string& name : split(call.query("metrics"), ',')) {
        if (const std::string_view known = trim(name); !known.empty()) wish.metrics.emplace_back(known);
    }
    return wish;
}

std::vector<QueryParam> metric_params(std::vector<QueryParam> first) {
    using Type = QueryParam::Type;
    first.push_back({"details", "What has a curve of its own: everything together, each replica, or each GPU too.",
                     Type::kWords, 0, 0, "none|replicas|devices"});
    first.push_back({"max_points",
                     "How many points a curve has at most (1000). Where the steps would be more, they are made wider.",
                     Type::kWhole, static_cast<std::int64_t>(chart::kFewestPoints),
                     static_cast<std::int64_t>(chart::kMostPoints)});
    first.push_back({"metrics", "Only these, by name, with commas between them."});
    first.push_back(
        {"format", "The same as the header Accept with application/json or text/csv.", Type::kWords, 0, 0, "json|csv"});
    return first;
}

Result<net::Response> metrics_answer(Call& call, const MetricsOf& of) {
    const chart::Charts charts = TRY(chart::draw(of.folders, of.frame, of.wish));
    if (!wants_csv(call)) return json_answer(metrics_value(of, charts));
    net::Response response = text_answer(csv(of, charts), "text/csv; charset=utf-8");
    response.headers.set("Content-Disposition", attachment(replace_all(of.name, ":", "-") + ".csv"));
    return response;
}

}  // namespace pintle::api
