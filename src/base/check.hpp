#pragma once

#include <string_view>

#include "base/source_location.hpp"

namespace pintle {

/// Aborts with `message` when `holds` is false, in every build. For programmer errors and broken invariants
/// only, never for input or the environment.
void check(bool holds, std::string_view message, SourceLocation where = SourceLocation::current());

[[noreturn]] void unreachable(SourceLocation where = SourceLocation::current());

}  // namespace pintle
