#pragma once

#include <vector>

#include "core/scenario/scenario_file.hpp"
#include "core/scenario/scenario_world.hpp"
#include "core/scenario/step_pattern.hpp"

namespace pintle::core::scenario {

/// A sentence of the language and what it does. A step that asks the core for something leaves the answer in the
/// world; one that checks fails with what was expected and what was found.
struct StepDefinition {
    StepPattern pattern;
    Result<void> (*run)(World& world, const Arguments& arguments);
};
using StepDefinitions = std::vector<StepDefinition>;

/// All sentences, in the order in which they are tried.
[[nodiscard]] const StepDefinitions& all_steps();
/// Does the step. A sentence that is not known fails with the one that is most like it.
[[nodiscard]] Result<void> run_step(World& world, const Step& step);
/// Whether the step says that something was refused; what was refused and is not said to be is a fault.
[[nodiscard]] bool expects_refusal(const Step& step);

// One function per file of steps.
[[nodiscard]] StepDefinitions steps_of_people();
[[nodiscard]] StepDefinitions steps_of_pools();
[[nodiscard]] StepDefinitions steps_of_machines();
[[nodiscard]] StepDefinitions steps_of_submission();
[[nodiscard]] StepDefinitions steps_of_jobs();
[[nodiscard]] StepDefinitions steps_of_explanations();
[[nodiscard]] StepDefinitions steps_of_components();

/// Nothing when the text reads as expected; else a failure that has both.
[[nodiscard]] Result<void> expect_text(std::string_view what, std::string_view expected, std::string_view found);
[[nodiscard]] Result<void> expect_number(std::string_view what, std::int64_t expected, std::int64_t found);
[[nodiscard]] Result<void> expect_any(std::string_view what, std::string_view expected,
    const std::vector<std::string>& found);
/// The numbers in "job 1, job 2 and job 3", "jobs 1, 2 and 3", "1".
[[nodiscard]] Result<std::vector<int>> job_numbers(const Tokens& tokens);

}  // namespace pintle::core::scenario
