#include <algorithm>

#include "api/access.hpp"
#include "api/router.hpp"
#include "api/routes.hpp"
#include "api/sign_in.hpp"
#include "api/sign_in_failed_page.hpp"
#include "auth/cookie.hpp"
#include "base/text.hpp"
#include "domain/label.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

/// What is remembered while the person is at the provider; sealed, see auth::SignInState.
constexpr std::string_view kStateCookie = "pintle_sign_in";
/// Where a sign-in that links an account says it wants to go: behind it is the session that began it. Nobody is ever
/// sent there. It binds the provider's answer to that session, so that no other page can link its own account to the
/// person who happens to be signed in.
constexpr std::string_view kLinkPrefix = "/link/";
constexpr std::string_view kHome = "/";
constexpr std::string_view kAccount = "/account";

const SignInProvider* find_known(const Call& call, const std::string& name) {
    for (const SignInProvider& each : call.services.options.sign_in.providers) {
        if (each.provider->config().name == name) return &each;
    }
    return nullptr;
}

Result<const SignInProvider*> provider_of(const Call& call) {
    const std::string& name = call.param("provider");
    if (const SignInProvider* known = find_known(call, name)) return known;
    return fail(ErrorCode::kNotFound, "there is no identity provider \"{}\" here",
                to_valid_utf8(name.substr(0, 100)));
}

std::string redirect_uri(const Call& call) {
    return fmt::format("{}{}/sign-in/{}/callback", own_url(call), kBasePath, call.param("provider"));
}

std::string state_cookie(const Call& call, const std::string& value, Duration max_age) {
    auth::Cookie cookie{std::string(kStateCookie), value, max_age};
    cookie.secure = is_https(call);
    return auth::set_cookie(cookie);
}

net::Response redirect(const std::string& url) { return {302, {{"Location", url}}, ""}; }

Result<net::Response> list_ways(Call& call) {
    const SignInOptions& options = call.services.options.sign_in;
    json::Array providers;
    for (const SignInProvider& each : options.providers) {
        const bool github = each.provider->config().kind == auth::OidcConfig::Kind::kGithub;
        providers.push_back(
            Value::object({{"name", each.provider->config().name}, {"kind", github ? "github" : "oidc"}}));
    }
    return json_answer(
        Value::object({{"password", options.passwords}, {"providers", Value(std::move(providers))}}));
}

/// People see a page, programs the error itself.
Result<net::Response> for_reader(Call& call, Result<net::Response> result) {
    const bool person = call.request.headers.get("Accept").find("text/html") != std::string_view::npos;
    if (result || !person) return result;
    return sign_in_failed_page(result.error());
}

Result<net::Response> begin(Call& call) {
    const SignInProvider* known = TRY(provider_of(call));
    std::string return_to = call.query("return_to");
    if (return_to.empty()) return_to = kHome;
    if (return_to.starts_with(kLinkPrefix)) return fail(ErrorCode::kInvalid, "return_to: there is no such page");
    const auto begun = TRY(known->provider->begin(redirect_uri(call), return_to, call.services.deps.clock.now()));
    net::Response response = redirect(begun.redirect_url);
    response.headers.set("Set-Cookie", state_cookie(call, begun.state_cookie, auth::kSignInTime));
    return response;
}

void begin_at_desk(const std::shared_ptr<Call>& call) {
    run_at_desk(call->services.desk.providers, call, [](Call& c) { return for_reader(c, begin(c)); });
}

/// By POST, so that the session's X-CSRF-Token has to come along: another site's page can send people through their
/// provider as often as it likes, but not have the account there linked to the one here.
Result<net::Response> begin_link(Call& call) {
    const SignInProvider* known = TRY(provider_of(call));
    if (call.identity.via != auth::Identity::Via::kSession)
        return fail(ErrorCode::kDenied, "an account can only be linked in a browser that has signed in");
    const std::string marker = std::string(kLinkPrefix) + call.identity.session_hash;
    const auto begun = TRY(known->provider->begin(redirect_uri(call), marker, call.services.deps.clock.now()));
    net::Response response = json_answer(Value::object({{"redirect_url", begun.redirect_url}}));
    response.headers.set("Set-Cookie", state_cookie(call, begun.state_cookie, auth::kSignInTime));
    return response;
}

