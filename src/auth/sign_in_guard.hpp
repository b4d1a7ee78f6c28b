#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/recent_map.hpp"
#include "base/time.hpp"

namespace pintle::auth {

/// Slows down guessing at passwords without giving anybody the means to lock somebody else out. It counts failures
/// and says how long the next attempt must wait: 1 s at first, twice as long after each further failure. It forgets
/// what lies 15 minutes back, or 15 minutes after the last wait was over.
///
///     counted for                        from failure   up to   so that
///     the account from one network            5         15 min  nobody gets far with one account
///     the account from anywhere               5         30 s    many networks do not get far either
///     one address, whatever the account      20         15 min  nobody tries one password on all accounts
///
/// A network is an IPv4 /24 or an IPv6 /64, an address an IPv4 address or an IPv6 /64. A network from which the
/// account has signed in within 30 days waits for its own failures only: there the true owner is never held up by
/// what others do, elsewhere for 30 s at most, unless the same network is an attacker's too.
///
/// Ask must_wait() before looking at the password, and do not report attempts that had to wait. Attempts at the same
/// moment all pass, so a guess costs one more for each worker thread of the server.
///
/// Threading: one thread at a time; share it as Synchronized<SignInGuard>. Pure: time is data, and a clock that is
/// set back makes no wait longer. Failure: none. Memory: 10,000 entries of at most some hundred bytes. Eviction
/// favours letting people in: who floods it makes it forget the oldest counts, never refuse a sign-in; and what it
/// knows of good sign-ins has room of its own, which failures cannot take.
class SignInGuard {
public:
    static constexpr std::size_t kMaxFailures = 8'000;
    static constexpr std::size_t kMaxKnown = 2'000;

    /// Nothing when the attempt may be made now. `account` as it was typed; `address` as "1.2.3.4", "1.2.3.4:50412",
    /// "2001:db8::1" or "[2001:db8::1]:50412".
    [[nodiscard]] std::optional<Duration> must_wait(std::string_view account, std::string_view address, Time now) const;
    void failed(std::string_view account, std::string_view address, Time now);
    /// Forgets the failures of the account, but not those of the address: who has an account of their own must not be
    /// able to reset it.
    void succeeded(std::string_view account, std::string_view address, Time now);

    /// For tests and metrics.
    [[nodiscard]] std::size_t size() const { return failures_.size() + known_.size(); }

private:
    struct Failures {
        int count = 0;
        Time first{};
        Time last{};
    };
    struct Rule {
        int free;          ///< Failures that cost nothing.
        Duration longest;  ///< Wait.
    };
    static constexpr Rule kHere{4, std::chrono::minutes(15)};
    static constexpr Rule kAnywhere{4, std::chrono::seconds(30)};
    static constexpr Rule kAddress{19, std::chrono::minutes(15)};

    [[nodiscard]] static Duration wait_after(int count, const Rule& rule);
    [[nodiscard]] Duration remaining(const std::string& key, const Rule& rule, Time now) const;
    void count(const std::string& key, const Rule& rule, Time now);

    RecentMap<Failures> failures_{kMaxFailures};
    RecentMap<Time> known_{kMaxKnown};  // account and network to the last sign-in
};

/// The network of a client: "192.0.2.0/24" for "192.0.2.7:50412", "2001:db8::/64"; the text itself, cut, when it is
/// no address.
[[nodiscard]] std::string network_of(std::string_view address);

}  // namespace pintle::auth
