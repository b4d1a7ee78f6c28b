#include "cli/commands/commands.hpp"
#include "cli/template_choice.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const TemplateChoice choice = TRY(chosen_template(context));
    const json::Value body = TRY(template_request(context));
    const json::Value answer = TRY(context.api.send_json("POST", choice.path() + "/preview", body));
    const int code = show(context, answer, [&] {
        if (answer["text"].is_string()) context.term.write(context.term.shown(answer["text"].as_string()));
    });
    if (!context.structured()) {
        print_template_faults(context, answer["warnings"], "warning: ");
        print_template_faults(context, answer["faults"]);
    }
    const bool valid = answer["valid"].is_bool() && answer["valid"].as_bool();
    return valid ? Result<int>(code)
                 : fail(ErrorCode::kInvalid, "the template {} makes no project of these values", choice.words());
}

}  // namespace

Command catalog_render_command() {
    return {{.words = {"catalog", "render"},
             .summary = "Show the project that a template makes of values, without making it",
             .positionals = {template_argument()},
             .options = template_options(),
             .examples = {"pintle catalog render digits --set workers=3"}},
            run};
}

}  // namespace pintle::cli
