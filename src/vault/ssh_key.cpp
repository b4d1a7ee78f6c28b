#include "vault/ssh_key.hpp"

#include <sodium.h>

#include <array>
#include <optional>

#include "base/text.hpp"

namespace pintle::vault {
namespace {

constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view kMagic{"openssh-key-v1\0", 15};

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (::sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                            " \r\n\t", &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

/// Reads the numbers and strings of ssh's wire format; empty once something was missing.
class Wire {
public:
    explicit Wire(std::string_view bytes) : left_(bytes) {}
    std::uint32_t number() {
        if (left_.size() < 4) return fault();
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(left_[static_cast<std::size_t>(i)]);
        left_.remove_prefix(4);
        return value;
    }
    std::string_view text() {
        const std::uint32_t size = number();
        if (size > left_.size()) return fault(), std::string_view();
        const std::string_view value = left_.substr(0, size);
        left_.remove_prefix(size);
        return value;
    }
    [[nodiscard]] bool good() const { return good_; }

private:
    std::uint32_t fault() {
        good_ = false;
        left_ = {};
        return 0;
    }
    std::string_view left_;
    bool good_ = true;
};

}  // namespace

Result<std::string> fingerprint_of_private_key(std::string_view text) {
    text = trim(text);
    const bool is_other = text.find("PRIVATE KEY-----") != std::string_view::npos && !text.starts_with(kBegin);
    if (is_other)
        return fail(ErrorCode::kInvalid,
                    "the private key is in an older format; say: ssh-keygen -p -N \"\" -f KEYFILE — which writes it in "
                    "that of OpenSSH");
    if (text.starts_with("ssh-") || text.starts_with("ecdsa-"))
        return fail(ErrorCode::kInvalid,
                    "this is the public half of a key; the account needs the private one, the file without .pub");
    if (!text.starts_with(kBegin) || !text.ends_with(kEnd))
        return fail(ErrorCode::kInvalid,
                    "expected a whole private key as ssh-keygen writes it, from its BEGIN line to its END line");
    text = text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size());
    const auto bytes = from_base64(text);
    if (!bytes || !std::string_view(*bytes).starts_with(kMagic))
        return fail(ErrorCode::kInvalid, "the private key is damaged; copy it again");
    Wire wire(std::string_view(*bytes).substr(kMagic.size()));
    const std::string_view cipher = wire.text();
    (void)wire.text();  // How the passphrase becomes a key, and
    (void)wire.text();  // with which numbers.
    const std::uint32_t keys = wire.number();
    const std::string_view key = wire.text();
    const std::string_view secret = wire.text();
    if (!wire.good() || keys != 1 || key.empty() || secret.empty())
        return fail(ErrorCode::kInvalid, "the private key is damaged; copy it again");
    if (cipher != "none")
        return fail(ErrorCode::kInvalid,
                    "the private key has a passphrase, which nobody could type for a job; make a key without one for "
                    "this (ssh-keygen -N \"\"), with rights on what it is for only");
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    ::crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(key.data()), key.size());
    std::array<char, sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)>
        shown{};
    ::sodium_bin2base64(shown.data(), shown.size(), hash.data(), hash.size(),
                        sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return fmt::format("SHA256:{}", shown.data());
}

}  // namespace pintle::vault
