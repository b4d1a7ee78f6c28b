#include "cli/sign_in.hpp"

#include "cli/words.hpp"
#include "json/json_text.hpp"
#include "net/url.hpp"

namespace pintle::cli {
namespace {

constexpr std::string_view kCookie = "pintle_session=";

std::string cookie_in(const net::Response& response) {
    for (const auto& [name, value] : response.headers) {
        if (net::is_same_header(name, "Set-Cookie") && value.starts_with(kCookie))
            return value.substr(0, value.find(';'));
    }
    return "";
}

}  // namespace

Result<std::string> ask_secret(Context& context, const std::string& prompt) {
    if (context.deps.in_is_terminal) (void)context.deps.err(prompt);
    const auto answer = context.deps.in_is_terminal ? context.deps.read_secret() : context.deps.read_line();
    if (context.deps.in_is_terminal) (void)context.deps.err("\n");
    if (!answer || answer->empty())
        return fail(ErrorCode::kInvalid, "expected a line on standard input: {}", prompt.substr(0, prompt.find(':')));
    return *answer;
}

Result<std::string> ask_new_password(Context& context) {
    std::string password = TRY(ask_secret(context, "New password: "));
    if (!context.deps.in_is_terminal) return password;
    const std::string again = TRY(ask_secret(context, "The same again: "));
    if (again != password) return fail(ErrorCode::kInvalid, "the two passwords differ; nothing was changed");
    return password;
}

Result<Session> Session::begin(Context& context, const std::string& user, const std::string& password) {
    const json::Value body = json::Value::object({{"user", user}, {"password", password}});
    const net::Response response = TRY(context.api.exchange({.method = "POST",
                                                             .path = "/session",
                                                             .body = json::to_json(body),
                                                             .content_type = "application/json",
                                                             .as_nobody = true}));
    const auto answer = json::parse_json(response.body);
    std::string cookie = cookie_in(response);
    if (!answer || !(*answer)["csrf"].is_string() || cookie.empty())
        return fail(ErrorCode::kInternal, "the server's answer begins no session; is it a Pintle server?");
    const ServerPlace place = TRY(context.api.place());
    return Session(context.api, net::url_origin(place.url), std::move(cookie), (*answer)["csrf"].as_string());
}

Result<json::Value> Session::call(Call call) {
    call.as_nobody = true;
    call.headers.set("Cookie", cookie_);
    call.headers.set("X-CSRF-Token", csrf_);
    call.headers.set("Origin", origin_);
    return api_->call(call);
}

void Session::end() { static_cast<void>(call({.method = "DELETE", .path = "/session"})); }

Result<json::Value> call_as_oneself(Context& context, const Call& call) {
    const json::Value who = TRY(context.api.get("/session"));
    if (text_of(who, "via") != "token") return context.api.call(call);
    const std::string user = text_of(who, "user");
    const std::string password =
        TRY(ask_secret(context, fmt::format("Password of {}: ", context.term.plain(user))));
    Session session = TRY(Session::begin(context, user, password));
    auto answer = session.call(call);
    session.end();
    return answer;
}

std::string who_in_words(const json::Value& session) {
    const std::string group = text_of(session, "group");
    return fmt::format("{}, {}{}", text_of(session, "user"), text_of(session, "role"),
                       group.empty() ? "" : " in " + group);
}

}  // namespace pintle::cli