void begin_link_at_desk(const std::shared_ptr<Call>& call) {
    run_at_desk(call->services.desk.providers, call, begin_link);
}

Result<net::Response> link(Call& call, const auth::OidcUser& who) {
    const bool same = call.identity.via == auth::Identity::Via::kSession &&
                      who.return_to == std::string(kLinkPrefix) + call.identity.session_hash;
    if (!same)
        return fail(ErrorCode::kDenied, "the account was to be linked to somebody who is not signed in here any more");
    TRY(call.services.deps.runtime.call(core::input::LinkIdentity{call.identity.user, who.identity}, call.actor()));
    return redirect(std::string(kAccount));
}

bool has_domain(const std::string& email, const std::vector<std::string>& domains) {
    const std::string domain = to_lower(email.substr(std::min(email.rfind('@'), email.size() - 1) + 1));
    return std::any_of(domains.begin(), domains.end(),
                       [&](const std::string& allowed) { return to_lower(allowed) == domain; });
}

/// Why the configuration does not let a stranger in; empty when it does.
std::string why_no_user(const SignInProvider& known, const auth::OidcUser& who) {
    const std::string& provider = known.provider->config().name;
    const std::string name = to_valid_utf8((who.user_name.empty() ? who.email : who.user_name).substr(0, 100));
    const std::string ask = fmt::format("{} knows you as \"{}\", but nobody here is that yet; ask an operator to "
                                        "on-board you",
                                        provider, name);
    if (!known.onboard) return ask;
    if (known.domains.empty()) return "";
    if (who.email.empty() || !who.email_verified)
        return fmt::format("{} does not say that your e-mail address is verified, which this server asks for; ask an "
                           "operator to on-board you",
                           provider);
    return has_domain(who.email, known.domains) ? "" : ask;
}

Result<domain::GroupId> group_named(store::StoreReader& reader, const std::string& name) {
    if (name.empty()) return domain::kDefaultGroup;
    for (const domain::Group& group : TRY(reader.list_groups())) {
        if (group.name == name) return group.id;
    }
    return fail(ErrorCode::kUnavailable,
                "new users would come into the group \"{}\", which is not there; an operator must make it or change "
                "the configuration",
                name);
}

/// The name that the provider proposes, or that with a number. One that anybody has or had here is never given again
/// by itself: who comes back under their old name finds what was theirs, and a provider lets people choose names.
Result<std::string> free_name(store::StoreReader& reader, const auth::OidcUser& who) {
    std::string wanted = who.user_name.substr(0, who.user_name.find('@'));
    for (char& c : wanted) {
        if (c == '/' || c == ':') c = '-';
    }
    wanted = std::string(trim(wanted));
    if (!domain::label_fault("user", wanted).empty()) wanted = "user";
    std::string name = wanted;
    for (int number = 2; TRY(reader.find_user_named(name)); ++number) {
        if (number > 1000) return fail(ErrorCode::kConflict, "too many people are named {} here", wanted);
        name = fmt::format("{}-{}", wanted, number);
    }
    return name;
}

Result<domain::User> onboard(Call& call, const SignInProvider& known, const auth::OidcUser& who) {
    if (const std::string why = why_no_user(known, who); !why.empty()) return fail(ErrorCode::kDenied, "{}", why);
    core::input::OnboardUser command;
    command.id = domain::UserId(call.services.deps.runtime.make_id());
    command.external = who.identity;
    TRY(call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<void> {
        command.group = TRY(group_named(reader, known.group));
        command.name = TRY(free_name(reader, who));
        return {};
    }));
    domain::Actor actor = call.actor();
    actor.name = command.name;
    actor.via = "provider " + known.provider->config().name;
    const domain::UserId id(TRY(call.services.deps.runtime.call(std::move(command), actor)));
    auto user = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.find_user(id); }));
    if (!user) return fail(ErrorCode::kInternal, "the new user is not there");
    return std::move(*user);
}

