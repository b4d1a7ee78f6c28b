#include "form/text_template.hpp"

#include <fmt/format.h>

#include "form/go_format.hpp"
#include "form/go_quote.hpp"
#include "form/template_functions.hpp"
#include "form/template_lexer.hpp"
#include "form/template_parser.hpp"

namespace pintle::form {

struct TextTemplate::Impl {
    std::string text;
    ParsedTemplate parsed;
};

namespace {

using Value = TemplateValue;
using Kind = TemplateValue::Kind;

enum class Flow { kOn, kBreak, kContinue };

std::string shown_path(const Operand& operand) {
    std::string path = operand.kind == Operand::Kind::kVariable   ? operand.name
                       : operand.kind == Operand::Kind::kPipeline ? "(…)"
                       : operand.kind == Operand::Kind::kFunction ? operand.name
                                                                  : "";
    for (const std::string& field : operand.fields) path += "." + field;
    return path.empty() ? "." : path;
}

// One rendering: walks the tree and writes.
class Rendering {
public:
    Rendering(std::string_view text, const ParsedTemplate& parsed, const TemplateBudget::Limits& limits)
        : text_(text), parsed_(parsed), budget_(limits) {}

    Result<std::string> run(const Value& data) {
        variables_.emplace_back("$", data);
        (void)TRY(walk(parsed_.root, data));
        return std::move(out_);
    }

private:
    struct Variable {
        Variable(std::string n, Value v) : name(std::move(n)), value(std::move(v)) {}
        std::string name;
        Value value;
    };

    // Errors of functions and of the budget get the place of what was being done.
    template <class T>
    Result<T> placed(Result<T> result, std::size_t offset) const {
        if (result || !result.error().details.empty()) return result;
        return template_error(text_, offset, std::move(result).error().message);
    }
    tl::unexpected<Error> error(std::size_t offset, std::string message) const {
        return template_error(text_, offset, std::move(message));
    }

    Result<void> write(std::string_view piece, std::size_t offset) {
        TRY(placed(budget_.output(piece.size()), offset));
        out_ += piece;
        return {};
    }

    Result<Flow> walk(const Nodes& nodes, const Value& dot) {
        for (const Node& node : nodes) {
            const Flow flow = TRY(walk(node, dot));
            if (flow != Flow::kOn) return flow;
        }
        return Flow::kOn;
    }

    Result<Flow> walk(const Node& node, const Value& dot) {
        switch (node.kind) {
            case Node::Kind::kText: TRY(write(node.text, node.offset)); return Flow::kOn;
            case Node::Kind::kAction: TRY(act(*node.pipeline, dot)); return Flow::kOn;
            case Node::Kind::kIf:
            case Node::Kind::kWith: return choose(node, dot);
            case Node::Kind::kRange: return loop(node, dot);
            case Node::Kind::kBreak: return Flow::kBreak;
            case Node::Kind::kContinue: return Flow::kContinue;
            case Node::Kind::kCall: TRY(call(node, dot)); return Flow::kOn;
        }
        return Flow::kOn;
    }

    Result<void> act(const Pipeline& pipeline, const Value& dot) {
        const Value value = TRY(evaluate(pipeline, dot));
        if (!pipeline.variables.empty()) return {};
        if (value.is_nothing()) {
            if (value.path().empty()) return error(pipeline.offset, "there is no value to print here");
            return error(pipeline.offset, fmt::format("there is no value {}", value.path()));
        }
        return write(go_text(value), pipeline.offset);
    }

    Result<Flow> choose(const Node& node, const Value& dot) {
        const std::size_t known = variables_.size();
        const Value value = TRY(evaluate(*node.pipeline, dot));
        const bool chosen = value.truth();
        const Flow flow =
            TRY(chosen ? walk(node.body, node.kind == Node::Kind::kWith ? value : dot) : walk(node.otherwise, dot));
        forget_variables(known);
        return flow;
    }

