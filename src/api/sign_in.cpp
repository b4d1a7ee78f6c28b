#include "api/sign_in.hpp"

#include "api/access.hpp"
#include "auth/cookie.hpp"
#include "auth/password.hpp"
#include "auth/secret.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace pintle::api {
namespace {

constexpr std::size_t kNameShownBytes = 60;
constexpr std::size_t kAgentShownBytes = 200;

std::string cut(std::string_view text, std::size_t bytes) { return to_valid_utf8(text.substr(0, bytes)); }

Result<void> check_need_not_wait(Call& call, const std::string& name) {
    const Time now = call.services.deps.clock.now();
    const auto wait = call.services.desk.guard.with(
        [&](auth::SignInGuard& guard) { return guard.must_wait(name, call.address(), now); });
    if (!wait) return {};
    call.retry_after = *wait;
    return fail(ErrorCode::kExhausted, "too many failed attempts; try again in {}",
                to_words(std::chrono::ceil<std::chrono::seconds>(*wait)));
}

Result<std::optional<domain::User>> find_who_may_sign_in(Call& call, const std::string& name) {
    auto user = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_user_named(name); }));
    if (user && user->status == domain::UserStatus::kOffboarded) user.reset();
    return user;
}

domain::Actor actor_as(const Call& call, const domain::User& user, const std::string& via) {
    domain::Actor actor = call.actor();
    actor.user = user.id;
    actor.name = user.name;
    actor.via = via;
    actor.is_operator = user.role == domain::Role::kOperator;
    return actor;
}

}  // namespace

void run_at_desk(LimitedExecutor& executor, const std::shared_ptr<Call>& call, ReadHandler handler) {
    const bool taken = executor.post([call, handler] { call->answer(handler(*call)); });
    if (taken) return;
    call->retry_after = std::chrono::seconds(2);
    call->answer(fail(ErrorCode::kExhausted, "too many people sign in at this moment; try again in a few seconds"));
}

Result<void> check_sign_in_origin(const Call& call) {
    const net::Headers& headers = call.request.headers;
    // Programs that are no browsers say nothing of pages.
    if (headers.find("Origin") == nullptr && headers.find("Sec-Fetch-Site") == nullptr) return {};
    return auth::same_origin(headers, headers.get("Host"));
}

void note_failed_sign_in(Call& call, const std::string& name, const std::string& detail) {
    const std::string subject = cut(name, kNameShownBytes);
    domain::Actor actor = call.actor();
    if (call.identity.kind == auth::Identity::Kind::kNobody) actor.name = "nobody";
    // The refusal stands whether or not it can be written down; a store that cannot write says so elsewhere.
    static_cast<void>(
        call.services.deps.runtime.call(core::input::NoteAudit{"sign_in.failed", subject, detail}, actor));
}

Result<domain::User> check_password(Call& call, const std::string& name, const std::string& password) {
    const Services& services = call.services;
    const auth::HashStrength strength = services.options.sign_in.strength;
    TRY(check_need_not_wait(call, name));
    auto user = TRY(find_who_may_sign_in(call, name));
    bool right = false;
    if (user && !user->password_hash.empty()) {
        right = auth::verify_password(user->password_hash, password, strength);
    } else {
        auth::verify_nobody(password, strength);
    }
    const Time now = services.deps.clock.now();
    call.services.desk.guard.with([&](auth::SignInGuard& guard) {
        if (right) guard.succeeded(name, call.address(), now);
        if (!right) guard.failed(name, call.address(), now);
    });
    if (right) return std::move(*user);
    note_failed_sign_in(call, name, "the name or the password is wrong");
    return fail(ErrorCode::kUnauthorized, "the name or the password is wrong");
}

Result<BegunSession> begin_session(Call& call, const domain::User& user, const std::string& via) {
    const Services& services = call.services;
    const std::string secret = auth::make_secret(auth::kSessionPrefix);
    domain::Session session;
    session.hash = auth::secret_hash(secret);
    session.user = user.id;
    session.csrf = auth::random_text(16);
    session.address = call.address();
    session.agent = cut(call.request.headers.get("User-Agent"), kAgentShownBytes);
    session.created_at = services.deps.clock.now();
    session.expires_at = session.created_at + services.options.sign_in.session_time;
    TRY(services.deps.runtime.call(core::input::BeginSession{session}, actor_as(call, user, via)));
    auth::Cookie cookie{std::string(kSessionCookie), secret, services.options.sign_in.session_time};
    cookie.secure = is_https(call);
    return BegunSession{auth::set_cookie(cookie), session.csrf, session.expires_at};
}

std::string forget_session(const Call& call) {
    auth::Cookie cookie{std::string(kSessionCookie), ""};
    cookie.secure = is_https(call);
    return auth::set_cookie(cookie);
}

bool is_https(const Call& call) {
    if (call.services.options.sign_in.public_url.starts_with("https://")) return true;
    // Only a proxy on this machine is believed.
    const std::string& remote = call.request.remote;
    const bool from_here = net::is_loopback(net::url_host("http://" + remote));
    return from_here && call.request.headers.get("X-Forwarded-Proto") == "https";
}

std::string own_url(const Call& call) {
    const std::string& known = call.services.options.sign_in.public_url;
    if (!known.empty()) return known;
    return fmt::format("{}://{}", is_https(call) ? "https" : "http", call.request.headers.get("Host"));
}

}  // namespace pintle::api
