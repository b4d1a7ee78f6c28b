#include "core/scenario/steps.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::core::scenario {

const StepDefinitions& all_steps() {
    static const StepDefinitions all = [] {
        StepDefinitions steps;
        for (auto* part : {steps_of_people, steps_of_pools, steps_of_machines, steps_of_submission, steps_of_jobs,
            steps_of_explanations, steps_of_components}) {
            for (StepDefinition& step : part()) steps.push_back(std::move(step));
        }
        return steps;
    }();
    return all;
}

namespace {

const std::string& nearest_step(const Tokens& tokens) {
    const StepDefinitions& steps = all_steps();
    const auto most = std::max_element(steps.begin(), steps.end(),
        [&](const StepDefinition& a, const StepDefinition& b) {
        return a.pattern.likeness(tokens) < b.pattern.likeness(tokens);
    });
    return most->pattern.text();
}

}  // namespace

Result<void> run_step(World& world, const Step& step) {
    const Tokens tokens = TRY(tokens_of(step.text));
    for (const StepDefinition& known : all_steps()) {
        if (const auto arguments = known.pattern.match(tokens)) return known.run(world, *arguments);
    }
    return fail(ErrorCode::kInvalid, "there is no such step; the nearest one is: {}", nearest_step(tokens));
}

bool expects_refusal(const Step& step) { return step.text.starts_with("it is refused"); }

Result<void> expect_text(std::string_view what, std::string_view expected, std::string_view found) {
    if (reads_as(expected, found)) return {};
    return fail(ErrorCode::kConflict, "{}: expected \"{}\"\n{:>{}}  found \"{}\"", what, expected, "",
        what.size() + 2, found);
}

Result<void> expect_number(std::string_view what, std::int64_t expected, std::int64_t found) {
    if (expected == found) return {};
    return fail(ErrorCode::kConflict, "{}: expected {}, found {}", what, expected, found);
}

Result<void> expect_any(std::string_view what, std::string_view expected, const std::vector<std::string>& found) {
    if (std::any_of(found.begin(), found.end(), [&](const std::string& text) { return reads_as(expected, text); })) {
        return {};
    }
    return fail(ErrorCode::kConflict, "{}: expected \"{}\", found: {}", what, expected,
        found.empty() ? "nothing" : "\n  " + join(found, "\n  "));
}

Result<std::vector<int>> job_numbers(const Tokens& tokens) {
    std::vector<int> numbers;
    for (const Tokens& part : list_of(tokens)) {
        const auto number = part.empty() ? std::nullopt : parse_int(part.back().text);
        const bool has_noun = part.size() == 2 && (part.front().text == "job" || part.front().text == "jobs");
        const bool is_job = part.size() == 1 || has_noun;
        if (!number || !is_job) {
            return fail(ErrorCode::kInvalid, "expected jobs such as \"job 1 and job 2\", got \"{}\"", in_words(tokens));
        }
        numbers.push_back(static_cast<int>(*number));
    }
    return numbers;
}

}  // namespace pintle::core::scenario
