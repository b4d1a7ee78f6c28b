#pragma once

#include "base/result.hpp"
#include "domain/change.hpp"
#include "json/value.hpp"

namespace pintle::document {

/// The JSON form of what the store keeps. Reading back what was written gives an equal value; a document that
/// does not read is kCorrupt with its path. Fields may be added later, never renamed: an older document must
/// always read.

[[nodiscard]] json::Value to_stored(const domain::Project& project);
[[nodiscard]] Result<domain::Project> project_from_stored(const json::Value& value);

[[nodiscard]] json::Value to_stored(const domain::Job& job);
[[nodiscard]] Result<domain::Job> job_from_stored(const json::Value& value);

/// The body alone; its kind is domain::kind_of().
[[nodiscard]] json::Value to_stored(const domain::JobEventBody& body);
[[nodiscard]] Result<domain::JobEventBody> event_from_stored(std::string_view kind, const json::Value& value);

[[nodiscard]] json::Value to_stored(const domain::Chore& chore);
[[nodiscard]] Result<domain::Chore> chore_from_stored(const json::Value& value);

}  // namespace pintle::document
