#include "catalog/chart.hpp"

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/yaml_text.hpp"

namespace pintle::catalog {
namespace {

constexpr std::size_t kTextMost = 4096;

void check_length(json::Reader& chart, const char* field, const std::string& text) {
    if (text.size() > kTextMost)
        chart.error_at(field, fmt::format("at most {} bytes, these are {}", kTextMost, text.size()));
}

Maintainer read_maintainer(json::Reader& item) {
    Maintainer maintainer;
    if (item.value().is_string()) {
        maintainer.name = item.as_text().value_or("");
        return maintainer;
    }
    maintainer.name = item.scalar_text({"Name", "name"}, "");
    maintainer.email = item.scalar_text({"Email", "email"}, "");
    maintainer.url = item.scalar_text({"URL", "Url", "url"}, "");
    return maintainer;
}

}  // namespace

Chart read_chart(std::string_view text, std::vector<TemplateFault>& faults) {
    const std::string file(kChartFile);
    Chart chart;
    const auto document = json::parse_yaml(text);
    if (!document) {
        add_faults(faults, file, document.error());
        return chart;
    }
    json::Faults found;
    json::Reader reader(*document, "", found);
    chart.name = reader.scalar_text({"Name", "name"}, json::kRequired);
    chart.version = reader.scalar_text({"Version", "version"}, json::kRequired);
    chart.description = reader.scalar_text({"Description", "description"}, "");
    chart.keywords = reader.scalar_text_list({"Keywords", "keywords"});
    chart.icon = reader.scalar_text({"Icon", "icon"}, "");
    chart.home = reader.scalar_text({"Home", "home"}, "");
    for (json::Reader& item : reader.list({"Maintainers", "maintainers"}))
        chart.maintainers.push_back(read_maintainer(item));
    chart.engine = reader.scalar_text({"Engine", "engine"}, chart.engine);
    chart.type = reader.scalar_text({"Type", "type"}, chart.type);
    for (const auto& [field, value] : {std::pair{"Name", &chart.name},
                                       {"Version", &chart.version},
                                       {"Description", &chart.description},
                                       {"Icon", &chart.icon}}) {
        check_length(reader, field, *value);
    }
    if (document->is_object() && trim(chart.name).empty() && reader.raw({"Name", "name"}) != nullptr)
        reader.error_at("Name", "a template needs a name");
    if (chart.engine != "gotpl") {
        reader.error_at(
            "Engine",
            fmt::format("expected gotpl, which is what configurations of templates are written in, got \"{}\"",
                        to_valid_utf8(chart.engine.substr(0, 80))));
    }
    if (chart.type != "mlapp-v2" && chart.type != "mlapp") {
        reader.error_at("Type", fmt::format("expected mlapp-v2, a template of a project, got \"{}\"",
                                            to_valid_utf8(chart.type.substr(0, 80))));
    }
    if (const auto sound = found.result(kChartFile); !sound) add_faults(faults, file, sound.error());
    return chart;
}

}  // namespace pintle::catalog
