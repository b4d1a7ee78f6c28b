#include "store/chore_table.hpp"

#include "document/stored_document.hpp"
#include "json/json_text.hpp"

namespace pintle::store {

Result<void> save_chore(Connection& connection, const domain::Chore& chore) {
    return connection.run("INSERT OR REPLACE INTO chores (id, document) VALUES (?1, ?2)", chore.id,
                          json::to_json(document::to_stored(chore)));
}

Result<void> delete_chore(Connection& connection, std::string_view id) {
    return connection.run("DELETE FROM chores WHERE id = ?1", id);
}

Result<std::vector<domain::Chore>> load_chores(Connection& connection) {
    Statement rows = TRY(connection.prepare("SELECT document FROM chores ORDER BY rowid"));
    std::vector<domain::Chore> chores;
    while (TRY(rows.step())) {
        const json::Value document = TRY(json::parse_json(rows.view(0)));
        chores.push_back(TRY(document::chore_from_stored(document)));
    }
    return chores;
}

}  // namespace pintle::store
