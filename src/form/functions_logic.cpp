#include <fmt/format.h>

#include "form/go_format.hpp"
#include "form/template_functions.hpp"

namespace pintle::form {
namespace {

using Kind = TemplateValue::Kind;
using Value = TemplateValue;

bool is_basic(const Value& value) {
    return value.kind() != Kind::kNothing && value.kind() != Kind::kList && value.kind() != Kind::kMapping;
}

tl::unexpected<Error> incomparable(const FunctionCall& call, const Value& a, const Value& b) {
    return fail(ErrorCode::kInvalid,
                "{} cannot compare a value of type {} with one of type {}; `int`, `float64` and `toString` convert",
                call.name, a.type_name(), b.type_name());
}

Result<bool> equals(const FunctionCall& call, const Value& a, const Value& b) {
    if (a.is_nothing() || b.is_nothing()) return a.is_nothing() && b.is_nothing();
    if (!is_basic(a) || !is_basic(b) || a.kind() != b.kind()) return incomparable(call, a, b);
    return a == b;
}

Result<bool> less(const FunctionCall& call, const Value& a, const Value& b) {
    if (a.kind() != b.kind() || !is_basic(a) || a.kind() == Kind::kBool) return incomparable(call, a, b);
    if (a.kind() == Kind::kInt) return a.as_int() < b.as_int();
    if (a.kind() == Kind::kFloat) return a.as_float() < b.as_float();
    return a.as_text() < b.as_text();
}

// The first against each of the others.
Result<Value> eq(const FunctionCall& call) {
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        if (TRY(equals(call, call.args[0], call.args[i]))) return Value(true);
    }
    return Value(false);
}

Result<Value> ne(const FunctionCall& call) { return Value(!TRY(equals(call, call.args[0], call.args[1]))); }
Result<Value> lt(const FunctionCall& call) { return Value(TRY(less(call, call.args[0], call.args[1]))); }
Result<Value> le(const FunctionCall& call) {
    const bool below = TRY(less(call, call.args[0], call.args[1]));
    return Value(below || call.args[0] == call.args[1]);
}
Result<Value> gt(const FunctionCall& call) {
    const bool below_or_same = TRY(le(call)).as_bool();
    return Value(!below_or_same);
}
Result<Value> ge(const FunctionCall& call) { return Value(!TRY(less(call, call.args[0], call.args[1]))); }

// `and` and `or` are here to be known; the template looks at one argument after the other itself.
Result<Value> and_of(const FunctionCall& call) {
    for (const Value& arg : call.args) {
        if (!arg.truth()) return arg;
    }
    return call.args.back();
}

Result<Value> or_of(const FunctionCall& call) {
    for (const Value& arg : call.args) {
        if (arg.truth()) return arg;
    }
    return call.args.back();
}

Result<Value> not_of(const FunctionCall& call) { return Value(!call.args[0].truth()); }
Result<Value> is_empty(const FunctionCall& call) { return Value(!call.args[0].truth()); }

Result<Value> default_of(const FunctionCall& call) {
    return call.args.size() < 2 || !call.args[1].truth() ? call.args[0] : call.args[1];
}

Result<Value> coalesce(const FunctionCall& call) {
    for (const Value& arg : call.args) {
        if (arg.truth()) return arg;
    }
    return Value();
}

Result<Value> ternary(const FunctionCall& call) {
    if (call.args[2].kind() != Kind::kBool)
        return fail(ErrorCode::kInvalid, "ternary wants true or false as its last argument, not a value of type {}",
                    call.args[2].type_name());
    return call.args[2].as_bool() ? call.args[0] : call.args[1];
}

Result<Value> all_of(const FunctionCall& call) {
    for (const Value& arg : call.args) {
        if (!arg.truth()) return Value(false);
    }
    return Value(true);
}

Result<Value> any_of(const FunctionCall& call) {
    for (const Value& arg : call.args) {
        if (arg.truth()) return Value(true);
    }
    return Value(false);
}

Result<Value> fail_with(const FunctionCall& call) {
    return fail(ErrorCode::kInvalid, "{}", TRY(call.text(0)));
}

Result<Value> required(const FunctionCall& call) {
    const bool is_there =
        !call.args[1].is_nothing() && !(call.args[1].kind() == Kind::kText && call.args[1].as_text().empty());
    if (is_there) return call.args[1];
    return fail(ErrorCode::kInvalid, "{}", TRY(call.text(0)));
}

Result<Value> kind_of(const FunctionCall& call) { return Value(std::string(call.args[0].kind_name())); }
Result<Value> kind_is(const FunctionCall& call) { return Value(TRY(call.text(0)) == call.args[1].kind_name()); }
Result<Value> type_of(const FunctionCall& call) { return Value(std::string(call.args[0].type_name())); }
Result<Value> type_is(const FunctionCall& call) { return Value(TRY(call.text(0)) == call.args[1].type_name()); }
Result<Value> deep_equal(const FunctionCall& call) { return Value(call.args[0] == call.args[1]); }

}  // namespace

const std::vector<TemplateFunction>& logic_functions() {
    static const std::vector<TemplateFunction> kTable{
        {"and", 1, -1, and_of},
        {"or", 1, -1, or_of},
        {"not", 1, 1, not_of},
        {"eq", 2, -1, eq},
        {"ne", 2, 2, ne},
        {"lt", 2, 2, lt},
        {"le", 2, 2, le},
        {"gt", 2, 2, gt},
        {"ge", 2, 2, ge},
        {"default", 1, 2, default_of},
        {"empty", 1, 1, is_empty},
        {"coalesce", 0, -1, coalesce},
        {"ternary", 3, 3, ternary},
        {"all", 0, -1, all_of},
        {"any", 0, -1, any_of},
        {"fail", 1, 1, fail_with},
        {"required", 2, 2, required},
        {"kindOf", 1, 1, kind_of},
        {"kindIs", 2, 2, kind_is},
        {"typeOf", 1, 1, type_of},
        {"typeIs", 2, 2, type_is},
        {"deepEqual", 2, 2, deep_equal},
    };
    return kTable;
}

}  // namespace pintle::form
