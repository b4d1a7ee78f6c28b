#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "form/template_node.hpp"

namespace pintle::form {

/// A template as a tree, with the templates that are defined in it.
struct ParsedTemplate {
    Nodes root;
    std::map<std::string, Nodes> defined;
};

/// Reads a template by the rules of Go's text/template; every function it names must be one of template_functions.hpp.
/// Pure. Failure: kInvalid with line and column.
[[nodiscard]] Result<ParsedTemplate> parse_template(std::string_view text);

}  // namespace pintle::form
