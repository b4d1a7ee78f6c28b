#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

std::string way_of(const json::Value& session) {
    const std::string via = text_of(session, "via");
    if (via == "local token") return "by the token in the server's data folder";
    if (via == "job") return "by the token of a job";
    std::vector<std::string> scopes;
    for (const json::Value& scope : session["scopes"].as_array()) scopes.push_back(scope.scalar_text().value_or(""));
    return fmt::format("by the access token \"{}\" ({})", text_of(session, "token"), join(scopes, ", "));
}

Result<int> run(Context& context) {
    const json::Value session = TRY(context.api.get("/session"));
    if (!session["scopes"].is_array())
        return fail(ErrorCode::kInternal, "the server's answer says nothing of scopes; is it a Pintle server?");
    return show(context, session, context.term.plain(text_of(session, "user")), [&] {
        context.term.line(context.term.plain(who_in_words(session)));
        const std::string until =
            session["expires_at"].is_string() ? ", until " + session["expires_at"].as_string().substr(0, 10) : "";
        context.term.line(context.term.plain(way_of(session) + until));
    });
}

}  // namespace

Command whoami_command() {
    return {{.words = {"whoami"},
             .summary = "Show as whom commands act, and by which token",
             .examples = {"pintle whoami", "pintle whoami -q"}},
            run};
}

}  // namespace pintle::cli
