#include <algorithm>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/credentials.hpp"
#include "cli/sign_in.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

constexpr int kNamesTried = 20;

Result<std::string> ask_name(Context& context) {
    if (const std::string name = context.args.get("user"); !name.empty()) return name;
    if (!context.deps.in_is_terminal) return fail(ErrorCode::kInvalid, "say who signs in: --user NAME");
    (void)context.deps.err("Name: ");
    const auto name = context.deps.read_line();
    if (!name || name->empty()) return fail(ErrorCode::kInvalid, "say who signs in: --user NAME");
    return *name;
}

Call post(const std::string& path, const json::Value& body) {
    return {.method = "POST", .path = path, .body = json::to_json(body), .content_type = "application/json"};
}

/// The token of an earlier sign-in on this machine is replaced by the new one.
void revoke_kept(Context& context, const std::string& url) {
    const auto kept = find_sign_in(url, context.deps.env);
    if (!kept || !*kept) return;
    ApiClient before({url, (*kept)->token}, context.deps.env);
    static_cast<void>(before.call({.method = "DELETE", .path = "/session"}));
}

/// "cli@HOST", or with a number where another account of this machine has that already.
Result<json::Value> make_token(Context& context, Session& session, const json::Value& who) {
    const std::string name = "cli@" + context.deps.host_name;
    for (int number = 1;; ++number) {
        json::Value body = json::Value::object({{"name", number == 1 ? name : fmt::format("{} {}", name, number)},
                                                {"scopes", who["scopes"]}});
        if (const std::string expires = context.args.get("expires"); !expires.empty()) body.set("expires", expires);
        auto made = session.call(post("/tokens", body));
        if (made || made.error().code != ErrorCode::kConflict || number == kNamesTried) return made;
    }
}

struct SignedIn {
    json::Value who;
    std::string token;
    json::Value expires_at;
};

Result<SignedIn> sign_in(Context& context, const std::string& url, const std::string& user,
                         const std::string& password) {
    Session session = TRY(Session::begin(context, user, password));
    SignedIn in;
    in.who = TRY(session.call({.path = "/session"}));
    revoke_kept(context, url);
    const auto made = make_token(context, session, in.who);
    session.end();
    if (!made) return fail(made.error());
    in.token = text_of(*made, "token");
    in.expires_at = (*made)["expires_at"];
    return in;
}

Result<SignedIn> sign_in_by_invite(Context& context, const std::string& url, const std::string& code) {
    Call ask = post("/invite", json::Value::object({{"invite", code}}));
    ask.as_nobody = true;
    const std::string user = text_of(TRY(context.api.call(ask)), "user");
    if (!context.quiet && !context.structured())
        context.term.line(context.term.plain(fmt::format("Welcome, {}. Choose a password.", user)));
    const std::string password = TRY(ask_new_password(context));
    Call set = post("/password", json::Value::object({{"invite", code}, {"password", password}}));
    set.as_nobody = true;
    TRY(context.api.call(set));
    return sign_in(context, url, user, password);
}

Result<SignedIn> sign_in_by_token(Context& context, const std::string& url, const std::string& token) {
    ApiClient api({url, token}, context.deps.env);
    SignedIn in;
    in.who = TRY(api.get("/session"));
    if (text_of(in.who, "via") != "token")
        return fail(ErrorCode::kInvalid, "this is the token of a {}; only personal access tokens are kept",
                    text_of(in.who, "via") == "job" ? "job" : "server's data folder");
    in.token = token;
    in.expires_at = in.who["expires_at"];
    return in;
}

Result<void> check_provider(Context& context, const std::string& name) {
    Call ask{.path = "/sign-in"};
    ask.as_nobody = true;
    const json::Value ways = TRY(context.api.call(ask));
    std::vector<std::string> names;
    if (ways["providers"].is_array()) {
        for (const json::Value& provider : ways["providers"].as_array()) names.push_back(text_of(provider, "name"));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) return {};
    const std::string hint = names.empty() ? "it has none" : "there are: " + join(names, ", ");
    return fail(ErrorCode::kNotFound, "this server has no identity provider \"{}\"; {}", name, hint);
}

Result<SignedIn> sign_in_by_provider(Context& context, const std::string& url) {
    TRY(check_provider(context, context.args.get("provider")));
    context.term.error_line(context.term.shown_as_error(
        fmt::format("Open {}/account in a browser, sign in with {}, and make an access token there.", url,
                    context.args.get("provider"))));
    return sign_in_by_token(context, url, TRY(ask_secret(context, "Access token: ")));
}

Result<SignedIn> sign_in_as_asked(Context& context, const std::string& url) {
    if (context.args.has("invite")) return sign_in_by_invite(context, url, context.args.get("invite"));
    if (!context.wish.token.empty()) return sign_in_by_token(context, url, context.wish.token);
    if (context.args.has("provider")) return sign_in_by_provider(context, url);
    const std::string user = TRY(ask_name(context));
    const std::string password =
        TRY(ask_secret(context, fmt::format("Password of {}: ", context.term.plain(user))));
    return sign_in(context, url, user, password);
}

Result<int> run(Context& context) {
    const ServerPlace place = TRY(context.api.place());
    const SignedIn in = TRY(sign_in_as_asked(context, place.url));
    TRY(keep_sign_in(place.url, {text_of(in.who, "user"), in.token}, context.deps.env));
    const json::Value answer = json::Value::object({{"url", place.url},
                                                    {"user", text_of(in.who, "user")},
                                                    {"role", text_of(in.who, "role")},
                                                    {"expires_at", in.expires_at}});
    const std::string file = TRY(credentials_file(context.deps.env));
    return show(context, answer, [&] {
        context.term.line(context.term.plain(fmt::format("Signed in at {} as {}.", place.url, who_in_words(in.who))));
        const std::string until = in.expires_at.is_string() ? " until " + in.expires_at.as_string().substr(0, 10) : "";
        context.term.line(context.term.plain(fmt::format("The access token is kept in {}{}.", file, until)));
        if (place.local)
            context.term.line(context.term.plain(
                fmt::format("On this machine commands use it with: export PINTLE_URL={}", place.url)));
    });
}

}  // namespace

Command login_command() {
    return {{.words = {"login"},
             .summary = "Sign in to a server, and keep an access token for it",
             .details = "The password is asked for, or read from standard input where that is not a terminal. Other\n"
                        "commands find the token when --url or PINTLE_URL names the server.",
             .options = {{.name = "user", .value = "NAME", .help = "who signs in"},
                         {.name = "invite", .value = "CODE", .help = "set the first password, with the code of a link"},
                         {.name = "provider",
                          .value = "NAME",
                          .help = "by an identity provider, in a browser; asks for the access token made there"},
                         {.name = "expires",
                          .value = "TIME",
                          .help = "how long the token is good: 30d, 12h or never (default: 90d)"}},
             .examples = {"pintle login --url https://pintle.example --user ana",
                          "pintle login --url http://10.0.0.5:7171 --invite pin_…"}},
            run};
}

}  // namespace pintle::cli
