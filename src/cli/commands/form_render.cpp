#include "cli/commands/commands.hpp"
#include "cli/filled_form.hpp"
#include "cli/queue_words.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

// What is wrong is part of the answer, since editors ask while somebody types.
Result<void> fault_in(const json::Value& answer) {
    const json::Value& error = answer["error"];
    if (error.is_null()) return {};
    return fail(Error{ErrorCode::kInvalid, text_of(error, "message"), faults_in(error["details"]), {}});
}

Result<int> run(Context& context) {
    const json::Value body = TRY(form_request_of(context));
    const json::Value answer = TRY(context.api.send_json("POST", project_path(context) + "/form/render", body));
    const int code = show(context, answer, [&] {
        Terminal& term = context.term;
        if (answer["text"].is_string()) term.line(term.plain(answer["text"].as_string()));
        const json::Value& dry = answer["dry_run"];
        if (!dry.is_object()) return;
        const bool now = dry["starts_now"].is_bool() && dry["starts_now"].as_bool();
        const std::string forecast =
            forecast_in_words(dry["explanation"]["forecast"], context.deps.now(), context.wide());
        term.error_line(now ? "it would start now" : forecast.empty() ? "it would wait" : "it would start " + forecast);
    });
    TRY(fault_in(answer));
    return code;
}

}  // namespace

Command form_render_command() {
    return {{.words = {"form", "render"},
             .summary = "Show the task that a form's values make, without starting it",
             .positionals = {project_argument()},
             .options = form_value_options(),
             .examples = {"pintle form render digits --set epochs=5"}},
            run};
}

}  // namespace pintle::cli
