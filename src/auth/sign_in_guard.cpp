#include "auth/sign_in_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace pintle::auth {
namespace {

constexpr Duration kWindow = std::chrono::minutes(15);
constexpr Duration kKnownFor = std::chrono::days(30);
constexpr Duration kFirstWait = std::chrono::seconds(1);
// Longer than any name or address; keeps hostile ones from taking memory.
constexpr std::size_t kMaxKeyBytes = 100;

/// Without brackets and port.
std::string bare_address(std::string_view address) {
    if (address.starts_with('[')) return std::string(address.substr(1, address.find(']') - 1));
    const bool has_port = std::count(address.begin(), address.end(), ':') == 1;
    return std::string(has_port ? address.substr(0, address.find(':')) : address);
}

/// IPv4 with that many bits, IPv6 with 64.
std::string masked(std::string_view address, int v4_bits) {
    std::string text = bare_address(address.substr(0, kMaxKeyBytes));
    constexpr std::string_view kMapped = "::ffff:";
    if (to_lower(text).starts_with(kMapped) && text.find('.') != std::string::npos) text.erase(0, kMapped.size());
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
        if (v4_bits == 24) bytes[3] = 0;
        return fmt::format("{}/{}", ::inet_ntop(AF_INET, bytes.data(), out.data(), out.size()), v4_bits);
    }
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
        std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
        return fmt::format("{}/64", ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size()));
    }
    return text;
}

// A name typed in capitals may be the same account; a space keeps the parts of a key apart, and no network has one.
std::string account_key(std::string_view account) { return "account " + to_lower(account.substr(0, kMaxKeyBytes)); }

std::string here_key(std::string_view account, std::string_view address) {
    return fmt::format("here {} {}", network_of(address), to_lower(account.substr(0, kMaxKeyBytes)));
}

std::string address_key(std::string_view address) { return "address " + masked(address, 32); }

}  // namespace

std::string network_of(std::string_view address) { return masked(address, 24); }

Duration SignInGuard::wait_after(int count, const Rule& rule) {
    if (count <= rule.free) return Duration{0};
    const int doublings = std::min(count - rule.free - 1, 20);
    return std::min<Duration>(kFirstWait * (1 << doublings), rule.longest);
}

Duration SignInGuard::remaining(const std::string& key, const Rule& rule, Time now) const {
    const Failures* failures = failures_.find(key);
    if (failures == nullptr) return Duration{0};
    const Duration wait = wait_after(failures->count, rule);
    return std::clamp<Duration>(failures->last + wait - now, Duration{0}, wait);
}

void SignInGuard::count(const std::string& key, const Rule& rule, Time now) {
    Failures& failures = failures_.touch(key);
    const Duration wait = wait_after(failures.count, rule);
    const Time forget_at = wait.count() > 0 ? failures.last + wait + kWindow : failures.first + kWindow;
    if (failures.count == 0 || now > forget_at) failures = {0, now, now};
    failures.count = std::min(failures.count + 1, 1'000);
    failures.last = now;
}

std::optional<Duration> SignInGuard::must_wait(std::string_view account, std::string_view address, Time now) const {
    const std::string here = here_key(account, address);
    Duration wait = remaining(here, kHere, now);
    const Time* known = known_.find(here);
    if (known == nullptr || now - *known > kKnownFor) {
        wait = std::max(wait, remaining(account_key(account), kAnywhere, now));
        wait = std::max(wait, remaining(address_key(address), kAddress, now));
    }
    return wait.count() > 0 ? std::optional(wait) : std::nullopt;
}

void SignInGuard::failed(std::string_view account, std::string_view address, Time now) {
    count(here_key(account, address), kHere, now);
    count(account_key(account), kAnywhere, now);
    count(address_key(address), kAddress, now);
}

void SignInGuard::succeeded(std::string_view account, std::string_view address, Time now) {
    const std::string here = here_key(account, address);
    failures_.erase(here);
    failures_.erase(account_key(account));
    known_.touch(here) = now;
}

}  // namespace pintle::auth
