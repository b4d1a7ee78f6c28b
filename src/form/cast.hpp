#pragma once

#include <cstdint>

#include "form/template_value.hpp"

namespace pintle::form {

/// What sprig's `int` and `float64` make of any value: texts are read, true is 1, and what is no number is 0.
[[nodiscard]] std::int64_t cast_to_int(const TemplateValue& value);
[[nodiscard]] double cast_to_float(const TemplateValue& value);
/// A floating point number cut to a whole one; the nearest there is when it does not fit.
[[nodiscard]] std::int64_t truncated(double value);

}  // namespace pintle::form
