#include "engine_process/fields.hpp"

#include "base/text.hpp"

namespace pintle::engine_process {

void Fields::add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
void Fields::add(std::string_view name, std::int64_t value) { fields_.emplace_back(name, fmt::format("{}", value)); }

const std::string* Fields::find(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (key == name) return &value;
    }
    return nullptr;
}

std::string Fields::text(std::string_view name) const {
    const std::string* value = find(name);
    return value == nullptr ? std::string() : *value;
}

std::int64_t Fields::number(std::string_view name) const {
    const std::string* value = find(name);
    return value == nullptr ? 0 : parse_int(*value).value_or(0);
}

Result<std::string> Fields::encode() const {
    std::string bytes;
    for (const auto& [name, value] : fields_) {
        if (value.find('\0') != std::string::npos) {
            return fail(ErrorCode::kInvalid, "the {} contains a NUL byte, which no program can be given", name);
        }
        bytes.append(name).append("=").append(value).push_back('\0');
    }
    return bytes;
}

Result<Fields> Fields::decode(std::string_view bytes) {
    Fields fields;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\0');
        const std::size_t equals = bytes.find('=');
        if (end == std::string_view::npos || equals == std::string_view::npos || equals > end) {
            return fail(ErrorCode::kCorrupt, "field {} is not whole", fields.fields_.size() + 1);
        }
        fields.add(bytes.substr(0, equals), bytes.substr(equals + 1, end - equals - 1));
        bytes.remove_prefix(end + 1);
    }
    return fields;
}

}  // namespace pintle::engine_process