Result<domain::User> user_of(Call& call, const SignInProvider& known, const auth::OidcUser& who) {
    auto user = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_user_external(who.identity); }));
    if (!user) {
        auto fresh = onboard(call, known, who);
        if (fresh || fresh.error().code != ErrorCode::kConflict) return fresh;
        // The same person may have signed in twice at the same moment.
        user = TRY(call.services.deps.readers.with(
            [&](store::StoreReader& reader) { return reader.find_user_external(who.identity); }));
        if (!user) return fresh;
    }
    if (user->status == domain::UserStatus::kOffboarded)
        return fail(ErrorCode::kDenied, "{} was off-boarded; ask an operator", user->name);
    return std::move(*user);
}

Result<net::Response> finish(Call& call, const SignInProvider& known) {
    const auth::OidcProvider::Callback callback{call.query("code"), call.query("state"), call.query("iss"),
                                                call.query("error"), call.query("error_description")};
    const std::string cookie = auth::find_cookie(call.request.headers, kStateCookie).value_or("");
    const auth::OidcUser who =
        TRY(known.provider->finish(callback, cookie, redirect_uri(call), call.services.deps.clock.now()));
    if (who.return_to.starts_with(kLinkPrefix)) return link(call, who);
    const domain::User user = TRY(user_of(call, known, who));
    const BegunSession begun = TRY(begin_session(call, user, "provider " + known.provider->config().name));
    net::Response response = redirect(who.return_to);
    response.headers.add("Set-Cookie", begun.set_cookie);
    return response;
}

Result<net::Response> call_back(Call& call) {
    const SignInProvider* known = TRY(provider_of(call));
    auto result = finish(call, *known);
    if (!result) note_failed_sign_in(call, known->provider->config().name, result.error().message);
    net::Response response;
    if (auto shown = for_reader(call, std::move(result))) {
        response = std::move(*shown);
    } else {
        response = error_answer(shown.error(), call.request.request_id);
    }
    // Whatever came out, the attempt is over.
    response.headers.add("Set-Cookie", state_cookie(call, "", Duration(0)));
    return response;
}

void call_back_at_desk(const std::shared_ptr<Call>& call) {
    run_at_desk(call->services.desk.providers, call, call_back);
}

}  // namespace

std::vector<Route> provider_routes() {
    return {
        {.method = "GET",
         .path = "/sign-in",
         .operation = "listSignInWays",
         .permission = Permission::kOpen,
         .handler = list_ways,
         .summary = "how people sign in here",
         .answer = {200, "SignInWays"}},
        {.method = "GET",
         .path = "/sign-in/{provider}",
         .operation = "beginSignIn",
         .permission = Permission::kOpen,
         .handler = begin_at_desk,
         .summary = "send the browser to the identity provider",
         .query = {{"return_to", "A path of this server to go to afterwards."}},
         .answer = {302, "", AnswerShape::Media::kNone}},
        {.method = "GET",
         .path = "/sign-in/{provider}/callback",
         .operation = "finishSignIn",
         .permission = Permission::kOpen,
         .handler = call_back_at_desk,
         .summary = "where the identity provider sends the browser back; the answer sets a cookie",
         .query = {{"code", "Of the provider."},
                   {"state", "Of the sign-in."},
                   {"iss", "Who the provider says it is."},
                   {"error", "Why the provider let nobody in."},
                   {"error_description", "The same in words."}},
         .answer = {302, "", AnswerShape::Media::kNone},
         .foreign_query = true},
        {.method = "POST",
         .path = "/sign-in/{provider}/link",
         .operation = "beginLink",
         .permission = Permission::kSelf,
         .handler = begin_link_at_desk,
         .summary = "link an account of the identity provider to who is signed in: where to send the browser",
         .answer = {200, "RedirectTo"}},
    };
}

}  // namespace pintle::api
