#include "base/text.hpp"
#include "fuzzing.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

// NaN is equal to nothing; every other double is written with all its bits.
bool has_nan(const json::Value& value) {
    if (value.is_double()) return value.as_double() != value.as_double();
    if (value.is_array()) return std::any_of(value.as_array().begin(), value.as_array().end(), has_nan);
    if (!value.is_object()) return false;
    const auto& members = value.as_object();
    return std::any_of(members.begin(), members.end(), [](const json::Member& member) { return has_nan(member.value); });
}

std::size_t count_nodes(const json::Value& value) {
    std::size_t count = 1;
    if (value.is_array()) {
        for (const json::Value& item : value.as_array()) count += count_nodes(item);
    } else if (value.is_object()) {
        for (const json::Member& member : value.as_object()) count += count_nodes(member.value);
    }
    return count;
}

}  // namespace

// What is read can be written, and reads back as the same value; what is refused is refused with a place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    json::YamlLimits limits;
    limits.max_nodes = 3000;
    limits.max_bytes = 64 << 10;
    const auto value = json::parse_yaml(as_text(data, size), limits);
    if (!value) {
        require_told(value.error());
        return 0;
    }
    require(count_nodes(*value) <= limits.max_nodes + 1, "aliases count against the limit of nodes");
    const std::string written = json::to_yaml(*value);
    require(to_valid_utf8(written) == written, "YAML is written as UTF-8", written);
    const json::Value again = must(json::parse_yaml(written), "what is written can be read: " + written);
    require(has_nan(*value) || again == *value, "what is written reads back the same", written);
    require(json::to_yaml(again) == written, "a value is always written alike", written);
    return 0;
}
