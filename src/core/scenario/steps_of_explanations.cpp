#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// Why a job waits, what it waits for, what would help, and when it will probably start.

namespace pintle::core::scenario {

using namespace domain;
using scheduling::Explanation;

namespace {

Result<Explanation> of_job(const World& world, int number) {
    const Job job = TRY(world.job(number));
    if (auto explanation = world.core().explain(job.id, world.now())) return std::move(*explanation);
    return fail(ErrorCode::kConflict, "job {} does not wait: it is {}", number, to_string(job.state));
}

Result<Explanation> of_question(const World& world) {
    if (world.dry_run) return world.dry_run->explanation;
    return fail(ErrorCode::kInvalid, "nobody has asked what would become of something");
}

Result<void> expect_blockers(const Explanation& explanation, const Tokens& tokens) {
    std::vector<std::string> wanted;
    for (const int number : TRY(job_numbers(tokens))) wanted.push_back(World::job_id(number).str());
    std::vector<std::string> found;
    for (const scheduling::Blocker& blocker : explanation.waits_for) found.push_back(blocker.id.str());
    return expect_text("what it waits for", join(wanted, ", "), join(found, ", "));
}

Result<void> expect_remedy(const Explanation& explanation, const std::string& text) {
    std::vector<std::string> found;
    for (const scheduling::Remedy& remedy : explanation.remedies) found.push_back(remedy.text);
    return expect_any("what would help", text, found);
}

// Forecasts are compared in whole seconds: each step takes a millisecond.
Result<void> expect_forecast(const World& world, const Explanation& explanation, Duration median) {
    if (!explanation.forecast) return fail(ErrorCode::kConflict, "there is no forecast");
    const auto in = std::chrono::round<std::chrono::seconds>(explanation.forecast->median - world.now());
    return expect_text("the forecast", to_words(median), to_words(in));
}

Result<void> expect_no_forecast(const World& world, const Explanation& explanation) {
    if (!explanation.forecast) return {};
    return fail(ErrorCode::kConflict, "there is a forecast: in {}",
        to_words(explanation.forecast->median - world.now()));
}

}  // namespace

StepDefinitions steps_of_explanations() {
    return {
        {StepPattern("job {n} waits because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the reason", a.text(1), TRY(of_job(w, a.number(0))).reason);
         }},
        {StepPattern("job {n} waits for {...}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_blockers(TRY(of_job(w, a.number(0))), a.rest(1));
         }},
        {StepPattern("job {n} is number {n} of {n} in its queue"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Explanation explanation = TRY(of_job(w, a.number(0)));
             TRY(expect_number("its place", a.number(1), static_cast<std::int64_t>(explanation.position)));
             return expect_number("the queue's length", a.number(2),
                 static_cast<std::int64_t>(explanation.queue_length));
         }},
        {StepPattern("job {n} lacks {n} GPU|GPUs"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_number("the GPUs that it lacks", a.number(1), TRY(of_job(w, a.number(0))).gpus_missing);
         }},
        {StepPattern("job {n} waits in the manner {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the manner", a.text(1), to_string(TRY(of_job(w, a.number(0))).code));
         }},
        {StepPattern("job {n} would start now {...}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_remedy(TRY(of_job(w, a.number(0))), in_words(a.rest(1)));
         }},
        {StepPattern("job {n} is forecast to start in {time}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_forecast(w, TRY(of_job(w, a.number(0))), a.time(1));
         }},
        {StepPattern("job {n} has no forecast"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_no_forecast(w, TRY(of_job(w, a.number(0))));
         }},

        {StepPattern("it would start now"),
         [](World& w, const Arguments&) -> Result<void> {
             const Explanation explanation = TRY(of_question(w));
             if (explanation.code == scheduling::WaitCode::kStarting) return {};
             return fail(ErrorCode::kConflict, "it would wait: {}", explanation.reason);
         }},
        {StepPattern("it would start now {...}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_remedy(TRY(of_question(w)), in_words(a.rest(0)));
         }},
        {StepPattern("it would wait because {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the reason", a.text(0), TRY(of_question(w)).reason);
         }},
        {StepPattern("it would wait for {...}"),
         [](World& w, const Arguments& a) -> Result<void> { return expect_blockers(TRY(of_question(w)), a.rest(0)); }},
        {StepPattern("it would be number {n} of {n} in its queue"),
         [](World& w, const Arguments& a) -> Result<void> {
             const Explanation explanation = TRY(of_question(w));
             TRY(expect_number("its place", a.number(0), static_cast<std::int64_t>(explanation.position)));
             return expect_number("the queue's length", a.number(1),
                 static_cast<std::int64_t>(explanation.queue_length));
         }},
        {StepPattern("it is forecast to start in {time}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_forecast(w, TRY(of_question(w)), a.time(0));
         }},
        {StepPattern("it has no forecast"),
         [](World& w, const Arguments&) -> Result<void> { return expect_no_forecast(w, TRY(of_question(w))); }},
    };
}

}  // namespace pintle::core::scenario
