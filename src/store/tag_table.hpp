#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "store/sqlite.hpp"

/// The SQL of jobs' tags. Private to this module.
namespace pintle::store {

/// The job has these tags from now on, in this order and without repeats. Its project, or nothing when there is no such
/// job.
[[nodiscard]] Result<std::optional<domain::ProjectId>> save_tags(Connection& connection, const domain::JobId& id,
                                                                 const std::vector<std::string>& tags);
[[nodiscard]] Result<std::vector<std::string>> tags_of(Connection& connection, const domain::JobId& id);

/// As the column `tags` holds them.
[[nodiscard]] std::vector<std::string> read_tags(std::string_view column);
/// Whether the column `tags` holds the tag.
[[nodiscard]] bool has_tag(std::string_view column, std::string_view tag);

}  // namespace pintle::store
