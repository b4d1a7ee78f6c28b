#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"
#include "form/cast.hpp"
#include "form/template_functions.hpp"

namespace pintle::form {
namespace {

using Value = TemplateValue;
using Whole = std::int64_t;

// Go's whole numbers wrap around; doing it without sign keeps that defined here.
Whole wrap(std::uint64_t value) { return static_cast<Whole>(value); }
std::uint64_t bits(Whole value) { return static_cast<std::uint64_t>(value); }

Result<Value> to_int(const FunctionCall& call) { return Value(cast_to_int(call.args[0])); }
Result<Value> to_float(const FunctionCall& call) { return Value(cast_to_float(call.args[0])); }

Result<Value> atoi(const FunctionCall& call) { return Value(parse_int(TRY(call.text(0))).value_or(0)); }

Result<Value> add(const FunctionCall& call) {
    std::uint64_t sum = 0;
    for (const Value& arg : call.args) sum += bits(cast_to_int(arg));
    return Value(wrap(sum));
}

Result<Value> add1(const FunctionCall& call) { return Value(wrap(bits(cast_to_int(call.args[0])) + 1)); }
Result<Value> sub(const FunctionCall& call) {
    return Value(wrap(bits(cast_to_int(call.args[0])) - bits(cast_to_int(call.args[1]))));
}

Result<Value> mul(const FunctionCall& call) {
    std::uint64_t product = 1;
    for (const Value& arg : call.args) product *= bits(cast_to_int(arg));
    return Value(wrap(product));
}

Result<Value> divide(const FunctionCall& call, bool wants_rest) {
    const Whole a = cast_to_int(call.args[0]);
    const Whole b = cast_to_int(call.args[1]);
    if (b == 0) return fail(ErrorCode::kInvalid, "{} cannot divide by 0", call.name);
    // The only quotient that does not fit.
    if (b == -1) return Value(wants_rest ? Whole{0} : wrap(0 - bits(a)));
    return Value(wants_rest ? a % b : a / b);
}

Result<Value> div(const FunctionCall& call) { return divide(call, false); }
Result<Value> mod(const FunctionCall& call) { return divide(call, true); }

Result<Value> addf(const FunctionCall& call) {
    double sum = 0;
    for (const Value& arg : call.args) sum += cast_to_float(arg);
    return Value(sum);
}

Result<Value> subf(const FunctionCall& call) {
    double rest = cast_to_float(call.args[0]);
    for (std::size_t i = 1; i < call.args.size(); ++i) rest -= cast_to_float(call.args[i]);
    return Value(rest);
}

Result<Value> mulf(const FunctionCall& call) {
    double product = 1;
    for (const Value& arg : call.args) product *= cast_to_float(arg);
    return Value(product);
}

Result<Value> divf(const FunctionCall& call) {
    double quotient = cast_to_float(call.args[0]);
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const double by = cast_to_float(call.args[i]);
        if (by == 0) return fail(ErrorCode::kInvalid, "divf cannot divide by 0");
        quotient /= by;
    }
    return Value(quotient);
}

Result<Value> max_of(const FunctionCall& call) {
    Whole most = cast_to_int(call.args[0]);
    for (const Value& arg : call.args) most = std::max(most, cast_to_int(arg));
    return Value(most);
}

Result<Value> min_of(const FunctionCall& call) {
    Whole least = cast_to_int(call.args[0]);
    for (const Value& arg : call.args) least = std::min(least, cast_to_int(arg));
    return Value(least);
}

Result<Value> maxf(const FunctionCall& call) {
    double most = cast_to_float(call.args[0]);
    for (const Value& arg : call.args) most = std::fmax(most, cast_to_float(arg));
    return Value(most);
}

Result<Value> minf(const FunctionCall& call) {
    double least = cast_to_float(call.args[0]);
    for (const Value& arg : call.args) least = std::fmin(least, cast_to_float(arg));
    return Value(least);
}

Result<Value> floor_of(const FunctionCall& call) { return Value(std::floor(cast_to_float(call.args[0]))); }
Result<Value> ceil_of(const FunctionCall& call) { return Value(std::ceil(cast_to_float(call.args[0]))); }

// Half and more goes up, as sprig has it; a third argument is where "up" begins.
Result<Value> round_of(const FunctionCall& call) {
    const double value = cast_to_float(call.args[0]);
    const double factor = std::pow(10.0, static_cast<double>(cast_to_int(call.args[1])));
    const double up_from = call.args.size() > 2 ? cast_to_float(call.args[2]) : 0.5;
    const double digit = value * factor;
    double whole = 0;
    const double rest = std::modf(digit, &whole);
    return Value((rest >= up_from ? std::ceil(digit) : std::floor(digit)) / factor);
}

Result<Value> numbers(const FunctionCall& call, Whole first, Whole stop, Whole step) {
    Value::List out;
    if (step == 0 || (step > 0) != (first < stop)) return Value(std::move(out));
    const std::uint64_t span = step > 0 ? bits(stop) - bits(first) : bits(first) - bits(stop);
    const std::uint64_t stride = step > 0 ? bits(step) : 0 - bits(step);
    const std::uint64_t count = span / stride + (span % stride > 0 ? 1 : 0);
    // Before the list is made: it could be as long as there are numbers.
    if (count > 1'000'000) return fail(ErrorCode::kInvalid, "{} makes more than 1000000 numbers", call.name);
    TRY(call.budget.make(count * sizeof(Value)));
    for (std::uint64_t i = 0; i < count; ++i) out.emplace_back(wrap(bits(first) + i * bits(step)));
    return Value(std::move(out));
}

Result<Value> until(const FunctionCall& call) {
    const Whole count = TRY(call.whole(0));
    return numbers(call, 0, count, count < 0 ? -1 : 1);
}

Result<Value> until_step(const FunctionCall& call) {
    const Whole first = TRY(call.whole(0));
    const Whole stop = TRY(call.whole(1));
    const Whole step = TRY(call.whole(2));
    return numbers(call, first, stop, step);
}

// As the program of that name: FIRST and STEP are 1 when not given, and LAST is in it. The numbers in one text.
Result<Value> seq(const FunctionCall& call) {
    std::vector<Whole> given;
    for (std::size_t i = 0; i < call.args.size(); ++i) given.push_back(TRY(call.whole(i)));
    if (given.empty()) return Value(std::string());
    const Whole first = given.size() == 1 ? 1 : given[0];
    const Whole last = given.back();
    const Whole step = given.size() == 3 ? given[1] : last < first ? -1 : 1;
    const Whole stop = wrap(bits(last) + bits(step > 0 ? 1 : -1));
    const Value list = TRY(numbers(call, first, stop, step));
    std::string out;
    for (const Value& number : list.as_list()) out += (out.empty() ? "" : " ") + std::to_string(number.as_int());
    return call.made(std::move(out));
}

}  // namespace

const std::vector<TemplateFunction>& number_functions() {
    static const std::vector<TemplateFunction> kTable{
        {"int", 1, 1, to_int},
        {"int64", 1, 1, to_int},
        {"float64", 1, 1, to_float},
        {"atoi", 1, 1, atoi},
        {"add", 0, -1, add},
        {"add1", 1, 1, add1},
        {"sub", 2, 2, sub},
        {"mul", 1, -1, mul},
        {"div", 2, 2, div},
        {"mod", 2, 2, mod},
        {"addf", 0, -1, addf},
        {"subf", 1, -1, subf},
        {"mulf", 1, -1, mulf},
        {"divf", 1, -1, divf},
        {"max", 1, -1, max_of},
        {"min", 1, -1, min_of},
        {"biggest", 1, -1, max_of},
        {"maxf", 1, -1, maxf},
        {"minf", 1, -1, minf},
        {"floor", 1, 1, floor_of},
        {"ceil", 1, 1, ceil_of},
        {"round", 2, 3, round_of},
        {"until", 1, 1, until},
        {"untilStep", 3, 3, until_step},
        {"seq", 0, 3, seq},
    };
    return kTable;
}

}  // namespace pintle::form
