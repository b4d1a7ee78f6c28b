#include "store/tag_table.hpp"

#include "base/text.hpp"

// No tag has a line break, so one between two tags is never a part of either.
namespace pintle::store {
namespace {

constexpr std::string_view kSetColumn =
    "UPDATE jobs SET tags = ?2 WHERE id = ?1 RETURNING seq, submitted_at, project_id";
constexpr std::string_view kForget = "DELETE FROM job_tags WHERE job = ?1";
constexpr std::string_view kAdd = "INSERT INTO job_tags (tag, submitted_at, job) VALUES (?1, ?2, ?3)";
constexpr std::string_view kFind = "SELECT tags FROM jobs WHERE id = ?1";

std::string column_of(const std::vector<std::string>& tags) {
    return tags.empty() ? std::string() : fmt::format("\n{}\n", join(tags, "\n"));
}

}  // namespace

Result<std::optional<domain::ProjectId>> save_tags(Connection& connection, const domain::JobId& id,
                                                   const std::vector<std::string>& tags) {
    Statement column = TRY(connection.prepare(kSetColumn));
    column.bind(id.str(), column_of(tags));
    if (!TRY(column.step())) return std::nullopt;
    const std::int64_t seq = column.integer(0);
    const std::int64_t submitted_at = column.integer(1);
    domain::ProjectId project(column.text(2));
    TRY(column.run());
    TRY(connection.run(kForget, seq));
    for (const std::string& tag : tags) TRY(connection.run(kAdd, tag, submitted_at, seq));
    return project;
}

Result<std::vector<std::string>> tags_of(Connection& connection, const domain::JobId& id) {
    Statement row = TRY(connection.prepare(kFind));
    if (!TRY(row.bind(id.str()).step())) return std::vector<std::string>();
    return read_tags(row.view(0));
}

std::vector<std::string> read_tags(std::string_view column) {
    if (column.size() < 2) return {};
    return split(column.substr(1, column.size() - 2), '\n');
}

bool has_tag(std::string_view column, std::string_view tag) {
    return column.find(fmt::format("\n{}\n", tag)) != std::string_view::npos;
}

}  // namespace pintle::store
