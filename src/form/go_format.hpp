#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "form/template_budget.hpp"
#include "form/template_value.hpp"

namespace pintle::form {

// What package fmt of Go writes. https://pkg.go.dev/fmt

/// `%v`: a text as it is, `[1 2]`, `map[a:1]`, `<nil>`.
[[nodiscard]] std::string go_text(const TemplateValue& value);
/// A floating point number as strconv.FormatFloat writes it: format e, E, f, g or G, precision -1 for the fewest
/// digits.
[[nodiscard]] std::string go_float(double value, char format, int precision);

/// fmt.Sprint: a space between two operands of which none is a text.
[[nodiscard]] std::string go_sprint(std::span<const TemplateValue> values);
/// fmt.Sprintln: a space between all, and a line's end.
[[nodiscard]] std::string go_sprintln(std::span<const TemplateValue> values);
/// fmt.Sprintf with flags, width, precision and `*`; wrong verbs and counts are written into the text as Go does.
/// Failure: what the budget says, and kInvalid for argument indexes, `%[1]d`, which are not supported.
[[nodiscard]] Result<std::string> go_sprintf(std::string_view format, std::span<const TemplateValue> values,
                                             TemplateBudget& budget);

}  // namespace pintle::form
