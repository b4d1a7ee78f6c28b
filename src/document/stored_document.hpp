#pragma once

#include <string>

#include "base/result.hpp"
#include "domain/change.hpp"
#include "json/value.hpp"

namespace pintle::document {

/// The JSON form of what the store keeps. Times are whole milliseconds, enums the text of their to_string(), and what
/// is empty, zero or false is mostly left out; stored_fields.hpp has the fields. Reading back what was written gives
/// an equal value, also through json::to_json(), as long as texts are UTF-8. Fields may be added later, never
/// renamed: an older document must always read, and fields of a newer one are passed over.
///
/// Threading: any thread. Ownership: plain values.
/// Failure: a document that does not read is kCorrupt, with the path of the fault in its message and details[0].

[[nodiscard]] json::Value to_stored(const domain::Project& project);
[[nodiscard]] Result<domain::Project> project_from_stored(const json::Value& value);

[[nodiscard]] json::Value to_stored(const domain::ComponentRecord& record);
[[nodiscard]] Result<domain::ComponentRecord> component_from_stored(const json::Value& value);

[[nodiscard]] json::Value to_stored(const domain::Job& job);
[[nodiscard]] Result<domain::Job> job_from_stored(const json::Value& value);

/// The body alone, a mapping; its kind is domain::kind_of().
[[nodiscard]] json::Value to_stored(const domain::JobEventBody& body);
[[nodiscard]] Result<domain::JobEventBody> event_from_stored(std::string_view kind, const json::Value& value);

/// The text of to_stored(), as json::to_json() gives it.
[[nodiscard]] std::string stored_text(const domain::JobEventBody& body);
/// The text of the job without its field `spec`, which its first event has as well.
[[nodiscard]] std::string stored_text_without_spec(const domain::Job& job);

[[nodiscard]] json::Value to_stored(const domain::Chore& chore);
[[nodiscard]] Result<domain::Chore> chore_from_stored(const json::Value& value);

}  // namespace pintle::document
