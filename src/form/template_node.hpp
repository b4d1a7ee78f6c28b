#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "form/template_value.hpp"

namespace pintle::form {

struct Pipeline;

/// One word of a command.
struct Operand {
    enum class Kind { kConstant, kNil, kDot, kVariable, kFunction, kPipeline, kField };
    Kind kind = Kind::kConstant;
    std::size_t offset = 0;
    std::string name;                 ///< Of the variable (with its dollar) or function.
    TemplateValue constant;
    std::shared_ptr<Pipeline> group;  ///< A pipeline in parentheses.
    std::vector<std::string> fields;  ///< `.a.b` behind it; of kField, from the dot.
};

/// Words that stand beside each other: a value, or a function with its arguments.
struct Command {
    std::vector<Operand> words;
    std::size_t offset = 0;
};

/// `$x := a | b c`.
struct Pipeline {
    std::vector<std::string> variables;  ///< One, or two of a range; with their dollars.
    bool assigns = false;                ///< `=`: the variable is there already.
    std::vector<Command> commands;
    std::size_t offset = 0;
};

struct Node;
using Nodes = std::vector<Node>;

/// A piece of a template.
struct Node {
    enum class Kind { kText, kAction, kIf, kWith, kRange, kBreak, kContinue, kCall };
    Kind kind = Kind::kText;
    std::size_t offset = 0;
    std::string text;  ///< Of kText; the name of the template that kCall calls.
    std::optional<Pipeline> pipeline;
    Nodes body;
    Nodes otherwise;   ///< After `else`.
};

}  // namespace pintle::form
