#pragma once

#include <optional>
#include <string>

#include "api/call.hpp"
#include "document/project_document.hpp"
#include "json/reader.hpp"
#include "json/value.hpp"

namespace pintle::api {

/// What requests carry, decoded, with the place of every fault. Any thread; pure.

/// The body as JSON, or as YAML when its Content-Type says so. An empty body is null.
[[nodiscard]] Result<json::Value> parse_body(const net::Request& request);
/// The body as a project document, YAML or JSON.
[[nodiscard]] Result<document::ReadProject> parse_document(const net::Request& request);

/// The text to keep beside what was read from it, for its comments: YAML of moderate length that says everything
/// itself. Empty for anything else.
[[nodiscard]] std::string text_to_keep(std::string_view text, const document::ReadProject& read);
[[nodiscard]] std::string text_to_keep(const net::Request& request, const document::ReadProject& read);

/// The body as a project document whose faults are an answer; fails only for what is no document at all.
[[nodiscard]] Result<document::Examination> examine_document(const net::Request& request,
                                                             const document::MoreRules& more);

/// Reads a JSON body field by field: `read` gets a Reader that refuses what it does not know. An empty body reads as
/// an empty mapping.
template <class Read>
[[nodiscard]] Result<void> read_body(const net::Request& request, Read&& read) {
    json::Value value = TRY(parse_body(request));
    if (value.is_null()) value = json::Value::object();
    json::Faults faults(json::Faults::Unknown::kRefuse);
    json::Reader reader(value, "", faults);
    read(reader);
    reader.finish();
    return faults.result("the request");
}

/// The key under which a repeated request is known, with the mark of the request that it belongs to.
struct IdempotencyKey {
    std::string key;  ///< Empty: none was given.
    std::string fingerprint;
};
[[nodiscard]] Result<IdempotencyKey> idempotency_key(const net::Request& request);
/// The revision that If-Match names; nothing without the header.
[[nodiscard]] Result<std::optional<std::int64_t>> if_match(const net::Request& request);

}  // namespace pintle::api
