#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::domain {

/// Words by which people find related jobs again. They have no effect on what runs, so no event tells of them: they are
/// kept beside the job and may change after its end. Pure.

inline constexpr std::size_t kTagsOfJobMost = 50;

/// What is wrong with one of them, in a sentence, or nothing: tag_fault(), and that it is not empty and has no blanks
/// at its ends.
[[nodiscard]] std::string job_tag_fault(std::string_view tag);
/// All that is wrong with them, each with its place: `tags[2]`.
[[nodiscard]] Result<void> check_job_tags(const std::vector<std::string>& tags);
/// Each one once, where it came first.
[[nodiscard]] std::vector<std::string> without_repeats(const std::vector<std::string>& tags);

}  // namespace pintle::domain
