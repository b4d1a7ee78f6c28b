#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/test_keys.hpp"
#include "base/synchronized.hpp"
#include "json/value.hpp"
#include "net/http_server.hpp"

namespace pintle::auth {

/// For tests: an identity provider on a port of its own, that behaves unless a test tells it not to. It plays both
/// OpenID Connect and GitHub. Its clock stands at kNow.
class FakeProvider {
public:
    static constexpr std::int64_t kNow = 1'700'000'000;  ///< Seconds since 1970.

    struct Behaviour {
        std::function<void(json::Value&)> change_discovery;
        std::function<void(json::Value&)> change_claims;
        json::Value user_info = json::Value::object();
        json::Value github_user = json::Value::object();
        TestKey key = rsa_test_key();
        json::Value header = json::Value::object({{"alg", "RS256"}, {"kid", "k1"}});
        json::Array keys = {rsa_test_key().jwk("k1")};
        std::string client_secret = "hush: 100%";
        int token_status = 0;    ///< Instead of an answer; 0: none.
        std::string token_body;  ///< The same.
    };
    struct Seen {
        int discoveries = 0;
        int key_sets = 0;
        int user_infos = 0;
        std::string authorization;  ///< Of the last call for a token.
        net::QueryParams form;      ///< The same.
    };

    FakeProvider();

    /// "http://127.0.0.1:41234"
    [[nodiscard]] std::string url() const { return "http://" + server_->address(); }
    void behave(const std::function<void(Behaviour&)>& change) {
        state_.with([&](State& state) { change(state.behaviour); });
    }
    [[nodiscard]] Seen seen() { return state_.with([](State& state) { return state.seen; }); }
    /// What the person's browser brings back from there: {"code": …, "state": …}.
    [[nodiscard]] net::QueryParams sign_in(const std::string& redirect_url);
    void stop() { server_->stop(); }

private:
    struct Grant {
        std::string challenge;
        std::string nonce;
        std::string redirect_uri;
    };
    struct State {
        Behaviour behaviour;
        Seen seen;
        std::map<std::string, Grant> grants;  // by code
        int codes = 0;
    };
    [[nodiscard]] net::Response answer(const net::Request& request, State& state) const;
    [[nodiscard]] json::Value discovery(const State& state) const;
    [[nodiscard]] net::Response token(const net::Request& request, State& state) const;
    [[nodiscard]] std::string id_token(const State& state, const std::string& nonce) const;

    Synchronized<State> state_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace pintle::auth
