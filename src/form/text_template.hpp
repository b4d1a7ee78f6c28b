#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "form/template_budget.hpp"
#include "json/value.hpp"

namespace pintle::form {

/// A template in the language of Go's text/template (https://pkg.go.dev/text/template) with the functions of
/// template_functions.hpp: what Go renders is rendered to the same bytes. Three things differ, for the reader's sake:
/// a value that is not there is an error that names it, where Go prints `<no value>`; a rendering is bounded in time
/// and size; numbers are int and float64 alone, as values from YAML are.
///
/// Threading: constant after parse(); renderings may run at the same time.
/// Failure: kInvalid with line and column, for the template's author.
class TextTemplate {
public:
    [[nodiscard]] static Result<TextTemplate> parse(std::string text);
    TextTemplate(TextTemplate&&) noexcept;
    TextTemplate& operator=(TextTemplate&&) noexcept;
    ~TextTemplate();

    /// What it makes of `data`, which is its dot.
    [[nodiscard]] Result<std::string> render(const json::Value& data, const TemplateBudget::Limits& limits = {}) const;

private:
    struct Impl;
    explicit TextTemplate(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::form
