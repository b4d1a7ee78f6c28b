#pragma once

namespace pintle {

/// Where in the source a call was written; a value. Like std::source_location, which clang 14 does not have:
/// as a default argument, current() gives the place of the caller.
struct SourceLocation {
    const char* file = "";
    int line = 0;

    [[nodiscard]] static constexpr SourceLocation current(const char* file = __builtin_FILE(),
                                                          int line = __builtin_LINE()) {
        return {file, line};
    }
};

}  // namespace pintle
