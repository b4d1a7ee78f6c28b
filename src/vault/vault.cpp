#include "vault/vault.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include "base/check.hpp"
#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::vault {
namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string to_hex(std::string_view bytes) {
    std::string hex(bytes.size() * 2 + 1, '\0');
    ::sodium_bin2hex(hex.data(), hex.size(), bytes_of(bytes), bytes.size());
    hex.pop_back();
    return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
    std::string bytes(hex.size() / 2, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (hex.size() % 2 != 0 ||
        ::sodium_hex2bin(bytes_of(bytes), bytes.size(), hex.data(), hex.size(), nullptr, &size, &end) != 0 ||
        end != hex.data() + hex.size()) {
        return std::nullopt;
    }
    return bytes;
}

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    ::randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string mark_of(std::string_view key) {
    std::string mark(crypto_generichash_BYTES_MIN, '\0');
    constexpr std::string_view kPurpose = "pintle: the mark of a key for accounts";
    ::crypto_generichash(bytes_of(mark), mark.size(), bytes_of(kPurpose), kPurpose.size(), bytes_of(key), key.size());
    return to_hex(mark).substr(0, 12);
}

std::string associated(const domain::AccountId& id) { return "pintle account " + id.str(); }

}  // namespace

void Vault::take(std::string key) {
    mark_ = mark_of(key);
    key_ = std::move(key);
}

Vault Vault::at(const std::string& path, bool may_make) {
    check(::sodium_init() >= 0, "libsodium starts");
    Vault vault;
    vault.path_ = path;
    if (!os::exists(path) && may_make) {
        std::string key = random_bytes(kKeyBytes);
        const auto written = os::write_file_atomic(path, to_hex(key) + "\n", 0600);
        if (written) vault.take(std::move(key));
        else vault.fault_ = fmt::format("the key for accounts cannot be written: {}", written.error().message);
        return vault;
    }
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        vault.fault_ = fmt::format(
            "the key for accounts, {}, is missing; put it back from a backup and start the server again. If it is "
            "lost, so "
            "are the secrets that it sealed: delete the accounts, and the next start makes a new key",
            path);
    } else if ((info.st_mode & 077) != 0) {
        vault.fault_ = fmt::format(
            "the key for accounts can be read by others; say: chmod 600 {} — and start the server again", path);
    } else if (const auto text = os::read_file(path, 4096); !text) {
        vault.fault_ = fmt::format("the key for accounts cannot be read: {}", text.error().message);
    } else if (auto key = from_hex(trim(*text)); !key || key->size() != kKeyBytes) {
        vault.fault_ = fmt::format(
            "{} does not hold what was written there; put the key for accounts back from a backup and start the server "
            "again",
            path);
    } else {
        vault.take(std::move(*key));
    }
    return vault;
}

Result<domain::SealedSecret> Vault::seal(const domain::AccountId& id, std::string_view secret) const {
    if (fault_) return fail(ErrorCode::kUnavailable, "no secret can be kept: {}", *fault_);
    const std::string nonce = random_bytes(kNonceBytes), bound = associated(id);
    std::string sealed(secret.size() + kTagBytes, '\0');
    unsigned long long size = 0;
    ::crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed), &size, bytes_of(secret), secret.size(),
                                                 bytes_of(bound), bound.size(), nullptr, bytes_of(nonce),
                                                 bytes_of(std::string_view(key_)));
    sealed.resize(size);
    return domain::SealedSecret{mark_, to_hex(nonce), to_hex(sealed)};
}

std::optional<std::string> Vault::fault_of(const domain::Account& account) const {
    if (fault_) return fmt::format("the account {} cannot be opened: {}", account.name, *fault_);
    if (account.secret.key == mark_) return std::nullopt;
    return fmt::format(
        "the account {} cannot be opened: it was sealed with another key ({}) than the one in {} ({}); put the old key "
        "back, "
        "or give the account its {} again",
        account.name, account.secret.key, path_, mark_, domain::secret_word(account.kind));
}

Result<domain::OpenAccount> Vault::open(const domain::Account& account) const {
    if (const auto fault = fault_of(account)) return fail(ErrorCode::kUnavailable, "{}", *fault);
    const auto nonce = from_hex(account.secret.nonce), sealed = from_hex(account.secret.ciphertext);
    const std::string bound = associated(account.id);
    std::string secret(sealed && sealed->size() >= kTagBytes ? sealed->size() - kTagBytes : 0, '\0');
    unsigned long long size = 0;
    const bool opened =
        nonce && nonce->size() == kNonceBytes && sealed && sealed->size() >= kTagBytes &&
        ::crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes_of(secret), &size, nullptr, bytes_of(std::string_view(*sealed)), sealed->size(), bytes_of(bound),
            bound.size(), bytes_of(std::string_view(*nonce)), bytes_of(std::string_view(key_))) == 0;
    if (!opened) {
        return fail(ErrorCode::kCorrupt,
                    "the account {} cannot be opened: what the database holds of it was changed; give it its {} again",
                    account.name, domain::secret_word(account.kind));
    }
    return domain::OpenAccount{account.id,   account.name,        account.kind,     account.server,
                               account.user, account.known_hosts, std::move(secret)};
}

}  // namespace pintle::vault
