#include "auth/password.hpp"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::auth {
namespace {

constexpr std::int64_t kMinCharacters = 10;
constexpr std::int64_t kMaxCharacters = 1024;

// Those of ten characters and more that lists of leaked passwords begin with, in lower case.
constexpr std::string_view kCommonest[] = {
    "1234567890",   "12345678910",  "0123456789",       "9876543210",    "0987654321",   "1q2w3e4r5t",
    "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5",       "q1w2e3r4t5y6",  "qwertyuiop",   "qwerty1234",
    "qwerty12345",  "qwerty123456", "qwertyuiop123",    "asdfghjkl123",  "abcdefghij",   "abcdefghijk",
    "abc1234567",   "abcd123456",   "password12",       "password123",   "password1234", "password12345",
    "passw0rd123",  "p@ssw0rd123",  "passwordpassword", "administrator", "admin12345",   "admin123456",
    "changeme123",  "changemenow",  "letmein123",       "letmein1234",   "welcome123",   "welcome1234",
    "iloveyou123",  "iloveyou12",   "sunshine123",      "football123",   "princess123",  "dragon1234",
    "monkey1234",   "superman123",  "michael123",       "basketball",   "correcthorsebatterystaple",
};

struct Work {
    unsigned long long passes = 0;
    std::size_t memory_bytes = 0;
};

Work work_of(HashStrength strength) {
    check(::sodium_init() >= 0, "libsodium starts");
    switch (strength) {
        case HashStrength::kInteractive:
            return {crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE};
        case HashStrength::kTestsOnly: return {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN};
    }
    unreachable();
}

std::int64_t count_characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

bool is_one_character(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [&](char c) { return c == text.front(); });
}

}  // namespace

Result<std::string> hash_password(std::string_view password, HashStrength strength) {
    const Work work = work_of(strength);
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (::crypto_pwhash_str(hash.data(), password.data(), password.size(), work.passes, work.memory_bytes) != 0) {
        return fail(ErrorCode::kExhausted,
                    "there was not enough memory to keep the password ({} are needed); try again",
                    bytes_in_words(static_cast<std::int64_t>(work.memory_bytes)));
    }
    return std::string(hash.data());
}

bool verify_password(std::string_view hash, std::string_view password, HashStrength strength) {
    const Work work = work_of(strength);
    // libsodium reads up to the terminating zero.
    const std::string stored(hash.substr(0, crypto_pwhash_STRBYTES - 1));
    if (::crypto_pwhash_str_needs_rehash(stored.c_str(), work.passes, work.memory_bytes) < 0) {
        verify_nobody(password, strength);
        return false;
    }
    return ::crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
}

void verify_nobody(std::string_view password, HashStrength strength) {
    const Work work = work_of(strength);
    constexpr std::array<unsigned char, crypto_pwhash_SALTBYTES> kNoSalt{};
    std::array<unsigned char, 32> ignored{};
    // Without the memory a real check would fail as quickly, so the answer does not matter.
    [[maybe_unused]] const int done =
        ::crypto_pwhash(ignored.data(), ignored.size(), password.data(), password.size(), kNoSalt.data(), work.passes,
                        work.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
}

std::string password_fault(std::string_view password, std::string_view user_name) {
    if (to_valid_utf8(password) != password) return "the password is not text in UTF-8";
    const std::int64_t characters = count_characters(password);
    if (characters < kMinCharacters) {
        return fmt::format("a password needs at least {} characters; this one has {}", kMinCharacters, characters);
    }
    if (characters > kMaxCharacters) {
        return fmt::format("a password has at most {} characters; this one has {}", kMaxCharacters, characters);
    }
    const std::string lower = to_lower(password);
    if (lower == to_lower(user_name)) return "the password must not be the user name; choose another";
    const bool common = std::find(std::begin(kCommonest), std::end(kCommonest), lower) != std::end(kCommonest);
    if (common || is_one_character(password)) {
        return "this password is among the first that anybody would guess; choose another";
    }
    return {};
}

}  // namespace pintle::auth
