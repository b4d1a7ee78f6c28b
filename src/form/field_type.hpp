#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pintle::form {

/// What a form's field holds.
enum class FieldType {
    kInt,      ///< 64 bits.
    kInt8,
    kInt16,
    kInt32,
    kInt64,
    kUint8,
    kUint16,
    kFloat,
    kDouble,
    kByte,     ///< A file: the value is its path in the replica.
    kBytes,    ///< As kByte; the template sees a list of one.
    kString,
    kStrings,  ///< As kString; the template sees a list of one.
    kBoolean,
    kSelect,   ///< One of its options.
    kList,     ///< Values of one other type.
    kGroup,    ///< Fields that stand together; no value of its own.
};

struct IntRange {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

[[nodiscard]] std::string_view to_string(FieldType type);
/// Also by its other spellings, `bool` and `text`; nothing when there is no such type.
[[nodiscard]] std::optional<FieldType> field_type_from(std::string_view name);
[[nodiscard]] std::vector<std::string_view> field_type_names();

/// Nothing for types that hold no whole numbers.
[[nodiscard]] std::optional<IntRange> range_of(FieldType type);
[[nodiscard]] bool is_fraction(FieldType type);
[[nodiscard]] bool is_upload(FieldType type);
[[nodiscard]] bool is_text(FieldType type);

}  // namespace pintle::form
