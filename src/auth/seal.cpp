#include "auth/seal.hpp"

#include <sodium.h>

#include "auth/base64url.hpp"
#include "base/check.hpp"

namespace pintle::auth {
namespace {

constexpr std::size_t kMaxSealedBytes = 4096;  // as browsers have it for a cookie

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string seal(std::string_view text, std::string_view key) {
    check(::sodium_init() >= 0 && key.size() == crypto_secretbox_KEYBYTES, "the key has 32 bytes");
    std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.size(), '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(sealed.data());
    ::randombytes_buf(bytes, crypto_secretbox_NONCEBYTES);
    ::crypto_secretbox_easy(bytes + crypto_secretbox_NONCEBYTES, raw(text), text.size(), bytes, raw(key));
    return base64url(sealed);
}

std::optional<std::string> unseal(std::string_view sealed, std::string_view key) {
    constexpr std::size_t kExtra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    check(key.size() == crypto_secretbox_KEYBYTES, "the key has 32 bytes");
    const auto bytes = from_base64url(sealed.substr(0, kMaxSealedBytes));
    if (!bytes || bytes->size() < kExtra) return std::nullopt;
    std::string text(bytes->size() - kExtra, '\0');
    const std::string_view box = std::string_view(*bytes).substr(crypto_secretbox_NONCEBYTES);
    const bool good = ::crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(text.data()), raw(box), box.size(),
                                                   raw(*bytes), raw(key)) == 0;
    return good ? std::optional(text) : std::nullopt;
}

}  // namespace pintle::auth
