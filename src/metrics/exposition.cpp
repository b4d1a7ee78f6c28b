#include "metrics/exposition.hpp"

#include <fmt/core.h>

#include <cmath>

#include "base/text.hpp"

namespace pintle::metrics {
namespace {

std::string escaped(std::string_view text, bool is_label) {
    std::string out;
    for (const char c : to_valid_utf8(text)) {
        if (c == '\\') out += "\\\\";
        else if (c == '\n') out += "\\n";
        else if (c == '"' && is_label) out += "\\\"";
        else out += c;
    }
    return out;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

}  // namespace

void Exposition::family(std::string name, std::string help, Kind kind) {
    name_ = std::move(name);
    help_ = std::move(help);
    kind_ = kind;
    told_ = false;
}

void Exposition::sample(double value, const Labels& labels) {
    if (!told_) {
        text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, escaped(help_, false), name_,
                             kind_ == Kind::kGauge ? "gauge" : "counter");
        told_ = true;
    }
    text_ += name_;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        text_ += fmt::format("{}{}=\"{}\"", i == 0 ? "{" : ",", labels[i].first, escaped(labels[i].second, true));
    }
    text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", number(value));
}

}  // namespace pintle::metrics
