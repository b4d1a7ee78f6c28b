#pragma once

#include <string>

#include "cli/command.hpp"

namespace pintle::cli {

/// What the commands of the catalog share.

[[nodiscard]] Positional template_argument();
/// `--set`, `--values` and `--name`.
[[nodiscard]] std::vector<Option> template_options();

/// A template by what somebody wrote: NAME, or CATALOG/NAME.
struct TemplateChoice {
    std::string catalog;
    std::string name;

    [[nodiscard]] std::string path() const;  ///< Of the API.
    [[nodiscard]] std::string words() const { return catalog + "/" + name; }
};
/// Asks the server which catalog has it when none is named. Failure: kNotFound; kConflict when several have it.
[[nodiscard]] Result<TemplateChoice> chosen_template(Context& context);

/// The body of a preview or an installation. Failure: of a file that cannot be read.
[[nodiscard]] Result<json::Value> template_request(Context& context);

/// "values.yaml:4:9: src.wizard.kind: there is no kind …", a line each, on standard error.
void print_template_faults(Context& context, const json::Value& faults, std::string_view kind = "");

}  // namespace pintle::cli
