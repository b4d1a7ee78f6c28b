#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "form/template_budget.hpp"
#include "form/template_value.hpp"

namespace pintle::form {

/// One call of a function of a template.
struct FunctionCall {
    std::string_view name;
    const std::vector<TemplateValue>& args;
    TemplateBudget& budget;

    // The argument as its kind; another kind is the error that Go's templates report.
    [[nodiscard]] Result<std::string> text(std::size_t i) const;
    [[nodiscard]] Result<std::int64_t> whole(std::size_t i) const;
    [[nodiscard]] Result<TemplateValue::List> list(std::size_t i) const;
    [[nodiscard]] Result<TemplateValue::Mapping> mapping(std::size_t i) const;
    /// A text that is charged to the budget.
    [[nodiscard]] Result<TemplateValue> made(std::string text) const;
    [[nodiscard]] Result<TemplateValue> made(TemplateValue::List items) const;
    [[nodiscard]] Result<TemplateValue> made(TemplateValue::Mapping entries) const;
};

/// A function that templates may call: those of Go's text/template, and those of sprig that neither look at the world
/// (environment, clock, random numbers, network) nor make keys; and those that take the address of a git folder apart.
struct TemplateFunction {
    std::string_view name;
    int least = 0;   ///< Arguments.
    int most = -1;   ///< -1: any number.
    Result<TemplateValue> (*call)(const FunctionCall&) = nullptr;
};

/// Null when there is none. `and` and `or` are found too, but the template itself calls them, because they need not
/// look at all of their arguments.
[[nodiscard]] const TemplateFunction* find_function(std::string_view name);
/// A sentence with the nearest name there is.
[[nodiscard]] std::string unknown_function(std::string_view name);

// The functions by what they are about; find_function() looks through all of them.
[[nodiscard]] const std::vector<TemplateFunction>& logic_functions();
[[nodiscard]] const std::vector<TemplateFunction>& number_functions();
[[nodiscard]] const std::vector<TemplateFunction>& text_functions();
[[nodiscard]] const std::vector<TemplateFunction>& list_functions();
[[nodiscard]] const std::vector<TemplateFunction>& mapping_functions();
[[nodiscard]] const std::vector<TemplateFunction>& encoding_functions();
[[nodiscard]] const std::vector<TemplateFunction>& git_functions();

}  // namespace pintle::form
