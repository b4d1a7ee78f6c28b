#include "cli/commands/commands.hpp"
#include "cli/credentials.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<json::Value> end_everything(Context& context, const std::string& user) {
    const std::string password =
        TRY(ask_secret(context, fmt::format("Password of {}: ", context.term.plain(user))));
    Session session = TRY(Session::begin(context, user, password));
    return session.call({.method = "DELETE", .path = "/sessions?tokens=true"});
}

Result<json::Value> revoke(Context& context, const std::string& url, const KeptSignIn& kept) {
    ApiClient api({url, kept.token}, context.deps.env);
    auto answer = api.call({.method = "DELETE", .path = "/session"});
    // A token that the server does not take any more is as good as revoked.
    if (!answer && answer.error().code == ErrorCode::kUnauthorized)
        return json::Value::object({{"user", kept.user}, {"tokens_revoked", 0}});
    return answer;
}

Result<int> run(Context& context) {
    const ServerPlace place = TRY(context.api.place());
    const auto kept = TRY(find_sign_in(place.url, context.deps.env));
    if (!kept) return fail(ErrorCode::kNotFound, "nobody is signed in at {} from here", place.url);
    const bool everywhere = context.args.has("everywhere");
    const json::Value answer =
        TRY(everywhere ? end_everything(context, kept->user) : revoke(context, place.url, *kept));
    TRY(forget_sign_in(place.url, context.deps.env));
    return show(context, answer, [&] {
        context.term.line(context.term.plain(
            everywhere
                ? fmt::format("{} is signed out of {} everywhere; no access token is left.", kept->user, place.url)
                : fmt::format("{} is signed out of {} here.", kept->user, place.url)));
    });
}

}  // namespace

Command logout_command() {
    return {{.words = {"logout"},
             .summary = "Revoke the access token that login has kept",
             .options = {{.name = "everywhere",
                          .help = "end every session and revoke every token of yours; asks for the password"}},
             .examples = {"pintle logout --url https://pintle.example", "pintle logout --everywhere"}},
            run};
}

}  // namespace pintle::cli
