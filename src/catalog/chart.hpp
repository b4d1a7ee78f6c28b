#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/template_fault.hpp"

namespace pintle::catalog {

struct Maintainer {
    std::string name;
    std::string email;
    std::string url;
};

/// What a template says of itself: its Chart.yaml.
struct Chart {
    std::string name;
    std::string version;
    std::string description;
    std::vector<std::string> keywords;
    std::string icon;  ///< As it is written: a URL, or the path of a picture of the template.
    std::string home;
    std::vector<Maintainer> maintainers;
    std::string engine = "gotpl";
    std::string type = "mlapp-v2";
};

inline constexpr std::string_view kChartFile = "Chart.yaml";

/// Reads a Chart.yaml; `faults` gets what is wrong with it, and the chart has what could be read. Fields may be written
/// with a small first letter; unknown ones are others' business.
[[nodiscard]] Chart read_chart(std::string_view text, std::vector<TemplateFault>& faults);

}  // namespace pintle::catalog
