#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pintle::metrics {

/// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): families of samples,
/// each with a line of help and one of its type. Pure; one thread.
class Exposition {
public:
    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";
    using Labels = std::vector<std::pair<std::string, std::string>>;

    enum class Kind { kGauge, kCounter };
    /// Begins a family; samples that follow are its own. A family without samples is left out.
    void family(std::string name, std::string help, Kind kind = Kind::kGauge);
    void sample(double value, const Labels& labels = {});

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
    std::string name_, help_;
    Kind kind_ = Kind::kGauge;
    bool told_ = true;
};

}  // namespace pintle::metrics
