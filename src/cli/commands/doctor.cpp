#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/visible_text.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

/// The subject once, what was found beside it; what is not good says so in a word.
void print(Context& context, const json::Value& findings) {
    Terminal& term = context.term;
    if (!findings.is_array()) return;
    std::size_t width = 0;
    for (const json::Value& finding : findings.as_array())
        width = std::max(width, display_width(term.plain(text_of(finding, "subject"))));
    std::string before;
    for (const json::Value& finding : findings.as_array()) {
        const std::string subject = term.plain(text_of(finding, "subject"));
        const std::string level = text_of(finding, "level");
        const Style style = level == "good" ? Style::kPlain : level == "missing" ? Style::kDim : Style::kNote;
        const std::string said = subject == before ? "" : subject;
        const std::string gap(width - display_width(said) + 3, ' ');
        const std::string word = level == "good" ? "" : "  (" + level + ")";
        term.line(term.styled(Style::kBold, said) + gap +
                  term.styled(style, term.plain(text_of(finding, "message")) + word));
        before = subject;
    }
}

}  // namespace

Command doctor_command() {
    return {{.words = {"doctor"},
             .summary = "Say what the server's machine can do, and what limits it",
             .examples = {"pintle doctor"}},
            [](Context& context) -> Result<int> {
                const json::Value answer = TRY(context.api.get("/doctor"));
                return show(context, answer, [&] { print(context, answer["findings"]); });
            }};
}

}  // namespace pintle::cli
