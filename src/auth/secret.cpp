#include "auth/secret.hpp"

#include <array>

#include <sodium.h>

#include "base/check.hpp"

namespace pintle::auth {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomDigits = 43;  // 62^43 > 2^256
constexpr std::size_t kChecksumDigits = 6;  // 62^6 > 2^32

/// As zlib and Ethernet have it.
std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

std::string checksum(std::string_view text) {
    std::string digits(kChecksumDigits, '0');
    std::uint32_t rest = crc32(text);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        *digit = kDigits[rest % kDigits.size()];
        rest /= kDigits.size();
    }
    return digits;
}

}  // namespace

std::string make_secret(std::string_view prefix) {
    check(::sodium_init() >= 0, "libsodium starts");
    std::string text(prefix);
    for (std::size_t i = 0; i < kRandomDigits; ++i) text += kDigits[::randombytes_uniform(kDigits.size())];
    return text + checksum(text);
}

bool looks_like_secret(std::string_view prefix, std::string_view text) {
    if (!text.starts_with(prefix) || text.size() != prefix.size() + kRandomDigits + kChecksumDigits) return false;
    if (text.find_first_not_of(kDigits, prefix.size()) != std::string_view::npos) return false;
    const std::size_t body = text.size() - kChecksumDigits;
    return text.substr(body) == checksum(text.substr(0, body));
}

std::string secret_hash(std::string_view text) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    ::crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
    return ::sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

}  // namespace pintle::auth
