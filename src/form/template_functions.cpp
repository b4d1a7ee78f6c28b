#include "form/template_functions.hpp"

#include <unordered_map>

#include "base/text.hpp"

namespace pintle::form {

namespace {

using Kind = TemplateValue::Kind;

tl::unexpected<Error> wrong(const FunctionCall& call, std::size_t i, std::string_view wanted) {
    const TemplateValue& value = call.args[i];
    if (value.is_nothing() && !value.path().empty())
        return fail(ErrorCode::kInvalid, "{} wants {}, and there is no {}", call.name, wanted, value.path());
    return fail(ErrorCode::kInvalid, "{} wants {} as its argument {}, not a value of type {}", call.name, wanted, i + 1,
                value.type_name());
}

const std::unordered_map<std::string_view, const TemplateFunction*>& all() {
    static const std::unordered_map<std::string_view, const TemplateFunction*> kAll = [] {
        std::unordered_map<std::string_view, const TemplateFunction*> found;
        for (const auto* table : {&logic_functions(), &number_functions(), &text_functions(), &list_functions(),
                                  &mapping_functions(), &encoding_functions(), &git_functions()}) {
            for (const TemplateFunction& function : *table) found.emplace(function.name, &function);
        }
        return found;
    }();
    return kAll;
}

}  // namespace

Result<std::string> FunctionCall::text(std::size_t i) const {
    if (args[i].kind() != Kind::kText) return wrong(*this, i, "a text");
    return args[i].as_text();
}

Result<std::int64_t> FunctionCall::whole(std::size_t i) const {
    if (args[i].kind() != Kind::kInt) return wrong(*this, i, "a whole number");
    return args[i].as_int();
}

Result<TemplateValue::List> FunctionCall::list(std::size_t i) const {
    if (args[i].kind() != Kind::kList) return wrong(*this, i, "a list");
    return args[i].as_list();
}

Result<TemplateValue::Mapping> FunctionCall::mapping(std::size_t i) const {
    if (args[i].kind() != Kind::kMapping) return wrong(*this, i, "a mapping");
    return args[i].as_mapping();
}

Result<TemplateValue> FunctionCall::made(std::string made_text) const {
    TRY(budget.make(made_text.size()));
    return TemplateValue(std::move(made_text));
}

Result<TemplateValue> FunctionCall::made(TemplateValue::List items) const {
    TRY(budget.make(items.size() * sizeof(TemplateValue)));
    return TemplateValue(std::move(items));
}

Result<TemplateValue> FunctionCall::made(TemplateValue::Mapping entries) const {
    TRY(budget.make(entries.size() * 2 * sizeof(TemplateValue)));
    return TemplateValue(std::move(entries));
}

const TemplateFunction* find_function(std::string_view name) {
    const auto found = all().find(name);
    return found == all().end() ? nullptr : found->second;
}

std::string unknown_function(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& [known, function] : all()) names.emplace_back(known);
    const auto near = nearest(name, names);
    return near ? fmt::format("there is no function {}; did you mean {}?", name, *near)
                : fmt::format("there is no function {}", name);
}

}  // namespace pintle::form
