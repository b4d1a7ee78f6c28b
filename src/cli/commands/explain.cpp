#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/queue_words.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string headline(const json::Value& told) {
    const json::Value& waiting = told["waiting"];
    const std::int64_t gpus = int_of(told, "gpus");
    const bool for_gpus = text_of(told, "state") == "Waiting for GPUs" && gpus > 0;
    std::string text = for_gpus ? fmt::format(" is waiting for {}", count_of(gpus, "GPU")) : std::string(" is waiting");
    if (const std::string pool = text_of(told["pool"], "name"); !pool.empty())
        text += " in " + pool_name_in_words(pool);
    if (int_of(waiting, "position") > 0)
        text += fmt::format(", position {} of {}", int_of(waiting, "position"), int_of(waiting, "queue_length"));
    return text + fmt::format(", for {}.", to_words(Duration(int_of(told, "waited_ms"))));
}

// Then the reason has the numbers of the pool already.
bool tells_of_gpus(const std::string& code) {
    return code == "gpus" || code == "unhealthy" || code == "pool_too_small" || code == "quota";
}

void print_waiting(Context& context, const json::Value& told) {
    Terminal& term = context.term;
    const json::Value& waiting = told["waiting"];
    const Time now = context.deps.now();
    const bool exact = context.wide();
    term.line(term.styled(Style::kBold, term.plain(text_of(told, "name"))) + term.plain(headline(told)));
    const auto line = [&](const std::string& text) {
        if (!text.empty()) term.line("  " + term.plain(text));
    };
    if (told["requeued"].is_object())
        line(as_sentence("it was sent back to the queue " + requeue_in_words(told["requeued"], now, exact)));
    line(as_sentence(text_of(waiting, "reason")));
    if (int_of(told, "gpus") > 0 && !tells_of_gpus(text_of(waiting, "code")))
        line(pool_numbers_in_words(told["pool"]) + ".");
    const auto blockers = blockers_in_words(waiting, now, exact);
    if (!blockers.empty()) line(fmt::format("It waits for {}.", enumeration(blockers)));
    const std::string forecast = forecast_in_words(waiting["forecast"], now, exact);
    line(forecast.empty() ? "Forecast: none; it is held, or it depends on jobs whose run time is not known."
                          : fmt::format("Forecast: {}.", forecast));
    const std::string remedies = remedies_in_words(waiting);
    if (!remedies.empty()) line(fmt::format("It would start now: {}.", remedies));
}

void print_history(Context& context, const json::Value& told) {
    Terminal& term = context.term;
    const std::string state = text_of(told, "state");
    term.line(term.styled(Style::kBold, term.plain(text_of(told, "name"))) + "  " +
              term.styled(style_of_state(state), term.plain(state)));
    const json::Value& history = told["history"];
    if (!history["sentences"].is_array()) return;
    for (const json::Value& sentence : history["sentences"].as_array())
        term.line("  " + term.plain(sentence.scalar_text().value_or("")));
}

}  // namespace

Command explain_command() {
    return {{.words = {"explain"},
             .summary = "Show why a job waits, until when, and what would help",
             .details = "Of a job that has started or ended: why it waited as long as it did.\n"
                        "With -q only the reason's code is printed, and nothing for a job that does not wait.",
             .positionals = {job_argument()},
             .examples = {"pintle explain digits/train:3", "pintle explain digits/train:3 -o json"}},
            [](Context& context) -> Result<int> {
                const json::Value told = TRY(context.api.get(job_path(context) + "/explanation"));
                return show(context, told, text_of(told["waiting"], "code"), [&] {
                    if (told["waiting"].is_object())
                        print_waiting(context, told);
                    else
                        print_history(context, told);
                });
            }};
}

}  // namespace pintle::cli
