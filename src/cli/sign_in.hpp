#pragma once

#include <string>

#include "cli/command.hpp"

namespace pintle::cli {

/// What login, logout, password and the token commands have in common. One thread; talks to the server and to whoever
/// sits at the terminal.

/// Asks without showing what is typed; from standard input where that is no terminal. kInvalid when nothing comes.
[[nodiscard]] Result<std::string> ask_secret(Context& context, const std::string& prompt);
/// Asks twice on a terminal, and only there: a slip would lock somebody out.
[[nodiscard]] Result<std::string> ask_new_password(Context& context);

/// A session as a browser has one, for what an access token may not do.
class Session {
public:
    /// Signs in by password.
    [[nodiscard]] static Result<Session> begin(Context& context, const std::string& user, const std::string& password);
    [[nodiscard]] Result<json::Value> call(Call call);
    /// Signs out; whatever goes wrong with that, the session ends by itself some days later.
    void end();

private:
    Session(ApiClient& api, std::string origin, std::string cookie, std::string csrf)
        : api_(&api), origin_(std::move(origin)), cookie_(std::move(cookie)), csrf_(std::move(csrf)) {}
    ApiClient* api_;
    std::string origin_;
    std::string cookie_;
    std::string csrf_;
};

/// Calls what needs a sign-in: as it is with the token of the data folder, by a session for whoever else asks, whose
/// password is asked for.
[[nodiscard]] Result<json::Value> call_as_oneself(Context& context, const Call& call);

/// "ana, data scientist in research"
[[nodiscard]] std::string who_in_words(const json::Value& session);

}  // namespace pintle::cli
