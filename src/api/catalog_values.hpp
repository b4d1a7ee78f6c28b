#pragma once

#include <string>
#include <vector>

#include "catalog/template_fault.hpp"
#include "json/value.hpp"
#include "runtime/catalogs.hpp"

namespace pintle::api {

/// Catalogs and templates in the wire's words. Pure; any thread.

/// CatalogState. Folders of the server's machine are told to its operators.
[[nodiscard]] json::Value catalog_value(const runtime::CatalogState& state, bool for_operator);
[[nodiscard]] json::Value template_short_value(const runtime::CatalogState& state, const catalog::ProjectTemplate& of);
/// TemplateFull. `storages` are the server's: where a template's default is none of them, it is the first.
[[nodiscard]] json::Value template_value(const runtime::CatalogState& state, const catalog::ProjectTemplate& of,
                                         const std::vector<std::string>& storages);
[[nodiscard]] json::Value template_faults_value(const std::vector<catalog::TemplateFault>& faults);

}  // namespace pintle::api
