#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace pintle::json {

/// YAML text to values with their places, and back.
///
/// Plain scalars follow the core schema of YAML 1.2: `yes` and `no` are text, `0o17` and `0x1f` are numbers,
/// and what is quoted is always text. Anchors, aliases and merge keys (`<<`) work. Keys are text.
///
/// Threading: any thread. Ownership: the value owns its content; the text may go.
/// Failure: kInvalid with the line and column in details[0]; kExhausted for a text over the size limit.

struct YamlLimits {
    std::size_t max_bytes = 4u << 20;    ///< Of the text, and again of all scalars once aliases are expanded.
    std::size_t max_depth = 64;
    std::size_t max_nodes = 200'000;     ///< Aliases count with everything they stand for.
};

/// Exactly one document; an empty text is null.
[[nodiscard]] Result<Value> parse_yaml(std::string_view text, const YamlLimits& limits = {});
/// Any number of documents, which share the limits. Empty ones are left out.
[[nodiscard]] Result<std::vector<Value>> parse_yaml_documents(std::string_view text, const YamlLimits& limits = {});

/// Block style, readable, with a line break at the end; parse_yaml() reads the same value from it. Text is quoted
/// where this or an older YAML reader would take it for something else. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_yaml(const Value& value);

}  // namespace pintle::json
