#include "auth/sign_in_guard.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::auth;
using namespace std::chrono_literals;

namespace {

const Time kStart = time_from_ms(1'700'000'000'000);

/// Fails `times` times as fast as the guard lets it, and returns the moment of the last.
Time fail_patiently(SignInGuard& guard, const std::string& account, const std::string& address, int times, Time now) {
    for (int i = 0; i < times; ++i) {
        now += guard.must_wait(account, address, now).value_or(Duration{0});
        guard.failed(account, address, now);
    }
    return now;
}

}  // namespace

TEST_CASE("the first four failures cost nothing, the fifth a second, each further twice as long") {
    SignInGuard guard;
    Time now = kStart;
    for (int i = 0; i < 4; ++i) {
        guard.failed("ana", "192.0.2.7", now);
        CHECK(guard.must_wait("ana", "192.0.2.7", now) == std::nullopt);
    }
    for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 900s, 900s}) {
        guard.failed("ana", "192.0.2.7", now);
        CHECK(guard.must_wait("ana", "192.0.2.7", now) == wait);
        CHECK(guard.must_wait("ana", "192.0.2.7", now + wait - 1ms) == 1ms);
        now += wait;
        CHECK(guard.must_wait("ana", "192.0.2.7", now) == std::nullopt);
    }
}

TEST_CASE("failures count together only within 15 minutes") {
    SignInGuard guard;
    for (int i = 0; i < 4; ++i) guard.failed("ana", "192.0.2.7", kStart);
    guard.failed("ana", "192.0.2.7", kStart + 15min + 1ms);
    CHECK(guard.must_wait("ana", "192.0.2.7", kStart + 15min + 1ms) == std::nullopt);
    for (int i = 0; i < 3; ++i) guard.failed("ana", "192.0.2.7", kStart + 20min);
    CHECK(guard.must_wait("ana", "192.0.2.7", kStart + 20min) == std::nullopt);
    guard.failed("ana", "192.0.2.7", kStart + 20min);
    CHECK(guard.must_wait("ana", "192.0.2.7", kStart + 20min) == 1s);
}

TEST_CASE("who has to wait is forgiven 15 minutes after the wait, and not before") {
    SignInGuard guard;
    SignInGuard patient;
    for (int i = 0; i < 5; ++i) guard.failed("ana", "192.0.2.7", kStart);
    for (int i = 0; i < 5; ++i) patient.failed("ana", "192.0.2.7", kStart);
    patient.failed("ana", "192.0.2.7", kStart + 1s + 15min + 1ms);
    CHECK(patient.must_wait("ana", "192.0.2.7", kStart + 1s + 15min + 1ms) == std::nullopt);
    guard.failed("ana", "192.0.2.7", kStart + 1s + 15min);
    CHECK(guard.must_wait("ana", "192.0.2.7", kStart + 1s + 15min) == 2s);
}

TEST_CASE("an attacker from elsewhere holds the owner up for 30 seconds at most") {
    SignInGuard guard;
    const Time now = fail_patiently(guard, "ana", "203.0.113.9", 100, kStart);
    CHECK(guard.must_wait("ana", "203.0.113.9", now) == 15min);
    CHECK(guard.must_wait("ana", "203.0.113.200", now) == 15min);  // the same /24
    CHECK(guard.must_wait("ana", "192.0.2.7", now) == 30s);
    CHECK(guard.must_wait("ana", "192.0.2.7", now + 30s) == std::nullopt);
}

TEST_CASE("a network from which the owner has signed in does not wait for what others do") {
    SignInGuard guard;
    guard.succeeded("ana", "192.0.2.7:50412", kStart);
    const Time now = fail_patiently(guard, "ana", "203.0.113.9", 30, kStart);
    CHECK(guard.must_wait("ana", "192.0.2.8:40000", now) == std::nullopt);
    CHECK(guard.must_wait("ana", "198.51.100.1", now) == 30s);
    // Its own failures still count there.
    for (int i = 0; i < 5; ++i) guard.failed("ana", "192.0.2.7", now);
    CHECK(guard.must_wait("ana", "192.0.2.7", now) == 1s);
}

TEST_CASE("a sign-in is remembered for its network for 30 days") {
    SignInGuard guard;
    guard.succeeded("ana", "192.0.2.7", kStart);
    const Time later = kStart + 24h * 31;
    for (int i = 0; i < 5; ++i) guard.failed("ana", "203.0.113.9", later);
    CHECK(guard.must_wait("ana", "192.0.2.7", later) == 1s);
}

