#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::core::scenario {

/// One line of a scenario without its keyword.
struct Step {
    std::string keyword;  ///< "Given", "When", "Then", "And" or "But", as written.
    std::string text;
    int line = 0;  ///< From 1.
    bool operator==(const Step&) const = default;
};

/// Something that happens, step by step, and what must be true then.
struct Scenario {
    std::string name;
    int line = 0;
    std::vector<Step> steps;  ///< Those of the file's background come first.
    bool operator==(const Scenario&) const = default;
};

struct ScenarioFile {
    std::string path;
    std::vector<Scenario> scenarios;
};

/// Reads the text of a `.scenario` file; tests/scenarios/README.md has the grammar. `path` is for messages only.
/// kInvalid with "PATH:LINE: …" for the first line that is none of it.
[[nodiscard]] Result<ScenarioFile> parse_scenarios(std::string path, std::string_view text);

}  // namespace pintle::core::scenario
