#include <fmt/format.h>

#include "form/go_format.hpp"
#include "form/template_functions.hpp"

namespace pintle::form {
namespace {

using Kind = TemplateValue::Kind;
using Value = TemplateValue;
using Mapping = TemplateValue::Mapping;

// dict "a" 1 "b" 2
Result<Value> dict(const FunctionCall& call) {
    Mapping out;
    for (std::size_t i = 0; i < call.args.size(); i += 2) {
        out.insert_or_assign(go_text(call.args[i]), i + 1 < call.args.size() ? call.args[i + 1] : Value(std::string()));
    }
    return call.made(std::move(out));
}

Result<Value> get(const FunctionCall& call) {
    const Mapping entries = TRY(call.mapping(0));
    const auto found = entries.find(TRY(call.text(1)));
    return found == entries.end() ? Value(std::string()) : found->second;
}

// Whether `part` is within `value`, so that a mapping which is put into itself is found.
bool reaches(const Value& value, const Value& part, int depth) {
    if (depth > 64) return true;
    if (value.kind() == Kind::kList) {
        for (const Value& item : value.as_list()) {
            if (reaches(item, part, depth + 1)) return true;
        }
    }
    if (value.kind() != Kind::kMapping) return false;
    if (&value.as_mapping() == &part.as_mapping()) return true;
    for (const auto& [key, item] : value.as_mapping()) {
        if (reaches(item, part, depth + 1)) return true;
    }
    return false;
}

Result<Value> set(const FunctionCall& call) {
    (void)TRY(call.mapping(0));
    const std::string key = TRY(call.text(1));
    TRY(call.budget.make(key.size() + 2 * sizeof(Value)));
    if (reaches(call.args[2], call.args[0], 0)) return fail(ErrorCode::kInvalid, "set: a mapping cannot hold itself");
    call.args[0].shared_mapping().insert_or_assign(key, call.args[2]);
    return call.args[0];
}

Result<Value> unset(const FunctionCall& call) {
    (void)TRY(call.mapping(0));
    call.args[0].shared_mapping().erase(TRY(call.text(1)));
    return call.args[0];
}

Result<Value> has_key(const FunctionCall& call) {
    const Mapping entries = TRY(call.mapping(0));
    return Value(entries.count(TRY(call.text(1))) > 0);
}

Result<Value> keys(const FunctionCall& call) {
    Value::List out;
    for (std::size_t i = 0; i < call.args.size(); ++i) {
        for (const auto& [key, value] : TRY(call.mapping(i))) out.emplace_back(key);
    }
    return call.made(std::move(out));
}

Result<Value> values(const FunctionCall& call) {
    Value::List out;
    for (const auto& [key, value] : TRY(call.mapping(0))) out.push_back(value);
    return call.made(std::move(out));
}

Result<Value> pluck(const FunctionCall& call) {
    const std::string key = TRY(call.text(0));
    Value::List out;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const Mapping entries = TRY(call.mapping(i));
        if (const auto found = entries.find(key); found != entries.end()) out.push_back(found->second);
    }
    return call.made(std::move(out));
}

Result<Value> pick(const FunctionCall& call) {
    const Mapping entries = TRY(call.mapping(0));
    Mapping out;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const auto found = entries.find(TRY(call.text(i)));
        if (found != entries.end()) out.insert(*found);
    }
    return call.made(std::move(out));
}

Result<Value> omit(const FunctionCall& call) {
    Mapping entries = TRY(call.mapping(0));
    for (std::size_t i = 1; i < call.args.size(); ++i) entries.erase(TRY(call.text(i)));
    return call.made(std::move(entries));
}

Value copy(const Value& value) {
    if (value.kind() == Kind::kList) {
        Value::List items;
        for (const Value& item : value.as_list()) items.push_back(copy(item));
        return Value(std::move(items));
    }
    if (value.kind() != Kind::kMapping) return value;
    Mapping entries;
    for (const auto& [key, item] : value.as_mapping()) entries.emplace(key, copy(item));
    return Value(std::move(entries));
}

// Into the first, recursively; what is there already stays, or gives way when `overwrites`.
void merge_into(Mapping& target, const Mapping& from, bool overwrites) {
    for (const auto& [key, value] : from) {
        const auto found = target.find(key);
        if (found == target.end()) {
            target.emplace(key, copy(value));
        } else if (found->second.kind() == Kind::kMapping && value.kind() == Kind::kMapping) {
            merge_into(found->second.shared_mapping(), value.as_mapping(), overwrites);
        } else if (overwrites ? value.truth() : !found->second.truth()) {
            found->second = copy(value);
        }
    }
}

std::size_t weight(const Value& value) {
    std::size_t sum = sizeof(Value);
    if (value.kind() == Kind::kText) sum += value.as_text().size();
    if (value.kind() == Kind::kList) {
        for (const Value& item : value.as_list()) sum += weight(item);
    }
    if (value.kind() == Kind::kMapping) {
        for (const auto& [key, item] : value.as_mapping()) sum += key.size() + weight(item);
    }
    return sum;
}

Result<Value> merged(const FunctionCall& call, bool overwrites) {
    (void)TRY(call.mapping(0));
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const Mapping from = TRY(call.mapping(i));
        TRY(call.budget.make(weight(call.args[i])));
        merge_into(call.args[0].shared_mapping(), from, overwrites);
    }
    return call.args[0];
}

Result<Value> merge(const FunctionCall& call) { return merged(call, false); }
Result<Value> merge_overwrite(const FunctionCall& call) { return merged(call, true); }

Result<Value> deep_copy(const FunctionCall& call) {
    TRY(call.budget.make(weight(call.args[0])));
    return copy(call.args[0]);
}

// dig "a" "b" default mapping
Result<Value> dig(const FunctionCall& call) {
    const std::size_t count = call.args.size();
    Value value = call.args[count - 1];
    for (std::size_t i = 0; i + 2 < count; ++i) {
        if (value.kind() != Kind::kMapping)
            return fail(ErrorCode::kInvalid, "dig looks into mappings, and one of type {} is on the way",
                        value.type_name());
        const auto found = value.as_mapping().find(TRY(call.text(i)));
        if (found == value.as_mapping().end()) return call.args[count - 2];
        value = found->second;
    }
    return value;
}

}  // namespace

const std::vector<TemplateFunction>& mapping_functions() {
    static const std::vector<TemplateFunction> kTable{
        {"dict", 0, -1, dict},
        {"get", 2, 2, get},
        {"set", 3, 3, set},
        {"unset", 2, 2, unset},
        {"hasKey", 2, 2, has_key},
        {"keys", 0, -1, keys},
        {"values", 1, 1, values},
        {"pluck", 1, -1, pluck},
        {"pick", 1, -1, pick},
        {"omit", 1, -1, omit},
        {"merge", 1, -1, merge},
        {"mergeOverwrite", 1, -1, merge_overwrite},
        {"deepCopy", 1, 1, deep_copy},
        {"dig", 3, -1, dig},
    };
    return kTable;
}

}  // namespace pintle::form
