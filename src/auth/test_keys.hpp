#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "json/value.hpp"

namespace pintle::auth {

/// For tests: a private key that signs tokens as a provider does. Copies share the key. Aborts where it fails.
class TestKey {
public:
    enum class Kind { kRsa, kWeakRsa, kP256, kP384, kEd25519 };
    explicit TestKey(Kind kind);

    /// The public half as a JSON Web Key.
    [[nodiscard]] json::Value jwk(std::string_view id) const;
    /// `algorithm` is as in a token's header and must fit the key.
    [[nodiscard]] std::string sign(std::string_view algorithm, std::string_view text) const;
    /// A whole token; the header's "alg" says how to sign.
    [[nodiscard]] std::string token(const json::Value& header, const json::Value& claims) const;

private:
    Kind kind_;
    std::shared_ptr<void> key_;  // EVP_PKEY
};

/// One RSA key for all tests, because making one takes a moment.
[[nodiscard]] const TestKey& rsa_test_key();

[[nodiscard]] json::Value key_set_of(const json::Array& keys);

}  // namespace pintle::auth
