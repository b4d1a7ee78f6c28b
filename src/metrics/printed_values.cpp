#include "metrics/printed_values.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"

namespace pintle::metrics {
namespace {

constexpr std::size_t kValuesMax = 100;  // Of one line.
constexpr std::string_view kBetween = " \t,;\r";

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/' || c == '|' || c == '@';
}

std::optional<ReportedValue> read_token(std::string_view token) {
    const std::size_t equals = token.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = token.substr(0, equals);
    if (name.empty() || !is_name_start(name[0]) || !std::all_of(name.begin(), name.end(), is_name_part))
        return std::nullopt;
    const auto value = parse_value(token.substr(equals + 1));
    if (!value || !is_value_name(name)) return std::nullopt;
    return ReportedValue{std::string(name), *value, std::nullopt, std::nullopt};
}

bool is_time(std::string_view token) {
    return token.size() >= 20 && time_from_iso(std::string(token.substr(0, 19)) + "Z").has_value();
}

std::vector<ReportedValue> read_plain(std::string_view line) {
    std::vector<ReportedValue> values;
    bool first = true;
    while (true) {
        const std::size_t begin = line.find_first_not_of(kBetween);
        if (begin == std::string_view::npos) return values;
        line.remove_prefix(begin);
        const std::string_view token = line.substr(0, line.find_first_of(kBetween));
        line.remove_prefix(token.size());
        auto value = read_token(token);
        if (!value && !(first && is_time(token))) return {};
        first = false;
        if (value) values.push_back(std::move(*value));
        if (values.size() > kValuesMax) return {};
    }
}

}  // namespace

struct PrintedValues::Expression {
    Expression(const std::string& pattern, const RE2::Options& options) : re2(pattern, options) {}
    RE2 re2;
    int name = 1, value = 2, step = 0;  ///< Numbers of groups.
};

PrintedValues::PrintedValues() = default;
PrintedValues::PrintedValues(PrintedValues&&) noexcept = default;
PrintedValues& PrintedValues::operator=(PrintedValues&&) noexcept = default;
PrintedValues::~PrintedValues() = default;

Result<PrintedValues> PrintedValues::make(const std::string& pattern) {
    PrintedValues made;
    if (pattern.empty()) return made;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(8 << 20);
    auto expression = std::make_unique<Expression>(pattern, options);
    if (!expression->re2.ok())
        return fail(ErrorCode::kInvalid, "\"{}\" is not a regular expression: {}", pattern, expression->re2.error());
    const auto& names = expression->re2.NamedCapturingGroups();
    if (const auto found = names.find("name"); found != names.end()) expression->name = found->second;
    if (const auto found = names.find("value"); found != names.end()) expression->value = found->second;
    if (const auto found = names.find("step"); found != names.end()) expression->step = found->second;
    if (expression->re2.NumberOfCapturingGroups() < 2)
        return fail(ErrorCode::kInvalid, "\"{}\" needs two groups, for the name and for the value", pattern);
    made.expression_ = std::move(expression);
    return made;
}

std::vector<ReportedValue> PrintedValues::read(std::string_view line) const {
    if (line.size() > kLineMax) return {};
    std::vector<ReportedValue> values;
    if (!expression_) {
        // Most lines are none of ours.
        if (line.find('=') == std::string_view::npos) return {};
        values = read_plain(line);
    } else {
        const int groups = 1 + expression_->re2.NumberOfCapturingGroups();
        std::vector<re2::StringPiece> found(static_cast<std::size_t>(groups));
        const re2::StringPiece text(line.data(), line.size());
        std::size_t from = 0;
        while (from <= line.size() && values.size() < kValuesMax &&
               expression_->re2.Match(text, from, line.size(), RE2::UNANCHORED, found.data(), groups)) {
            const std::size_t end = static_cast<std::size_t>(found[0].data() - line.data()) + found[0].size();
            from = found[0].empty() ? end + 1 : end;
            const auto group = [&](int number) {
                const re2::StringPiece& piece = found[static_cast<std::size_t>(number)];
                return std::string_view(piece.data() == nullptr ? "" : piece.data(), piece.size());
            };
            const auto value = parse_value(group(expression_->value));
            if (!value || !is_value_name(group(expression_->name))) continue;
            ReportedValue reported{std::string(group(expression_->name)), *value, std::nullopt, std::nullopt};
            if (expression_->step > 0) reported.step = parse_int(group(expression_->step));
            values.push_back(std::move(reported));
        }
    }
    take_step(values);
    return values;
}

}  // namespace pintle::metrics
