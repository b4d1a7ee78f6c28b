#include "auth/jwk.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "auth/base64url.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::auth {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* thing) const {
        Free(thing);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<&BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<&OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<&ECDSA_SIG_free>>;

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;  // More only costs time.
constexpr std::size_t kEcBytes = 32;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string_view text_of(const json::Value& key, std::string_view name) {
    const json::Value* value = key.find(name);
    return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

Result<std::string> key_bytes(const json::Value& key, std::string_view name) {
    const auto bytes = from_base64url(text_of(key, name));
    if (!bytes || bytes->empty()) {
        return fail(ErrorCode::kUnauthorized, "the provider's key \"{}\" has no proper member \"{}\"",
                    to_valid_utf8(text_of(key, "kid")), name);
    }
    return *bytes;
}

Number number_from(std::string_view bytes) {
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// Null when OpenSSL finds that this is no key.
Key key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) return nullptr;
    return Key(key);
}

Result<Key> rsa_key(const json::Value& jwk) {
    const std::string modulus = TRY(key_bytes(jwk, "n"));
    const std::string exponent = TRY(key_bytes(jwk, "e"));
    const Number n = number_from(modulus);
    const Number e = number_from(exponent);
    if (BN_num_bits(n.get()) < kMinRsaBits || BN_num_bits(n.get()) > kMaxRsaBits) {
        return fail(ErrorCode::kUnauthorized, "the provider's RSA key \"{}\" has {} bits; {} to {} are needed",
                    to_valid_utf8(text_of(jwk, "kid")), BN_num_bits(n.get()), kMinRsaBits, kMaxRsaBits);
    }
    if (BN_is_odd(e.get()) != 1 || BN_is_one(e.get()) == 1 || exponent.size() > 8) return nullptr;
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return key_from("RSA", builder.get());
}

Result<Key> ec_key(const json::Value& jwk) {
    const std::string x = TRY(key_bytes(jwk, "x"));
    const std::string y = TRY(key_bytes(jwk, "y"));
    if (x.size() != kEcBytes || y.size() != kEcBytes) return nullptr;
    const std::string point = "\x04" + x + y;  // uncompressed; OpenSSL sees to it that it is on the curve
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return key_from("EC", builder.get());
}

Result<Key> ed25519_key(const json::Value& jwk) {
    const std::string x = TRY(key_bytes(jwk, "x"));
    return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
}

Result<Key> public_key(const json::Value& jwk, JwtAlgorithm algorithm) {
    Key key;
    switch (algorithm) {
        case JwtAlgorithm::kRs256:
        case JwtAlgorithm::kPs256: key = TRY(rsa_key(jwk)); break;
        case JwtAlgorithm::kEs256: key = TRY(ec_key(jwk)); break;
        case JwtAlgorithm::kEdDsa: key = TRY(ed25519_key(jwk)); break;
    }
    if (!key) {
        return fail(ErrorCode::kUnauthorized, "the provider's key \"{}\" is damaged",
                    to_valid_utf8(text_of(jwk, "kid")));
    }
    return key;
}

/// Tokens have r and s side by side, OpenSSL wants them in DER. Empty when it is no such signature.
std::string der_signature(std::string_view raw) {
    if (raw.size() != 2 * kEcBytes) return {};
    const EcSignature signature(ECDSA_SIG_new());
    Number r = number_from(raw.substr(0, kEcBytes));
    Number s = number_from(raw.substr(kEcBytes));
    if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
    [[maybe_unused]] BIGNUM* const owned_r = r.release();
    [[maybe_unused]] BIGNUM* const owned_s = s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    if (size <= 0) return {};
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

struct KeyKind {
    std::string_view type;   ///< `kty`
    std::string_view curve;  ///< `crv`; empty: none.
};

KeyKind kind_for(JwtAlgorithm algorithm) {
    switch (algorithm) {
        case JwtAlgorithm::kRs256:
        case JwtAlgorithm::kPs256: return {"RSA", ""};
        case JwtAlgorithm::kEs256: return {"EC", "P-256"};
        case JwtAlgorithm::kEdDsa: return {"OKP", "Ed25519"};
    }
    unreachable();
}

/// Why the key is not for signatures of that algorithm; empty when it is.
std::string misfit(const json::Value& key, JwtAlgorithm algorithm) {
    const KeyKind kind = kind_for(algorithm);
    const std::string type(text_of(key, "kty"));
    const std::string curve(text_of(key, "crv"));
    if (type != kind.type) return fmt::format("is of type \"{}\"", type);
    if (!kind.curve.empty() && curve != kind.curve) return fmt::format("is of the curve \"{}\"", curve);
    if (key.has("use") && text_of(key, "use") != "sig") return "is not for signatures";
    if (const json::Value* uses = key.find("key_ops"); uses != nullptr) {
        const bool verifies =
            uses->is_array() && std::count(uses->as_array().begin(), uses->as_array().end(), "verify") > 0;
        if (!verifies) return "is not for signatures";
    }
    if (key.has("alg") && text_of(key, "alg") != to_string(algorithm)) {
        return fmt::format("is for {} only", text_of(key, "alg"));
    }
    return {};
}

}  // namespace

