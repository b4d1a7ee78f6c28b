#include "source/addresses.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

namespace pintle::source {
namespace {

bool is_private_ipv4(std::uint32_t address) {
    const auto is_within = [&](std::uint32_t network, int bits) {
        return (address >> (32 - bits)) == (network >> (32 - bits));
    };
    return is_within(0x00000000, 8) || is_within(0x0a000000, 8) || is_within(0x64400000, 10) ||
           is_within(0x7f000000, 8) || is_within(0xa9fe0000, 16) || is_within(0xac100000, 12) ||
           is_within(0xc0000000, 24) || is_within(0xc0a80000, 16) || is_within(0xc6120000, 15) ||
           is_within(0xe0000000, 3);
}

}  // namespace

bool is_private_address(std::string_view numeric) {
    const std::string text(numeric.substr(0, numeric.find('%')));
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return is_private_ipv4(ntohl(four.s_addr));
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return true;
    const unsigned char* bytes = six.s6_addr;
    std::uint32_t last = 0;
    for (int i = 12; i < 16; ++i) last = last << 8 | bytes[i];
    constexpr unsigned char kTranslated[] = {0x00, 0x64, 0xff, 0x9b};
    if (IN6_IS_ADDR_V4MAPPED(&six) || IN6_IS_ADDR_V4COMPAT(&six) || std::memcmp(bytes, kTranslated, 4) == 0)
        return IN6_IS_ADDR_UNSPECIFIED(&six) || IN6_IS_ADDR_LOOPBACK(&six) || is_private_ipv4(last);
    const bool is_global_unicast = (bytes[0] & 0xe0) == 0x20;
    return !is_global_unicast;
}

Result<std::string> public_address_of(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); failed != 0)
        return fail(ErrorCode::kUnavailable, "the host {} cannot be found: {}", host, ::gai_strerror(failed));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    std::string first;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        char text[NI_MAXHOST] = {};
        if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) continue;
        if (is_private_address(text)) {
            return fail(ErrorCode::kDenied,
                        "{} is at the private address {}, where this server's administrator lets no source be", host,
                        text);
        }
        if (first.empty()) first = text;
    }
    if (first.empty()) return fail(ErrorCode::kUnavailable, "the host {} has no address", host);
    return first;
}

}  // namespace pintle::source
