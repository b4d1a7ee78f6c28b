#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "document/stored_fields.hpp"
#include "domain/change.hpp"
#include "json/json_text.hpp"
#include "json/value.hpp"

namespace pintle::document {

/// How each kind of C++ value becomes a JSON value of the stored form and back. Structs go through their
/// fields() in stored_fields.hpp, once with a StoredWriter and once with a StoredReader, so that the two
/// directions cannot differ. Private to the module.

[[nodiscard]] json::Value encode(const domain::PropertyValue& value);
[[nodiscard]] json::Value encode(const domain::SourceOrigin& origin);
[[nodiscard]] Result<void> decode(const json::Value& value, domain::PropertyValue& out);
[[nodiscard]] Result<void> decode(const json::Value& value, domain::SourceOrigin& out);

template <class T>
[[nodiscard]] json::Value encode(const T& value);
template <class T>
[[nodiscard]] Result<void> decode(const json::Value& value, T& out);

/// "expected text, got a list", as kCorrupt.
[[nodiscard]] tl::unexpected<Error> wrong_type(std::string_view expected, const json::Value& got);
/// Puts a step before the path of the error's only detail: "a" before "b[0]" makes "a.b[0]".
[[nodiscard]] Error below(std::string_view step, Error error);

namespace detail {
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_text_map = false;
template <class T>
inline constexpr bool is_text_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_id = false;
template <class T>
inline constexpr bool is_id<Id<T>> = true;
using TextPair = std::pair<std::string, std::string>;
}  // namespace detail

/// Whether the value may be left out because nothing is what a missing field reads as.
template <class T>
[[nodiscard]] bool is_nothing(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) return value == T{};
    else if constexpr (std::is_enum_v<T>) return false;
    else if constexpr (std::is_same_v<T, Time>) return to_ms(value) == 0;
    else if constexpr (std::is_same_v<T, Duration>) return value.count() == 0;
    else if constexpr (detail::is_optional<T>) return !value;
    else if constexpr (requires { value.empty(); }) return value.empty();
    else return value == T{};
}

class StoredWriter {
public:
    /// Left out when it is nothing: "", 0, false, an empty list.
    template <class T>
    void field(const char* name, const T& value) {
        if (!is_nothing(value)) out_.add(name, encode(value));
    }
    template <class T>
    void always(const char* name, const T& value) {
        out_.add(name, encode(value));
    }
    template <class T>
    void required(const char* name, const T& value) {
        out_.add(name, encode(value));
    }
    [[nodiscard]] json::Value take() { return std::move(out_); }

private:
    json::Value out_{json::Object{}};
};

/// Writes what json::to_json() would make of a StoredWriter's value, without making the value: the store writes many
/// documents.
class StoredTextWriter {
public:
    /// Appends to `out`, which is borrowed. The field `left_out` is not written.
    explicit StoredTextWriter(std::string& out, std::string_view left_out = {}) : out_(out), left_out_(left_out) {
        out_ += '{';
    }
    template <class T>
    void field(const char* name, const T& value) {
        if (!is_nothing(value)) always(name, value);
    }
    template <class T>
    void always(const char* name, const T& value);
    template <class T>
    void required(const char* name, const T& value) {
        always(name, value);
    }
    void finish() { out_ += '}'; }

private:
    std::string& out_;
    std::string_view left_out_;
    bool first_ = true;
};

/// As json::append_json(out, encode(value)).
template <class T>
void append_stored(std::string& out, const T& value);

class StoredReader {
public:
    /// Borrows the object.
    explicit StoredReader(const json::Value& object) : object_(object) {
        if (!object.is_object()) status_ = wrong_type("a mapping", object);
    }
    template <class T>
    void field(const char* name, T& out) {
        const json::Value* value = status_ ? object_.find(name) : nullptr;
        if (value == nullptr || value->is_null()) return;
        if (auto read = decode(*value, out); !read) status_ = fail(below(name, std::move(read).error()));
    }
    template <class T>
    void always(const char* name, T& out) {
        field(name, out);
    }
    template <class T>
    void required(const char* name, T& out) {
        if (status_ && !object_.has(name)) {
            status_ = fail(below(name, Error{ErrorCode::kCorrupt, "is missing", {{"", "is missing", 0, 0}}, {}}));
        }
        field(name, out);
    }
    [[nodiscard]] Result<void> status() { return std::move(status_); }

private:
    const json::Value& object_;
    Result<void> status_;
};

template <class T>
json::Value encode(const T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
        return json::Value(value);
    } else if constexpr (std::is_enum_v<T>) {
        return json::Value(to_string(value));
    } else if constexpr (detail::is_id<T>) {
        return json::Value(value.str());
    } else if constexpr (std::is_same_v<T, Time>) {
        return json::Value(to_ms(value));
    } else if constexpr (std::is_same_v<T, Duration>) {
        return json::Value(static_cast<std::int64_t>(value.count()));
    } else if constexpr (detail::is_optional<T>) {
        return value ? encode(*value) : json::Value();
    } else if constexpr (std::is_same_v<T, detail::TextPair>) {
        return json::Value::array({value.first, value.second});
    } else if constexpr (detail::is_vector<T>) {
        json::Array items;
        items.reserve(value.size());
        for (const auto& item : value) items.push_back(encode(item));
        return json::Value(std::move(items));
    } else if constexpr (detail::is_text_map<T>) {
        json::Object members;
        for (const auto& [key, item] : value) members.push_back({key, encode(item), {}});
        return json::Value(std::move(members));
    } else {
        StoredWriter writer;
        fields(writer, value);
        return writer.take();
    }
}

