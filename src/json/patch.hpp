#pragma once

#include "json/value.hpp"

namespace pintle::json {

/// The target changed as a JSON Merge Patch (RFC 7386) says: members of the patch replace those of the target, null
/// removes, anything but a mapping replaces the whole. Cannot fail; takes time in proportion to both.
[[nodiscard]] Value merge_patch(Value target, const Value& patch);

}  // namespace pintle::json