std::string_view to_string(JwtAlgorithm algorithm) {
    switch (algorithm) {
        case JwtAlgorithm::kRs256: return "RS256";
        case JwtAlgorithm::kPs256: return "PS256";
        case JwtAlgorithm::kEs256: return "ES256";
        case JwtAlgorithm::kEdDsa: return "EdDSA";
    }
    unreachable();
}

Result<JwtAlgorithm> jwt_algorithm_from(std::string_view name) {
    for (const JwtAlgorithm algorithm :
         {JwtAlgorithm::kRs256, JwtAlgorithm::kPs256, JwtAlgorithm::kEs256, JwtAlgorithm::kEdDsa}) {
        if (to_string(algorithm) == name) return algorithm;
    }
    return fail(ErrorCode::kUnauthorized,
                "the token is signed by \"{}\"; only RS256, PS256, ES256 and EdDSA are accepted",
                to_valid_utf8(name.substr(0, 40)));
}

Result<json::Value> find_key(const json::Value& key_set, JwtAlgorithm algorithm, std::string_view id) {
    const json::Value& keys = key_set["keys"];
    if (!keys.is_array()) return fail(ErrorCode::kUnauthorized, "the provider's key set has no list \"keys\"");
    std::vector<const json::Value*> fitting;
    std::string why;
    for (const json::Value& key : keys.as_array()) {
        if (!id.empty() && text_of(key, "kid") != id) continue;
        const std::string fault = misfit(key, algorithm);
        if (fault.empty()) fitting.push_back(&key);
        else why = fault;
    }
    if (fitting.size() == 1) return *fitting.front();
    const std::string shown = to_valid_utf8(id.substr(0, 80));
    if (fitting.size() > 1 && id.empty()) {
        return fail(ErrorCode::kUnauthorized, "the token does not say which of the provider's {} keys for {} signed it",
                    fitting.size(), to_string(algorithm));
    }
    if (fitting.size() > 1) {
        return fail(ErrorCode::kUnauthorized, "the provider has {} keys with the id \"{}\"", fitting.size(), shown);
    }
    if (id.empty()) return fail(ErrorCode::kNotFound, "the provider has no key for {}", to_string(algorithm));
    if (why.empty()) return fail(ErrorCode::kNotFound, "the provider has no key with the id \"{}\"", shown);
    return fail(ErrorCode::kUnauthorized, "the token is signed by {}, but the provider's key \"{}\" {}",
                to_string(algorithm), shown, to_valid_utf8(why));
}

Result<bool> is_signed(const json::Value& key, JwtAlgorithm algorithm, std::string_view text,
                       std::string_view signature) {
    const Key pkey = TRY(public_key(key, algorithm));
    const DigestContext context(EVP_MD_CTX_new());
    const EVP_MD* digest = algorithm == JwtAlgorithm::kEdDsa ? nullptr : EVP_sha256();
    EVP_PKEY_CTX* key_context = nullptr;  // belongs to `context`
    bool ready = EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, pkey.get()) == 1;
    if (algorithm == JwtAlgorithm::kPs256) {
        ready = ready && EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    check(ready, "OpenSSL can verify");
    const std::string der = algorithm == JwtAlgorithm::kEs256 ? der_signature(signature) : std::string(signature);
    const bool good = EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(text), text.size()) == 1;
    ERR_clear_error();  // What failed here must not be taken for a failure of this thread's next connection.
    return good;
}

}  // namespace pintle::auth
