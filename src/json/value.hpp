#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pintle::json {

/// Where something stood in its text, in lines and characters from 1; 0 when unknown.
struct Place {
    int line = 0;
    int column = 0;
    [[nodiscard]] bool known() const { return line > 0; }
    friend bool operator==(const Place&, const Place&) = default;
};

class Value;
struct Member;
using Array = std::vector<Value>;
/// Members in the order in which they were written. Parsers never leave two with the same key.
using Object = std::vector<Member>;

enum class Type { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

/// How a scalar was written when that is not how Pintle would write it, such as `1.10` or `0755`. It fits where
/// a Value has room anyway; longer spellings are dropped.
class Spelling {
public:
    static constexpr std::size_t kMax = 22;
    Spelling() = default;
    explicit Spelling(std::string_view text);
    [[nodiscard]] std::string_view text() const { return {text_, size_}; }

private:
    char text_[kMax] = {};
    std::uint8_t size_ = 0;
};

/// One JSON document or a part of it: the shape of request bodies, stored documents and parsed YAML.
///
/// Threading: a plain value; const access from many threads is fine.
/// Ownership: owns everything below it. References into it live until it is changed.
/// Failure: as_…() on another type is a programmer error and aborts; ask is_…() first, or use json::Reader.
class Value {
public:
    Value();
    Value(std::nullptr_t);
    // Templates, so that a pointer or a class that converts to bool does not become true.
    template <std::same_as<bool> T>
    Value(T value);
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    Value(T value);
    template <std::floating_point T>
    Value(T value);
    Value(const char* text);
    Value(std::string_view text);
    Value(std::string text);
    /// Null when there is none.
    template <class T>
    Value(const std::optional<T>& value);
    explicit Value(Array items);
    explicit Value(Object members);

    [[nodiscard]] static Value array(std::initializer_list<Value> items = {});
    /// `Value::object({{"name", "train"}, {"replicas", 2}})`; the keys must differ.
    [[nodiscard]] static Value object(std::initializer_list<Member> members = {});
    /// A list of whatever the range holds, if a Value can be made of each.
    template <class Range>
    [[nodiscard]] static Value list_of(const Range& items);

    [[nodiscard]] Type type() const { return static_cast<Type>(data_.index()); }
    /// In words for people: "nothing", "true or false", "a whole number", "a number", "text", "a list", "a mapping".
    [[nodiscard]] std::string_view type_name() const;
    [[nodiscard]] bool is_null() const { return type() == Type::kNull; }
    [[nodiscard]] bool is_bool() const { return type() == Type::kBool; }
    [[nodiscard]] bool is_int() const { return type() == Type::kInt; }
    [[nodiscard]] bool is_double() const { return type() == Type::kDouble; }
    [[nodiscard]] bool is_number() const { return is_int() || is_double(); }
    [[nodiscard]] bool is_string() const { return type() == Type::kString; }
    [[nodiscard]] bool is_array() const { return type() == Type::kArray; }
    [[nodiscard]] bool is_object() const { return type() == Type::kObject; }

    [[nodiscard]] bool as_bool() const;
    [[nodiscard]] std::int64_t as_int() const;
    /// A whole number is taken too.
    [[nodiscard]] double as_double() const;
    [[nodiscard]] const std::string& as_string() const;
    [[nodiscard]] std::string& as_string();
    [[nodiscard]] const Array& as_array() const;
    [[nodiscard]] Array& as_array();
    [[nodiscard]] const Object& as_object() const;
    [[nodiscard]] Object& as_object();

    /// Items or members; 0 for scalars.
    [[nodiscard]] std::size_t size() const;
    /// The member's value; null pointer when there is none or this is not an object. Looks from the front.
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] Value* find(std::string_view key);
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    /// The member or item, or a null value when there is none.
    [[nodiscard]] const Value& operator[](std::string_view key) const;
    [[nodiscard]] const Value& operator[](std::size_t index) const;

    /// Replaces the member or appends it. A null value becomes an object first.
    Value& set(std::string_view key, Value value);
    /// Appends a member whose key is known to be new, without looking.
    Value& add(std::string key, Value value);
    /// Appends an item. A null value becomes an array first.
    Value& push(Value value);
    /// Whether there was such a member.
    bool remove(std::string_view key);

    [[nodiscard]] Place place() const { return place_; }
    void set_place(Place place) { place_ = place; }
    /// A scalar as text, in the spelling of its source where that is known; nothing for null, lists and mappings.
    [[nodiscard]] std::optional<std::string> scalar_text() const;
    /// Has no effect on anything but a boolean or a number.
    void set_spelling(std::string_view spelling);

    /// Same type and content; places, spellings and the order of an object's members do not count.
    friend bool operator==(const Value& a, const Value& b);

private:
    template <class T>
    struct Scalar {
        T value;
        Spelling spelling;
    };

    // In the order of Type.
    std::variant<std::monostate, Scalar<bool>, Scalar<std::int64_t>, Scalar<double>, std::string, Array, Object> data_;
    Place place_;
};

struct Member {
    std::string key;
    Value value;
    Place place = {};  ///< Of the key.
};

// These come where Member is complete, because clang looks into the variant at once.
inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
inline Value::Value(const char* text) : data_(std::string(text)) {}
inline Value::Value(std::string_view text) : data_(std::string(text)) {}
inline Value::Value(std::string text) : data_(std::move(text)) {}

template <std::same_as<bool> T>
Value::Value(T value) : data_(Scalar<bool>{value, {}}) {}

template <std::floating_point T>
Value::Value(T value) : data_(Scalar<double>{static_cast<double>(value), {}}) {}

/// The indices of the first member that repeats an earlier key: {earlier, repeat}.
[[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> find_duplicate(const Object& members);

template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
Value::Value(T value) {
    // A number past the signed range keeps its size at the cost of its last digits.
    if (std::in_range<std::int64_t>(value)) {
        data_ = Scalar<std::int64_t>{static_cast<std::int64_t>(value), {}};
    } else {
        data_ = Scalar<double>{static_cast<double>(value), {}};
    }
}

template <class T>
Value::Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
}

template <class Range>
Value Value::list_of(const Range& items) {
    Array list;
    for (const auto& item : items) list.emplace_back(item);
    return Value(std::move(list));
}

}  // namespace pintle::json
