#include "auth/tokens.hpp"

#include <sys/stat.h>

#include <sodium.h>

#include "base/check.hpp"
#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::auth {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t size) {
    std::string hex(size * 2 + 1, '\0');
    ::sodium_bin2hex(hex.data(), hex.size(), bytes, size);
    hex.pop_back();
    return hex;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> read_or_make(const std::string& path, const std::string& fresh) {
    if (!os::exists(path)) {
        TRY(os::write_file_atomic(path, fresh + "\n", 0600));
        return fresh;
    }
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
        return fail(ErrorCode::kDenied,
                    "{} can be read by others; say: chmod 600 {} — and remove it if somebody may have seen it, then a "
                    "new one is made",
                    path, path);
    }
    const std::string text(trim(TRY(os::read_file(path, 4096))));
    if (text.size() < 32)
        return fail(ErrorCode::kCorrupt, "{} does not hold what was written there; remove it, then a new one is made",
                    path);
    return text;
}

}  // namespace

std::string random_text(std::size_t bytes) {
    check(::sodium_init() >= 0, "libsodium starts");
    std::string raw(bytes, '\0');
    ::randombytes_buf(raw.data(), raw.size());
    return to_hex(reinterpret_cast<const unsigned char*>(raw.data()), raw.size());
}

Result<Tokens> Tokens::open(const std::string& folder) {
    Tokens tokens;
    tokens.operator_token_ = TRY(read_or_make(folder + "/token", "pot_" + random_text(32)));
    tokens.secret_ = TRY(read_or_make(folder + "/secret", random_text(32)));
    return tokens;
}

std::string Tokens::key_for(std::string_view purpose) const {
    const std::string text = fmt::format("pintle key for {}\n{}", purpose, secret_);
    std::string key(32, '\0');
    ::crypto_generichash(reinterpret_cast<unsigned char*>(key.data()), key.size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
    return key;
}

std::string Tokens::signature(std::string_view text) const {
    std::array<unsigned char, crypto_auth_KEYBYTES> key{};
    ::crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char*>(secret_.data()), secret_.size(),
                         nullptr, 0);
    std::array<unsigned char, crypto_auth_BYTES> mac{};
    ::crypto_auth(mac.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data());
    return to_hex(mac.data(), mac.size());
}

std::string Tokens::job_token(const domain::ProjectId& project, const domain::JobId& job) const {
    const std::string subject = project.str() + "_" + job.str();
    return fmt::format("pjt_{}_{}", subject, signature(subject));
}

// No token of a job is signed over a text without "_".
std::string Tokens::component_secret(const domain::JobId& job) const { return signature("component:" + job.str()); }

Result<Identity> Tokens::identify(std::string_view token) const {
    if (equal_in_constant_time(token, operator_token_)) {
        Identity owner;
        owner.kind = Identity::Kind::kUser;
        return owner;
    }
    const std::vector<std::string> parts = split(token, '_');
    if (parts.size() == 4 && parts[0] == "pjt" &&
        equal_in_constant_time(parts[3], signature(parts[1] + "_" + parts[2]))) {
        Identity job;
        job.kind = Identity::Kind::kJob;
        job.via = Identity::Via::kJob;
        job.project = domain::ProjectId(parts[1]);
        job.job = domain::JobId(parts[2]);
        return job;
    }
    return fail(ErrorCode::kUnauthorized, "the access token is not known to this server");
}

}  // namespace pintle::auth
