#include "store/user_table.hpp"

#include "base/text.hpp"
#include "store/cursor.hpp"
#include "store/text_match.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO users (id, name, role, status, group_id, password_hash, issuer, subject, created_at, updated_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, role = ?3, status = ?4, group_id = ?5, password_hash = ?6, "
    "issuer = ?7, subject = ?8, updated_at = ?10";
constexpr std::string_view kAnybody = "SELECT 1 FROM users LIMIT 1";
constexpr std::string_view kAdoptJobs = "UPDATE jobs SET owner = ?1 WHERE owner = ''";
constexpr std::string_view kAdoptAttempts = "UPDATE attempts SET owner = ?1 WHERE owner = ''";
constexpr std::string_view kName = "SELECT name FROM users WHERE id = ?1";

constexpr std::string_view kSelect =
    "SELECT id, name, role, status, group_id, password_hash, issuer, subject, created_at, updated_at FROM users";
constexpr std::string_view kById = "WHERE id = ?1";
constexpr std::string_view kByName = "INDEXED BY users_by_name WHERE name = ?1 ORDER BY id";
constexpr std::string_view kByIdentity = "WHERE issuer = ?1 AND subject = ?2";
constexpr std::string_view kFirstOperator =
    "INDEXED BY users_operators WHERE role = 'operator' AND status <> 'offboarded' ORDER BY created_at, id LIMIT 1";
constexpr std::string_view kAllByName = "INDEXED BY users_by_name WHERE (name, id) > (?1, ?2) ORDER BY name, id";
constexpr std::string_view kGroupByName =
    "INDEXED BY users_by_group WHERE group_id = ?3 AND (name, id) > (?1, ?2) ORDER BY name, id";

Result<Statement> select(Connection& connection, std::string_view which) {
    return connection.prepare(fmt::format("{} {}", kSelect, which));
}

template <class T>
Result<T> known(const std::optional<T>& value, std::string_view what, std::string_view text) {
    if (value) return *value;
    return fail(ErrorCode::kCorrupt, "the database holds the unknown {} \"{}\"", what,
                to_valid_utf8(text.substr(0, 80)));
}

Result<domain::User> read_user(const Statement& row) {
    domain::User user;
    user.id = domain::UserId(row.text(0));
    user.name = row.text(1);
    user.role = TRY(known(domain::role_from(row.view(2)), "role", row.view(2)));
    user.status = TRY(known(domain::user_status_from(row.view(3)), "status of a user", row.view(3)));
    user.group = domain::GroupId(row.text(4));
    user.password_hash = row.text(5);
    if (!row.is_null(6)) user.external = domain::ExternalIdentity{row.text(6), row.text(7)};
    user.created_at = row.time(8);
    user.updated_at = row.time(9);
    return user;
}

Result<std::optional<domain::User>> read_one(Statement& row) {
    if (!TRY(row.step())) return std::nullopt;
    return TRY(read_user(row));
}

}  // namespace

Result<void> save_user(Connection& connection, const domain::User& user) {
    const bool first = !TRY(connection.integer(kAnybody)).has_value();
    std::optional<std::string_view> issuer, subject;
    if (user.external) {
        issuer = user.external->issuer;
        subject = user.external->subject;
    }
    TRY(connection.run(kSave, user.id.str(), user.name, domain::to_string(user.role), domain::to_string(user.status),
                       user.group.str(), user.password_hash, issuer, subject, user.created_at, user.updated_at));
    if (!first || user.role != domain::Role::kOperator) return {};
    TRY(connection.run(kAdoptJobs, user.id.str()));
    return connection.run(kAdoptAttempts, user.id.str());
}

Result<std::vector<domain::User>> load_users(Connection& connection) {
    Statement rows = TRY(connection.prepare(kSelect));
    std::vector<domain::User> users;
    while (TRY(rows.step())) users.push_back(TRY(read_user(rows)));
    return users;
}

Result<std::optional<domain::User>> find_user(Connection& connection, const domain::UserId& id) {
    Statement row = TRY(select(connection, kById));
    return read_one(row.bind(id.str()));
}

Result<std::optional<domain::User>> find_first_operator(Connection& connection) {
    Statement row = TRY(select(connection, kFirstOperator));
    return read_one(row);
}

Result<std::optional<domain::User>> find_user_named(Connection& connection, std::string_view name) {
    Statement rows = TRY(select(connection, kByName));
    rows.bind(name);
    std::optional<domain::User> found;
    while (TRY(rows.step())) {
        domain::User user = TRY(read_user(rows));
        const bool present = user.status != domain::UserStatus::kOffboarded;
        if (present || !found) found = std::move(user);
        if (present) break;
    }
    return found;
}

Result<std::optional<domain::User>> find_user_external(Connection& connection,
                                                       const domain::ExternalIdentity& identity) {
    Statement row = TRY(select(connection, kByIdentity));
    return read_one(row.bind(identity.issuer, identity.subject));
}

Result<Page<domain::User>> list_users(Connection& connection, const UserFilter& filter, const PageRequest& page) {
    constexpr std::size_t kExaminedMost = 5000;
    TRY(check_limit(page.limit));
    const TextMatch match = TRY(TextMatch::of(filter.text));
    const auto after = page.cursor.empty() ? NamePlace{} : TRY(read_name_cursor('u', page.cursor));
    Statement rows = TRY(select(connection, filter.group ? kGroupByName : kAllByName));
    rows.bind(after.name, after.id);
    if (filter.group) rows.bind_one(3, filter.group->str());
    Page<domain::User> found;
    NamePlace last;
    for (std::size_t examined = 0; TRY(rows.step()); ++examined) {
        if (found.items.size() == page.limit || examined == kExaminedMost) {
            found.next = write_name_cursor('u', last);
            break;
        }
        last = {rows.text(1), rows.text(0)};
        const bool gone = rows.view(3) == domain::to_string(domain::UserStatus::kOffboarded);
        if ((gone && !filter.include_offboarded) || !match.in({rows.view(1)})) continue;
        found.items.push_back(TRY(read_user(rows)));
    }
    return found;
}

Result<std::string> UserNames::of(const domain::UserId& id) {
    if (id.empty()) return std::string();
    const auto [known, is_new] = known_.try_emplace(id);
    if (is_new) {
        Statement row = TRY(connection_.prepare(kName));
        if (TRY(row.bind(id.str()).step())) known->second = row.text(0);
    }
    return known->second;
}

}  // namespace pintle::store
