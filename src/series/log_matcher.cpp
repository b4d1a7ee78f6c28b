#include "series/log_matcher.hpp"

#include <re2/re2.h>

#include "base/text.hpp"

namespace pintle::series {

namespace {
constexpr std::size_t kMaxPatternBytes = 1000;
// In the worst case each byte of a line is held against each instruction of the program.
constexpr int kMaxProgramSize = 5000;
}  // namespace

struct LogMatcher::Expression {
    Expression(const std::string& pattern, const RE2::Options& options) : re2(pattern, options) {}
    RE2 re2;
};

LogMatcher::LogMatcher(std::string text) : text_(std::move(text)) {}
LogMatcher::LogMatcher(LogMatcher&&) noexcept = default;
LogMatcher& LogMatcher::operator=(LogMatcher&&) noexcept = default;
LogMatcher::~LogMatcher() = default;

Result<LogMatcher> LogMatcher::make(const std::string& pattern, bool regular_expression, bool ignore_case) {
    if (pattern.empty()) return fail(ErrorCode::kInvalid, "the search text is empty; give some text to search for");
    if (pattern.size() > kMaxPatternBytes) {
        return fail(ErrorCode::kInvalid, "the search text has {} bytes; at most {} are allowed", pattern.size(),
                    kMaxPatternBytes);
    }
    LogMatcher matcher(pattern);
    if (!regular_expression && !ignore_case) return matcher;
    if (to_valid_utf8(pattern) != pattern) {
        return fail(ErrorCode::kInvalid,
                    "the search text is not valid UTF-8; only plain text with exact case can be searched for as bytes");
    }
    RE2::Options options;
    options.set_literal(!regular_expression);
    options.set_case_sensitive(!ignore_case);
    options.set_log_errors(false);
    options.set_max_mem(8 << 20);
    matcher.expression_ = std::make_unique<Expression>(pattern, options);
    const RE2& re2 = matcher.expression_->re2;
    if (!re2.ok()) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not a regular expression that can be searched for: {}", pattern,
                    re2.error());
    }
    if (re2.ProgramSize() > kMaxProgramSize) {
        return fail(ErrorCode::kInvalid, "the regular expression \"{}\" is too large; use smaller repetition counts",
                    pattern);
    }
    return matcher;
}

bool LogMatcher::matches(std::string_view line) const {
    if (!expression_) return line.find(text_) != std::string_view::npos;
    return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), expression_->re2);
}

}  // namespace pintle::series