    Result<Flow> loop(const Node& node, const Value& dot) {
        const std::size_t known = variables_.size();
        const Value over = TRY(value_of(*node.pipeline, dot));
        bool any = false;
        bool broken = false;
        const auto turn = [&](const Value& key, const Value& item) -> Result<void> {
            TRY(placed(budget_.step(), node.offset));
            any = true;
            const std::size_t outside = variables_.size();
            bind(*node.pipeline, key, item);
            const Flow flow = TRY(walk(node.body, item));
            broken = flow == Flow::kBreak;
            forget_variables(outside);
            return {};
        };
        // The value is held by this function, whatever the turns do to what it came from.
        if (over.kind() == Kind::kList) {
            const Value::List items = over.as_list();
            for (std::size_t i = 0; i < items.size() && !broken; ++i)
                TRY(turn(Value(static_cast<std::int64_t>(i)), items[i]));
        } else if (over.kind() == Kind::kMapping) {
            const Value::Mapping entries = over.as_mapping();
            for (auto entry = entries.begin(); entry != entries.end() && !broken; ++entry)
                TRY(turn(Value(entry->first), entry->second));
        } else if (over.kind() == Kind::kInt) {
            if (node.pipeline->variables.size() > 1)
                return error(node.offset, "a range over a number has one variable");
            for (std::int64_t i = 0; i < over.as_int() && !broken; ++i) TRY(turn(Value(i), Value(i)));
        } else if (!over.is_nothing()) {
            return error(node.offset, fmt::format("range cannot go over a value of type {}", over.type_name()));
        }
        forget_variables(known);
        if (!any) {
            const Flow flow = TRY(walk(node.otherwise, dot));
            forget_variables(known);
            return flow;
        }
        return Flow::kOn;
    }

    void bind(const Pipeline& pipeline, const Value& key, const Value& item) {
        const auto& names = pipeline.variables;
        if (names.empty()) return;
        const auto give = [&](const std::string& name, const Value& value) {
            if (pipeline.assigns) assign(name, value);
            else variables_.emplace_back(name, value);
        };
        if (names.size() == 2) give(names[0], key);
        give(names.back(), item);
    }

    Result<void> call(const Node& node, const Value& dot) {
        const auto found = parsed_.defined.find(node.text);
        if (found == parsed_.defined.end())
            return error(node.offset, fmt::format("there is no template {}", go_quote(node.text)));
        Value argument;
        if (node.pipeline) argument = TRY(evaluate(*node.pipeline, dot));
        TRY(placed(budget_.enter(), node.offset));
        TRY(placed(budget_.step(), node.offset));
        std::vector<Variable> outer;
        outer.swap(variables_);
        variables_.emplace_back("$", argument);
        (void)TRY(walk(found->second, argument));
        variables_.swap(outer);
        budget_.leave();
        return {};
    }

    void forget_variables(std::size_t known) {
        variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(known), variables_.end());
    }

    void assign(const std::string& name, const Value& value) {
        for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable) {
            if (variable->name != name) continue;
            variable->value = value;
            return;
        }
    }

    [[nodiscard]] const Value& variable(const std::string& name) const {
        for (auto found = variables_.rbegin(); found != variables_.rend(); ++found) {
            if (found->name == name) return found->value;
        }
        return variables_.front().value;  // The parser has seen to it that there is one.
    }

    Result<Value> evaluate(const Pipeline& pipeline, const Value& dot) {
        Value value = TRY(value_of(pipeline, dot));
        if (!pipeline.variables.empty()) {
            if (pipeline.assigns) assign(pipeline.variables[0], value);
            else variables_.emplace_back(pipeline.variables[0], value);
        }
        return value;
    }

    // Without giving it to the variables: a range does that itself, turn by turn.
    Result<Value> value_of(const Pipeline& pipeline, const Value& dot) {
        std::optional<Value> value;
        for (const Command& command : pipeline.commands) {
            TRY(placed(budget_.step(), command.offset));
            value = TRY(evaluate(command, dot, value));
        }
        return *value;
    }

