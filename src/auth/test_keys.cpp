#include "auth/test_keys.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "auth/base64url.hpp"
#include "base/check.hpp"
#include "json/json_text.hpp"

namespace pintle::auth {
namespace {

EVP_PKEY* generate(TestKey::Kind kind) {
    switch (kind) {
        case TestKey::Kind::kRsa: return EVP_RSA_gen(2048);
        case TestKey::Kind::kWeakRsa: return EVP_RSA_gen(1024);
        case TestKey::Kind::kP256: return EVP_EC_gen("P-256");
        case TestKey::Kind::kP384: return EVP_EC_gen("P-384");
        case TestKey::Kind::kEd25519: return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    }
    unreachable();
}

/// A number of the key in base64url, filled up to `size` bytes.
std::string number(EVP_PKEY* key, const char* name, int size = 0) {
    BIGNUM* number = nullptr;
    check(EVP_PKEY_get_bn_param(key, name, &number) == 1, "the key has the number");
    std::string bytes(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(number)), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    BN_free(number);
    return base64url(bytes);
}

std::string raw_ec_signature(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    check(signature != nullptr, "the signature reads");
    std::string raw(64, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + 32, 32);
    ECDSA_SIG_free(signature);
    return raw;
}

}  // namespace

TestKey::TestKey(Kind kind)
    : kind_(kind), key_(generate(kind), [](void* key) { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }) {}

json::Value TestKey::jwk(std::string_view id) const {
    auto* key = static_cast<EVP_PKEY*>(key_.get());
    json::Value jwk = json::Value::object({{"kid", id}, {"use", "sig"}});
    if (kind_ == Kind::kRsa || kind_ == Kind::kWeakRsa) {
        jwk.set("kty", "RSA");
        jwk.set("n", number(key, OSSL_PKEY_PARAM_RSA_N));
        jwk.set("e", number(key, OSSL_PKEY_PARAM_RSA_E));
    } else if (kind_ == Kind::kEd25519) {
        std::string bytes(32, '\0');
        std::size_t size = bytes.size();
        EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
        jwk.set("kty", "OKP");
        jwk.set("crv", "Ed25519");
        jwk.set("x", base64url(bytes));
    } else {
        const bool small = kind_ == Kind::kP256;
        jwk.set("kty", "EC");
        jwk.set("crv", small ? "P-256" : "P-384");
        jwk.set("x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, small ? 32 : 48));
        jwk.set("y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, small ? 32 : 48));
    }
    return jwk;
}

std::string TestKey::sign(std::string_view algorithm, std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* key_context = nullptr;
    const EVP_MD* digest = kind_ == Kind::kEd25519 ? nullptr : EVP_sha256();
    check(EVP_DigestSignInit(context, &key_context, digest, nullptr, static_cast<EVP_PKEY*>(key_.get())) == 1, "signs");
    if (algorithm == "PS256") {
        EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    check(EVP_DigestSign(context, out, &size, bytes, text.size()) == 1, "signs");
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return kind_ == Kind::kP256 ? raw_ec_signature(signature) : signature;
}

std::string TestKey::token(const json::Value& header, const json::Value& claims) const {
    const std::string text = base64url(json::to_json(header)) + "." + base64url(json::to_json(claims));
    const json::Value& algorithm = header["alg"];
    return text + "." + base64url(sign(algorithm.is_string() ? algorithm.as_string() : "", text));
}

const TestKey& rsa_test_key() {
    static const TestKey key(TestKey::Kind::kRsa);
    return key;
}

json::Value key_set_of(const json::Array& keys) { return json::Value::object({{"keys", json::Value(keys)}}); }

}  // namespace pintle::auth
