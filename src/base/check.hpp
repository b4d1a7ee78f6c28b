#pragma once

#include <source_location>
#include <string_view>

namespace pintle {

/// Aborts with `message` when `holds` is false, in every build. For programmer errors and broken invariants
/// only, never for input or the environment.
void check(bool holds, std::string_view message, std::source_location where = std::source_location::current());

[[noreturn]] void unreachable(std::source_location where = std::source_location::current());

}  // namespace pintle