    Result<Value> evaluate(const Command& command, const Value& dot, const std::optional<Value>& piped) {
        const Operand& first = command.words[0];
        if (first.kind == Operand::Kind::kFunction) return fields_of(TRY(function(command, dot, piped)), first);
        if (command.words.size() > 1 || piped)
            return error(first.offset, fmt::format("{} is no function and takes no arguments", shown_path(first)));
        if (first.kind == Operand::Kind::kNil) return error(first.offset, "nil alone is no value");
        return word(first, dot);
    }

    Result<Value> word(const Operand& operand, const Value& dot) {
        switch (operand.kind) {
            case Operand::Kind::kConstant: return operand.constant;
            case Operand::Kind::kNil: return Value();
            case Operand::Kind::kDot: return dot;
            case Operand::Kind::kVariable: return fields_of(variable(operand.name), operand);
            case Operand::Kind::kField: return fields_of(dot, operand);
            case Operand::Kind::kPipeline: return fields_of(TRY(evaluate(*operand.group, dot)), operand);
            case Operand::Kind::kFunction: {
                const Command alone{{operand}, operand.offset};
                return fields_of(TRY(function(alone, dot, std::nullopt)), operand);
            }
        }
        return Value();
    }

    // `.a.b` behind a value. A key that is not there is nothing, and so is everything behind it.
    Result<Value> fields_of(Value value, const Operand& operand) const {
        for (const std::string& field : operand.fields) {
            if (value.is_nothing()) return Value::missing(shown_path(operand));
            if (value.kind() != Kind::kMapping)
                return error(operand.offset, fmt::format("{}: a value of type {} has no field {}", shown_path(operand),
                                                         value.type_name(), field));
            const auto found = value.as_mapping().find(field);
            if (found == value.as_mapping().end()) return Value::missing(shown_path(operand));
            Value next = found->second;
            value = next.is_nothing() ? Value::missing(shown_path(operand)) : std::move(next);
        }
        return value;
    }

    Result<Value> function(const Command& command, const Value& dot, const std::optional<Value>& piped) {
        const Operand& name = command.words[0];
        const TemplateFunction* found = find_function(name.name);
        const std::size_t count = command.words.size() - 1 + (piped ? 1 : 0);
        const bool too_many = found->most >= 0 && count > static_cast<std::size_t>(found->most);
        if (count < static_cast<std::size_t>(found->least) || too_many) {
            const std::string wanted = found->most < 0 ? fmt::format("at least {}", found->least)
                                       : found->least == found->most
                                           ? std::to_string(found->least)
                                           : fmt::format("{} to {}", found->least, found->most);
            return error(name.offset, fmt::format("{} wants {} argument{}, not {}", name.name, wanted,
                                                  wanted == "1" || wanted == "at least 1" ? "" : "s", count));
        }
        const bool stops_at_true = name.name == "or";
        const bool stops_early = stops_at_true || name.name == "and";
        std::vector<Value> args;
        for (std::size_t i = 1; i < command.words.size(); ++i) {
            args.push_back(TRY(word(command.words[i], dot)));
            if (stops_early && args.back().truth() == stops_at_true) return args.back();
        }
        if (piped) args.push_back(*piped);
        return placed(found->call(FunctionCall{name.name, args, budget_}), name.offset);
    }

    const std::string_view text_;
    const ParsedTemplate& parsed_;
    TemplateBudget budget_;
    std::vector<Variable> variables_;
    std::string out_;
};

}  // namespace

TextTemplate::TextTemplate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TextTemplate::TextTemplate(TextTemplate&&) noexcept = default;
TextTemplate& TextTemplate::operator=(TextTemplate&&) noexcept = default;
TextTemplate::~TextTemplate() = default;

Result<TextTemplate> TextTemplate::parse(std::string text) {
    auto impl = std::make_unique<Impl>();
    impl->text = std::move(text);
    impl->parsed = TRY(parse_template(impl->text));
    return TextTemplate(std::move(impl));
}

Result<std::string> TextTemplate::render(const json::Value& data, const TemplateBudget::Limits& limits) const {
    return Rendering(impl_->text, impl_->parsed, limits).run(TemplateValue::from(data));
}

}  // namespace pintle::form