template <class T>
void StoredTextWriter::always(const char* name, const T& value) {
    if (name == left_out_) return;
    if (!first_) out_ += ',';
    first_ = false;
    // Names of fields need no escapes.
    out_ += '"';
    out_ += name;
    out_ += "\":";
    append_stored(out_, value);
}

template <class Items, class Append>
void append_items(std::string& out, const Items& items, char open, char close, const Append& append) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
        if (!first) out += ',';
        first = false;
        append(item);
    }
    out += close;
}

template <class T>
void append_stored(std::string& out, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
        json::append_json_number(out, value);
    } else if constexpr (std::is_same_v<T, std::string>) {
        json::append_json_text(out, value);
    } else if constexpr (std::is_enum_v<T>) {
        json::append_json_text(out, to_string(value));
    } else if constexpr (detail::is_id<T>) {
        json::append_json_text(out, value.str());
    } else if constexpr (std::is_same_v<T, Time>) {
        json::append_json_number(out, to_ms(value));
    } else if constexpr (std::is_same_v<T, Duration>) {
        json::append_json_number(out, value.count());
    } else if constexpr (detail::is_optional<T>) {
        if (value) append_stored(out, *value);
        else out += "null";
    } else if constexpr (std::is_same_v<T, detail::TextPair>) {
        append_items(out, std::array{&value.first, &value.second}, '[', ']',
                     [&](const std::string* text) { json::append_json_text(out, *text); });
    } else if constexpr (detail::is_vector<T>) {
        append_items(out, value, '[', ']', [&](const auto& item) { append_stored(out, item); });
    } else if constexpr (detail::is_text_map<T>) {
        append_items(out, value, '{', '}', [&](const auto& member) {
            json::append_json_text(out, member.first);
            out += ':';
            append_stored(out, member.second);
        });
    } else if constexpr (std::is_same_v<T, domain::PropertyValue> || std::is_same_v<T, domain::SourceOrigin>) {
        json::append_json(out, encode(value));
    } else {
        StoredTextWriter writer(out);
        fields(writer, value);
        writer.finish();
    }
}

template <class T>
Result<void> decode_list(const json::Value& value, std::vector<T>& out) {
    if (!value.is_array()) return wrong_type("a list", value);
    out.clear();
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto read = decode(value[i], out.emplace_back());
        if (!read) return fail(below(fmt::format("[{}]", i), std::move(read).error()));
    }
    return {};
}

template <class T>
Result<void> decode_map(const json::Value& value, std::map<std::string, T>& out) {
    if (!value.is_object()) return wrong_type("a mapping", value);
    out.clear();
    for (const json::Member& member : value.as_object()) {
        auto read = decode(member.value, out[member.key]);
        if (!read) return fail(below(member.key, std::move(read).error()));
    }
    return {};
}

template <class T>
Result<void> decode_integer(const json::Value& value, T& out) {
    if (!value.is_int()) return wrong_type("a whole number", value);
    if (!std::in_range<T>(value.as_int())) return wrong_type("a smaller number", value);
    out = static_cast<T>(value.as_int());
    return {};
}

template <class T>
Result<void> decode_enum(const json::Value& value, T& out) {
    if (!value.is_string()) return wrong_type("text", value);
    for (const T candidate : enumerators(out)) {
        if (to_string(candidate) != value.as_string()) continue;
        out = candidate;
        return {};
    }
    return wrong_type("one of the known words", value);
}

template <class T>
Result<void> decode(const json::Value& value, T& out) {
    if constexpr (std::is_same_v<T, bool>) {
        if (!value.is_bool()) return wrong_type("true or false", value);
        out = value.as_bool();
        return {};
    } else if constexpr (std::is_integral_v<T>) {
        return decode_integer(value, out);
    } else if constexpr (std::is_enum_v<T>) {
        return decode_enum(value, out);
    } else if constexpr (std::is_same_v<T, std::string> || detail::is_id<T>) {
        if (!value.is_string()) return wrong_type("text", value);
        out = T(value.as_string());
        return {};
    } else if constexpr (std::is_same_v<T, Time> || std::is_same_v<T, Duration>) {
        if (!value.is_int()) return wrong_type("a whole number of milliseconds", value);
        out = T(Duration(value.as_int()));
        return {};
    } else if constexpr (detail::is_optional<T>) {
        return decode(value, out.emplace());
    } else if constexpr (std::is_same_v<T, detail::TextPair>) {
        if (!value.is_array() || value.size() != 2 || !value[0].is_string() || !value[1].is_string())
            return wrong_type("two texts", value);
        out = {value[0].as_string(), value[1].as_string()};
        return {};
    } else if constexpr (detail::is_vector<T>) {
        return decode_list(value, out);
    } else if constexpr (detail::is_text_map<T>) {
        return decode_map(value, out);
    } else {
        StoredReader reader(value);
        fields(reader, out);
        return reader.status();
    }
}

}  // namespace pintle::document
