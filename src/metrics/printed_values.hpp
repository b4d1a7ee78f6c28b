#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "metrics/reported_value.hpp"

namespace pintle::metrics {

/// Takes values from the lines that a program prints.
///
/// By the plain rule a line counts when it holds nothing but `name=value`, several of them divided by blanks, commas or
/// semicolons: `step=10 loss=0.3, accuracy=0.91`. A time as RFC 3339 writes it may stand before them. With a pattern (a
/// regular expression in RE2's language, whose time is linear in the line) every match within a line counts; its groups
/// are the name, the value and, where it is named so, the step. A value named `step` or `global_step`, else `epoch`, is
/// the step of the others of its line, and no value then.
///
/// Threading: any thread. Failure: make() gives kInvalid for a pattern that is no expression with two groups.
class PrintedValues {
public:
    static constexpr std::size_t kLineMax = 16 << 10;  ///< A longer line holds none.

    /// Empty: the plain rule.
    [[nodiscard]] static Result<PrintedValues> make(const std::string& pattern);
    PrintedValues(PrintedValues&&) noexcept;
    PrintedValues& operator=(PrintedValues&&) noexcept;
    ~PrintedValues();

    [[nodiscard]] std::vector<ReportedValue> read(std::string_view line) const;

private:
    struct Expression;
    PrintedValues();
    std::unique_ptr<Expression> expression_;  // null: the plain rule
};

}  // namespace pintle::metrics
