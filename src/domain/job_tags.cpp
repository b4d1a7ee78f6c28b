#include "domain/job_tags.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "domain/label.hpp"

namespace pintle::domain {

std::string job_tag_fault(std::string_view tag) {
    if (std::string fault = tag_fault(tag); !fault.empty()) return fault;
    if (tag.empty()) return "a tag may not be empty";
    if (trim(tag) != tag) return "a tag may not begin or end with a blank";
    return {};
}

Result<void> check_job_tags(const std::vector<std::string>& tags) {
    if (tags.size() > kTagsOfJobMost)
        return fail(ErrorCode::kInvalid, "a job has at most {} tags, these are {}", kTagsOfJobMost, tags.size());
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < tags.size(); ++i) {
        if (std::string fault = job_tag_fault(tags[i]); !fault.empty())
            faults.push_back({fmt::format("tags[{}]", i), std::move(fault), 0, 0});
    }
    if (faults.empty()) return {};
    return fail(Error{ErrorCode::kInvalid, "the tags cannot be kept as they are", std::move(faults), {}});
}

std::vector<std::string> without_repeats(const std::vector<std::string>& tags) {
    std::vector<std::string> once;
    for (const std::string& tag : tags) {
        if (std::find(once.begin(), once.end(), tag) == once.end()) once.push_back(tag);
    }
    return once;
}

}  // namespace pintle::domain
