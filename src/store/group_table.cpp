#include "store/group_table.hpp"

#include <algorithm>

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO groups (id, name, pool_id, fair_share, cohort, nominal, borrow_limit, reclaim, created_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, pool_id = ?3, fair_share = ?4, cohort = ?5, nominal = ?6, "
    "borrow_limit = ?7, reclaim = ?8";
constexpr std::string_view kDelete = "DELETE FROM groups WHERE id = ?1";
constexpr std::string_view kLoad =
    "SELECT id, name, pool_id, fair_share, cohort, nominal, borrow_limit, reclaim, created_at FROM groups";

domain::Group read_group(const Statement& row) {
    domain::Group group;
    group.id = domain::GroupId(row.text(0));
    group.name = row.text(1);
    group.pool = domain::PoolId(row.text(2));
    group.fair_share = row.boolean(3);
    if (!row.is_null(4)) {
        domain::Borrowing& borrowing = group.borrowing.emplace();
        borrowing.cohort = row.text(4);
        if (!row.is_null(5)) borrowing.nominal = static_cast<int>(row.integer(5));
        borrowing.limit = static_cast<int>(row.integer(6));
        borrowing.reclaim = row.boolean(7);
    }
    group.created_at = row.time(8);
    return group;
}

}  // namespace

Result<void> save_group(Connection& connection, const domain::Group& group) {
    const domain::Borrowing borrowing = group.borrowing.value_or(domain::Borrowing{});
    const std::optional<std::string_view> cohort =
        group.borrowing ? std::optional<std::string_view>(borrowing.cohort) : std::nullopt;
    return connection.run(kSave, group.id.str(), group.name, group.pool.str(), group.fair_share, cohort,
                          borrowing.nominal, borrowing.limit, borrowing.reclaim, group.created_at);
}

Result<void> delete_group(Connection& connection, const domain::GroupId& id) {
    return connection.run(kDelete, id.str());
}

Result<std::vector<domain::Group>> load_groups(Connection& connection) {
    Statement rows = TRY(connection.prepare(kLoad));
    std::vector<domain::Group> groups;
    while (TRY(rows.step())) groups.push_back(read_group(rows));
    std::sort(groups.begin(), groups.end(), [](const domain::Group& a, const domain::Group& b) {
        return std::tie(a.name, a.id) < std::tie(b.name, b.id);
    });
    return groups;
}

}  // namespace pintle::store
