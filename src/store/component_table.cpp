#include "store/component_table.hpp"

#include "document/stored_document.hpp"
#include "json/json_text.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO components (project_id, name, document) SELECT ?1, ?2, ?3 "
    "WHERE EXISTS (SELECT 1 FROM projects WHERE id = ?1) "
    "ON CONFLICT (project_id, name) DO UPDATE SET document = ?3";

}  // namespace

Result<void> save_component(Connection& connection, const domain::ComponentRecord& record) {
    return connection.run(kSave, record.project.str(), record.name, json::to_json(document::to_stored(record)));
}

Result<void> delete_component(Connection& connection, const domain::ProjectId& project, std::string_view name) {
    return connection.run("DELETE FROM components WHERE project_id = ?1 AND name = ?2", project.str(), name);
}

Result<std::optional<domain::ComponentRecord>> find_component(Connection& connection, const domain::ProjectId& project,
                                                              std::string_view name) {
    Statement row = TRY(connection.prepare("SELECT document FROM components WHERE project_id = ?1 AND name = ?2"));
    if (!TRY(row.bind(project.str(), name).step())) return std::nullopt;
    const json::Value document = TRY(json::parse_json(row.view(0)));
    return TRY(document::component_from_stored(document));
}

Result<std::vector<domain::ComponentRecord>> load_components(Connection& connection) {
    Statement rows = TRY(connection.prepare("SELECT document FROM components ORDER BY project_id, name"));
    std::vector<domain::ComponentRecord> records;
    while (TRY(rows.step())) {
        const json::Value document = TRY(json::parse_json(rows.view(0)));
        records.push_back(TRY(document::component_from_stored(document)));
    }
    return records;
}

}  // namespace pintle::store
