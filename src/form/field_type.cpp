#include "form/field_type.hpp"

#include <array>
#include <limits>
#include <utility>

namespace pintle::form {
namespace {

constexpr std::array<std::pair<FieldType, std::string_view>, 17> kNames{{
    {FieldType::kInt, "int"},
    {FieldType::kInt8, "int8"},
    {FieldType::kInt16, "int16"},
    {FieldType::kInt32, "int32"},
    {FieldType::kInt64, "int64"},
    {FieldType::kUint8, "uint8"},
    {FieldType::kUint16, "uint16"},
    {FieldType::kFloat, "float"},
    {FieldType::kDouble, "double"},
    {FieldType::kByte, "byte"},
    {FieldType::kBytes, "bytes"},
    {FieldType::kString, "string"},
    {FieldType::kStrings, "strings"},
    {FieldType::kBoolean, "boolean"},
    {FieldType::kSelect, "select"},
    {FieldType::kList, "list"},
    {FieldType::kGroup, "group"},
}};

template <class T>
IntRange whole() {
    return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

}  // namespace

std::string_view to_string(FieldType type) {
    for (const auto& [known, name] : kNames) {
        if (known == type) return name;
    }
    return "";
}

std::optional<FieldType> field_type_from(std::string_view name) {
    if (name == "bool") return FieldType::kBoolean;
    if (name == "text") return FieldType::kString;
    for (const auto& [type, known] : kNames) {
        if (known == name) return type;
    }
    return std::nullopt;
}

std::vector<std::string_view> field_type_names() {
    std::vector<std::string_view> names;
    for (const auto& [type, name] : kNames) names.push_back(name);
    return names;
}

std::optional<IntRange> range_of(FieldType type) {
    switch (type) {
        case FieldType::kInt:
        case FieldType::kInt64: return whole<std::int64_t>();
        case FieldType::kInt8: return whole<std::int8_t>();
        case FieldType::kInt16: return whole<std::int16_t>();
        case FieldType::kInt32: return whole<std::int32_t>();
        case FieldType::kUint8: return whole<std::uint8_t>();
        case FieldType::kUint16: return whole<std::uint16_t>();
        case FieldType::kFloat:
        case FieldType::kDouble:
        case FieldType::kByte:
        case FieldType::kBytes:
        case FieldType::kString:
        case FieldType::kStrings:
        case FieldType::kBoolean:
        case FieldType::kSelect:
        case FieldType::kList:
        case FieldType::kGroup: return std::nullopt;
    }
    return std::nullopt;
}

bool is_fraction(FieldType type) { return type == FieldType::kFloat || type == FieldType::kDouble; }
bool is_upload(FieldType type) { return type == FieldType::kByte || type == FieldType::kBytes; }
bool is_text(FieldType type) { return type == FieldType::kString || type == FieldType::kStrings; }

}  // namespace pintle::form
