#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::series {

/// Tells whether a line matches what somebody searches for: plain text or a regular expression (RE2 syntax, whose
/// time is linear in the line, so that no expression can hang the server).
///
/// Threading: matches() from any thread.
/// Failure: make() gives kInvalid for a pattern that is empty, too long, wrong or too expensive.
class LogMatcher {
public:
    [[nodiscard]] static Result<LogMatcher> make(const std::string& pattern, bool regular_expression, bool ignore_case);
    LogMatcher(LogMatcher&&) noexcept;
    LogMatcher& operator=(LogMatcher&&) noexcept;
    ~LogMatcher();

    [[nodiscard]] bool matches(std::string_view line) const;

private:
    struct Expression;
    explicit LogMatcher(std::string text);
    std::string text_;
    std::unique_ptr<Expression> expression_;  // null: text_ is looked for as it is
};

}  // namespace pintle::series
