#include "json/patch.hpp"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace pintle::json {

Value merge_patch(Value target, const Value& patch) {
    if (!patch.is_object()) return patch;
    if (!target.is_object()) target = Value::object();
    Object& members = target.as_object();
    // The views stay good: keys are only added to `members` after every look-up.
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < members.size(); ++i) index.emplace(members[i].key, i);
    std::vector<bool> removed(members.size());
    Object added;
    for (const Member& change : patch.as_object()) {
        const auto found = index.find(change.key);
        if (found == index.end()) {
            if (!change.value.is_null()) added.push_back({change.key, merge_patch({}, change.value), change.place});
        } else if (change.value.is_null()) {
            removed[found->second] = true;
        } else {
            Value& old = members[found->second].value;
            old = merge_patch(std::move(old), change.value);
        }
    }
    Object kept;
    kept.reserve(members.size() + added.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (!removed[i]) kept.push_back(std::move(members[i]));
    }
    for (Member& member : added) kept.push_back(std::move(member));
    members = std::move(kept);
    return target;
}

}  // namespace pintle::json
