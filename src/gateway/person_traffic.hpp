#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "auth/recent_map.hpp"
#include "base/synchronized.hpp"
#include "base/time.hpp"
#include "gateway/directory.hpp"
#include "net/http_message.hpp"

namespace pintle::gateway {

/// Tells what a person causes from what an open page does by itself. A page that polls asks the same again and again; a
/// person asks for something new. So a request or message counts when it is the first of its kind within half an hour.
/// Of Jupyter only what changes something counts, and opening a page: what its kernels do it says itself.
///
/// Thread safe. Bounded: as many components as have been visited lately, as many kinds of requests of each.
class PersonTraffic {
public:
    /// The head of a request has come.
    void request(const Endpoint& endpoint, const net::Request& head, Time now);
    /// What a body or a message begins with. `kind` is what the bytes belong to, such as "POST /a".
    void content(const Endpoint& endpoint, std::string_view kind, std::string_view beginning, Time now);
    /// When a person last did something with this run of the component; 0: never.
    [[nodiscard]] Time last(const Endpoint& endpoint) const;
    /// Forgets all components but these.
    void keep(const std::vector<Endpoint>& running);

    /// For how long the same is nothing new.
    static constexpr Duration kSame = std::chrono::minutes(30);

private:
    struct Seen {
        Time last{};
        auth::RecentMap<Time> kinds{1000};
    };
    void note(const Endpoint& endpoint, std::string kind, Time now);

    Synchronized<std::map<domain::JobId, Seen>> seen_;
};

/// The target without what pages put there so that nothing comes from a cache: "/a?1763" → "/a".
[[nodiscard]] std::string without_cache_breakers(std::string_view target);

}  // namespace pintle::gateway
