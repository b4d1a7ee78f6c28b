#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "form/form.hpp"
#include "json/value.hpp"

namespace pintle::form {

inline constexpr std::size_t kTextMost = 64 * 1024;  ///< Bytes of a text.
inline constexpr std::size_t kListMost = 10'000;     ///< Values of a list.

/// What is wrong with a value for the field, in words, or nothing.
[[nodiscard]] std::optional<std::string> value_fault(const FormField& field, const json::Value& value);

/// Every value that the form asks for, checked: those given, else the defaults, else 0, false, "" or an empty list. An
/// upload's value is the id of the file that was sent.
/// Failure: kInvalid with a fault for each field, by its name: of the wrong type or size, required and not given,
/// unknown.
[[nodiscard]] Result<json::Value> complete_values(const Form& form, const json::Value& given);

/// What somebody wrote for the field at a terminal: `5`, `0.1,0.2`, `true`. A list is separated by commas, or is JSON.
[[nodiscard]] Result<json::Value> value_from_text(const FormField& field, std::string_view text);

/// The values as the template sees them: uploads as the paths that `paths` has for their ids, plurals as lists of one.
[[nodiscard]] Result<json::Value> template_values(const Form& form, const json::Value& values,
                                                  const std::map<std::string, std::string>& paths);

}  // namespace pintle::form
