#include "json/value.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/check.hpp"
#include "json/json_text.hpp"

namespace pintle::json {

static_assert(sizeof(Value) <= 48, "every request body and stored document is made of these");
static_assert(std::is_nothrow_move_constructible_v<Value>);

Spelling::Spelling(std::string_view text) {
    if (text.size() > kMax) return;
    std::memcpy(text_, text.data(), text.size());
    size_ = static_cast<std::uint8_t>(text.size());
}

Value::Value(Array items) : data_(std::move(items)) {}
Value::Value(Object members) : data_(std::move(members)) {}

Value Value::array(std::initializer_list<Value> items) { return Value(Array(items)); }

Value Value::object(std::initializer_list<Member> members) {
    Value made{Object(members)};
    check(!find_duplicate(made.as_object()), "an object was built with the same key twice");
    return made;
}

std::string_view Value::type_name() const {
    switch (type()) {
        case Type::kNull: return "nothing";
        case Type::kBool: return "true or false";
        case Type::kInt: return "a whole number";
        case Type::kDouble: return "a number";
        case Type::kString: return "text";
        case Type::kArray: return "a list";
        case Type::kObject: return "a mapping";
    }
    unreachable();
}

bool Value::as_bool() const {
    check(is_bool(), "as_bool() on another type");
    return std::get<Scalar<bool>>(data_).value;
}

std::int64_t Value::as_int() const {
    check(is_int(), "as_int() on another type");
    return std::get<Scalar<std::int64_t>>(data_).value;
}

double Value::as_double() const {
    if (is_int()) return static_cast<double>(as_int());
    check(is_double(), "as_double() on another type");
    return std::get<Scalar<double>>(data_).value;
}

const std::string& Value::as_string() const {
    check(is_string(), "as_string() on another type");
    return std::get<std::string>(data_);
}
std::string& Value::as_string() { return const_cast<std::string&>(std::as_const(*this).as_string()); }

const Array& Value::as_array() const {
    check(is_array(), "as_array() on another type");
    return std::get<Array>(data_);
}
Array& Value::as_array() { return const_cast<Array&>(std::as_const(*this).as_array()); }

const Object& Value::as_object() const {
    check(is_object(), "as_object() on another type");
    return std::get<Object>(data_);
}
Object& Value::as_object() { return const_cast<Object&>(std::as_const(*this).as_object()); }

std::size_t Value::size() const {
    if (is_array()) return as_array().size();
    if (is_object()) return as_object().size();
    return 0;
}

const Value* Value::find(std::string_view key) const {
    if (!is_object()) return nullptr;
    for (const Member& member : as_object()) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}
Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

namespace {
const Value kNothing;
}

const Value& Value::operator[](std::string_view key) const {
    const Value* found = find(key);
    return found != nullptr ? *found : kNothing;
}

const Value& Value::operator[](std::size_t index) const {
    return is_array() && index < size() ? as_array()[index] : kNothing;
}

Value& Value::set(std::string_view key, Value value) {
    if (Value* found = find(key)) {
        *found = std::move(value);
        return *this;
    }
    return add(std::string(key), std::move(value));
}

Value& Value::add(std::string key, Value value) {
    if (is_null()) data_ = Object{};
    as_object().push_back({std::move(key), std::move(value), {}});
    return *this;
}

Value& Value::push(Value value) {
    if (is_null()) data_ = Array{};
    as_array().push_back(std::move(value));
    return *this;
}

bool Value::remove(std::string_view key) {
    if (!is_object()) return false;
    return std::erase_if(as_object(), [&](const Member& member) { return member.key == key; }) > 0;
}

std::optional<std::string> Value::scalar_text() const {
    const auto spelled = [this](const auto& scalar) {
        return scalar.spelling.text().empty() ? to_json(*this) : std::string(scalar.spelling.text());
    };
    switch (type()) {
        case Type::kString: return as_string();
        case Type::kBool: return spelled(std::get<Scalar<bool>>(data_));
        case Type::kInt: return spelled(std::get<Scalar<std::int64_t>>(data_));
        case Type::kDouble: return spelled(std::get<Scalar<double>>(data_));
        case Type::kNull:
        case Type::kArray:
        case Type::kObject: return std::nullopt;
    }
    unreachable();
}

void Value::set_spelling(std::string_view spelling) {
    if (auto* boolean = std::get_if<Scalar<bool>>(&data_)) boolean->spelling = Spelling(spelling);
    if (auto* whole = std::get_if<Scalar<std::int64_t>>(&data_)) whole->spelling = Spelling(spelling);
    if (auto* number = std::get_if<Scalar<double>>(&data_)) number->spelling = Spelling(spelling);
}

namespace {

std::vector<std::size_t> sorted_by_key(const Object& members) {
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const int compared = members[a].key.compare(members[b].key);
        return compared != 0 ? compared < 0 : a < b;
    });
    return order;
}

bool same_members(const Object& a, const Object& b) {
    if (a.size() != b.size()) return false;
    const auto same = [](const Member& left, const Member& right) {
        return left.key == right.key && left.value == right.value;
    };
    const bool same_order =
        std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x.key == y.key; });
    if (same_order) return std::equal(a.begin(), a.end(), b.begin(), same);
    const auto order_a = sorted_by_key(a);
    const auto order_b = sorted_by_key(b);
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!same(a[order_a[i]], b[order_b[i]])) return false;
    }
    return true;
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
    if (a.type() != b.type()) return false;
    switch (a.type()) {
        case Type::kNull: return true;
        case Type::kBool: return a.as_bool() == b.as_bool();
        case Type::kInt: return a.as_int() == b.as_int();
        case Type::kDouble: return a.as_double() == b.as_double();
        case Type::kString: return a.as_string() == b.as_string();
        case Type::kArray: return a.as_array() == b.as_array();
        case Type::kObject: return same_members(a.as_object(), b.as_object());
    }
    unreachable();
}

std::optional<std::pair<std::size_t, std::size_t>> find_duplicate(const Object& members) {
    constexpr std::size_t kFew = 12;
    if (members.size() <= kFew) {
        for (std::size_t repeat = 1; repeat < members.size(); ++repeat) {
            for (std::size_t earlier = 0; earlier < repeat; ++earlier) {
                if (members[earlier].key == members[repeat].key) return std::pair{earlier, repeat};
            }
        }
        return std::nullopt;
    }
    std::optional<std::pair<std::size_t, std::size_t>> first;
    const auto order = sorted_by_key(members);
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (members[order[i - 1]].key != members[order[i]].key) continue;
        if (!first || order[i] < first->second) first = std::pair{order[i - 1], order[i]};
    }
    return first;
}

}  // namespace pintle::json