TEST_CASE("an address that tries many accounts has to wait from its twentieth failure") {
    SignInGuard guard;
    for (int i = 0; i < 19; ++i) guard.failed(fmt::format("user{}", i), "203.0.113.9:1000", kStart);
    CHECK(guard.must_wait("other", "203.0.113.9:2000", kStart) == std::nullopt);
    guard.failed("user19", "203.0.113.9:3000", kStart);
    CHECK(guard.must_wait("other", "203.0.113.9:2000", kStart) == 1s);
    CHECK(guard.must_wait("other", "203.0.113.8:2000", kStart) == std::nullopt);
    const Time now = fail_patiently(guard, "yet another", "203.0.113.9", 12, kStart);
    CHECK(guard.must_wait("other", "203.0.113.9", now) == 15min);
}

TEST_CASE("a sign-in forgives the account and not the address") {
    SignInGuard guard;
    for (int i = 0; i < 20; ++i) guard.failed(fmt::format("user{}", i % 4), "203.0.113.9", kStart);
    CHECK(guard.must_wait("user1", "203.0.113.9", kStart) == 1s);
    CHECK(guard.must_wait("user1", "192.0.2.7", kStart) == 1s);
    guard.succeeded("user1", "203.0.113.9", kStart);
    CHECK(guard.must_wait("user1", "192.0.2.7", kStart) == std::nullopt);
    CHECK(guard.must_wait("user1", "203.0.113.9", kStart) == std::nullopt);
    CHECK(guard.must_wait("user9", "203.0.113.9", kStart) == 1s);
}

TEST_CASE("an account is the same in capitals, and an address with its port or as mapped IPv6") {
    SignInGuard guard;
    for (const char* address :
         {"192.0.2.7", "192.0.2.7:1", "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:80", "::FFFF:192.0.2.9"}) {
        guard.failed("Ana", address, kStart);
    }
    CHECK(guard.must_wait("aNA", "192.0.2.200", kStart) == 1s);
    CHECK(network_of("192.0.2.7:50412") == "192.0.2.0/24");
    CHECK(network_of("::ffff:192.0.2.7") == "192.0.2.0/24");
    CHECK(network_of("[2001:db8::1]:50412") == "2001:db8::/64");
    CHECK(network_of("2001:db8:0:0:1:2:3:4") == "2001:db8::/64");
    CHECK(network_of("2001:db8:0:1::4") == "2001:db8:0:1::/64");
    CHECK(network_of("[::1") == "::/64");
    CHECK(network_of("unix") == "unix");
    CHECK(network_of("") == "");
    CHECK(network_of(std::string(5000, 'x')).size() == 100);
}

TEST_CASE("IPv6 addresses of one /64 count as one") {
    SignInGuard guard;
    for (int i = 0; i < 20; ++i) guard.failed(fmt::format("user{}", i), fmt::format("[2001:db8::{}]:99", i), kStart);
    CHECK(guard.must_wait("other", "2001:db8::ffff", kStart) == 1s);
    CHECK(guard.must_wait("other", "2001:db8:0:1::1", kStart) == std::nullopt);
}

TEST_CASE("a clock that is set back makes no wait longer") {
    SignInGuard guard;
    for (int i = 0; i < 5; ++i) guard.failed("ana", "192.0.2.7", kStart);
    CHECK(guard.must_wait("ana", "192.0.2.7", kStart - 24h) == 1s);
}

TEST_CASE("a flood of failures takes bounded memory, forgets the oldest counts and no good sign-in") {
    SignInGuard guard;
    guard.succeeded("ana", "192.0.2.7", kStart);
    for (int i = 0; i < 5; ++i) guard.failed("ben", "192.0.2.7", kStart);
    for (int i = 0; i < 20'000; ++i) {
        guard.failed(std::string(5000, 'x') + std::to_string(i), fmt::format("10.{}.{}.1", i / 250, i % 250), kStart);
    }
    CHECK(guard.size() <= 10'000);
    CHECK(guard.must_wait("ben", "192.0.2.7", kStart) == std::nullopt);
    for (int i = 0; i < 5; ++i) guard.failed("ana", "203.0.113.9", kStart);
    CHECK(guard.must_wait("ana", "192.0.2.7", kStart) == std::nullopt);
    for (int i = 0; i < 5'000; ++i) guard.succeeded(std::to_string(i), "192.0.2.7", kStart);
    CHECK(guard.size() == SignInGuard::kMaxFailures + SignInGuard::kMaxKnown);
}
