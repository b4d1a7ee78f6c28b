#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/recent_map.hpp"
#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "gateway/pass.hpp"

namespace pintle::gateway {

/// Where browsers find the components: on an origin of their own, because their pages run programs that others wrote,
/// which must not act in the name of who visits them (docs/adr/0017-components-on-their-own-origin.md). Makes the
/// addresses there, and the tickets by which a browser that is signed in at the server is let in.
///
/// Thread safe. Failure: in words for people.
class Door {
public:
    struct Options {
        std::string address;  ///< Where the gateway listens, as really bound: "127.0.0.1:7172".
        /// What browsers call it: "https://tools.example", or "https://*.tools.example", where every component has a
        /// host of its own. Empty: as they call the server, with the port of `address`.
        std::string url;
        std::string main_address;  ///< Where the server itself listens.
        std::string main_url;      ///< What browsers call the server; empty: as each request does.
        std::vector<std::string> host_names;  ///< That browsers may call the gateway by, where there is no url.
    };
    /// How the server itself was called by the browser.
    struct Caller {
        std::string host;  ///< "127.0.0.1:7171"
        bool https = false;
    };

    explicit Door(Options options) : options_(std::move(options)) {}

    /// The address of a component for that browser, without a path: "http://localhost:7172".
    [[nodiscard]] Result<std::string> origin_of(const Pass& pass, const Caller& caller) const;
    /// An address that lets its holder in once, within a minute, and leads to `to`, a path below the component's.
    [[nodiscard]] Result<std::string> open(const Pass& pass, const Caller& caller, std::string_view to, Time now);
    struct Entry {
        Pass pass;
        std::string to;
    };
    /// Takes the ticket: nothing when there is none of that name, or not any more.
    [[nodiscard]] std::optional<Entry> take(std::string_view ticket, Time now);

    /// Whether a request that came to the gateway names a host where this component is.
    [[nodiscard]] Result<void> check_host(std::string_view host, const domain::ProjectId& project,
                                          std::string_view component) const;
    /// For `pintle doctor`: where browsers find components, and what is wrong with that. Good: they are found, and
    /// either everybody is on this machine or each component has a host of its own.
    [[nodiscard]] std::string in_words() const;
    [[nodiscard]] bool is_good() const;
    [[nodiscard]] bool is_https() const { return options_.url.starts_with("https://"); }
    /// Where a browser that called the gateway like this finds the server itself: "http://127.0.0.1:7171".
    [[nodiscard]] std::string server_url(std::string_view gateway_host) const;

private:
    [[nodiscard]] bool is_local() const;
    [[nodiscard]] bool is_missing() const { return options_.url.empty() && options_.main_url.starts_with("https://"); }

    struct Ticket {
        Pass pass;
        std::string to;
        Time expires_at{};
    };

    const Options options_;
    Synchronized<auth::RecentMap<Ticket>> tickets_{auth::RecentMap<Ticket>(10'000)};  // by the hash of the ticket
};

inline constexpr Duration kTicketTime = std::chrono::seconds(60);
/// Where tickets are handed in: "/enter?ticket=…".
inline constexpr std::string_view kEnterPath = "/enter";

/// "/projects/ID/components/NAME", as domain::component_path() has it.
[[nodiscard]] std::string prefix_of(const domain::ProjectId& project, std::string_view component);
/// Whether the target is the prefix or lies below it, as it is written: "/p", "/p/", "/p?x", not "/pq".
[[nodiscard]] bool is_below(std::string_view target, std::string_view prefix);

}  // namespace pintle::gateway
