#include "base/text.hpp"
#include "fuzzing.hpp"
#include "json/json_text.hpp"
#include "json/patch.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

Result<json::Value> parse(std::string_view text) {
    json::JsonLimits limits;
    limits.max_nodes = 5000;
    auto value = json::parse_json(text, limits);
    if (!value) require_told(value.error());
    return value;
}

void check_round_trip(const json::Value& value) {
    const std::string compact = json::to_json(value);
    const std::string pretty = json::to_json_pretty(value);
    require(to_valid_utf8(compact) == compact, "JSON is written as UTF-8", compact);
    require(compact.find('\n') == std::string::npos, "compact JSON is one line", compact);
    const json::Value again = must(json::parse_json(compact), "what is written can be read: " + compact);
    require(again == value, "what is written reads back the same", compact);
    require(json::to_json(again) == compact, "a value is always written alike", compact);
    require(must(json::parse_json(pretty), "the pretty form can be read: " + pretty) == value,
            "the pretty form reads back the same", pretty);
}

bool has_null_member(const json::Value& value) {
    if (!value.is_object()) return false;
    const auto& members = value.as_object();
    return std::any_of(members.begin(), members.end(), [](const json::Member& member) {
        return member.value.is_null() || has_null_member(member.value);
    });
}

void check_patch(const json::Value& target, const json::Value& patch) {
    const json::Value once = json::merge_patch(target, patch);
    require(json::merge_patch(once, patch) == once, "a merge patch changes nothing the second time", json::to_json(once));
    require(!has_null_member(json::merge_patch(json::Value(), patch)), "a merge patch leaves no null of its own");
}

}  // namespace

// The input is one document, or two with a 0xFF between them: a target and a merge patch.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(data, size);
    const std::size_t mark = text.find('\xFF');
    const auto value = parse(text.substr(0, mark));
    if (value) check_round_trip(*value);
    if (!value || mark == std::string_view::npos) return 0;
    if (const auto patch = parse(text.substr(mark + 1))) check_patch(*value, *patch);
    return 0;
}
