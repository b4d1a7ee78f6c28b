#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "catalog/wizard.hpp"

namespace pintle::catalog {

/// What somebody gave for a template's values: of an entry with a wizard its value alone, or a mapping of its parts; of
/// any other value all of it. An edited values.yaml is that too.
struct GivenValues {
    json::Value values = json::Value::object();
    std::vector<std::pair<std::string, std::string>> texts;  ///< As written at a terminal: {"src.revision", "v1"}.
};

/// Every value of the template, checked: those given, else the defaults. `storages` are the server's; where a default
/// names none of them it is the first.
/// Failure: kInvalid with a fault for each value, by its path ("src.revision"): not known, of the wrong type, none of
/// the options, required and not given.
[[nodiscard]] Result<json::Value> complete_values(const TemplateDefaults& defaults, const GivenValues& given,
                                                  const std::vector<std::string>& storages);

}  // namespace pintle::catalog
