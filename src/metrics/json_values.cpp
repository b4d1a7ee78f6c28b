#include "metrics/json_values.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::metrics {
namespace {

constexpr std::size_t kValuesMax = 1000;  // Of one line.
constexpr std::size_t kDepthMax = 4;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// As Python's json module writes them, which JSON has no words for.
std::string quote_not_numbers(std::string_view line) {
    std::string out;
    bool in_text = false;
    for (std::size_t i = 0; i < line.size();) {
        const char c = line[i];
        if (in_text && c == '\\') {
            out += line.substr(i, 2);
            i += 2;
            continue;
        }
        if (c == '"') in_text = !in_text;
        const std::size_t sign = c == '-' ? 1 : 0;
        std::size_t length = 0;
        for (const std::string_view word : {"NaN", "Infinity"}) {
            if (!in_text && line.substr(i + sign, word.size()) == word) length = sign + word.size();
        }
        const bool ends = i + length >= line.size() || !is_word(line[i + length]);
        if (length > 0 && ends) {
            out += fmt::format("\"{}\"", line.substr(i, length));
            i += length;
            continue;
        }
        out += c;
        ++i;
    }
    return out;
}

std::optional<double> number_of(const json::Value& value) {
    if (value.is_number()) return value.as_double();
    if (value.is_bool()) return value.as_bool() ? 1 : 0;
    return value.is_string() ? parse_value(value.as_string()) : std::nullopt;
}

std::optional<Time> time_of(const json::Value& value) {
    if (value.is_number()) return time_from_number(value.as_double());
    if (!value.is_string()) return std::nullopt;
    const auto iso = time_from_iso(value.as_string());
    if (iso) return *iso;
    const auto number = parse_value(value.as_string());
    return number ? time_from_number(*number) : std::nullopt;
}

bool is_time_name(std::string_view name) { return name == "time" || name == "timestamp"; }

void collect(const json::Value& object, const std::string& before, std::size_t depth,
             std::vector<ReportedValue>& values) {
    for (const json::Member& member : object.as_object()) {
        if (before.empty() && is_time_name(member.key)) continue;
        const std::string name = before + member.key;
        if (member.value.is_object() && depth < kDepthMax) collect(member.value, name + "/", depth + 1, values);
        const auto number = number_of(member.value);
        if (!number || !is_value_name(name) || values.size() >= kValuesMax) continue;
        values.push_back({name, *number, std::nullopt, std::nullopt});
    }
}

}  // namespace

std::vector<ReportedValue> read_json_line(std::string_view line) {
    line = trim(line);
    if (line.size() > kJsonLineMax || !line.starts_with('{')) return {};
    json::JsonLimits limits;
    limits.max_bytes = 2 * kJsonLineMax;
    limits.max_nodes = 10'000;
    limits.max_depth = 8;
    auto parsed = json::parse_json(line, limits);
    if (!parsed) parsed = json::parse_json(quote_not_numbers(line), limits);
    if (!parsed || !parsed->is_object()) return {};
    std::vector<ReportedValue> values;
    collect(*parsed, "", 1, values);
    take_step(values);
    std::optional<Time> at;
    for (const char* name : {"timestamp", "time"}) {
        if (const json::Value* time = parsed->find(name)) at = time_of(*time);
    }
    for (ReportedValue& value : values) value.at = at;
    return values;
}

Lines divide_lines(std::string_view bytes, bool within, bool ended) {
    Lines lines;
    lines.within = within;
    while (lines.used < bytes.size()) {
        const std::size_t end = bytes.find('\n', lines.used);
        const bool is_whole = end != std::string_view::npos;
        const std::string_view line = bytes.substr(lines.used, is_whole ? end - lines.used : end);
        if (!is_whole && !ended && !lines.within && line.size() <= kJsonLineMax) return lines;
        if (!lines.within && line.size() <= kJsonLineMax) lines.whole.push_back(line);
        lines.within = !is_whole && (lines.within || line.size() > kJsonLineMax);
        lines.used += line.size() + (is_whole ? 1 : 0);
    }
    return lines;
}

}  // namespace pintle::metrics
