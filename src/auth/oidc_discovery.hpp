#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "base/time.hpp"
#include "json/value.hpp"

namespace pintle::auth {

/// Where a provider answers and what it asks for.
struct ProviderEndpoints {
    enum class SecretIn { kHeader, kBody };
    std::string authorization;
    std::string token;
    std::string user_info;  ///< May be empty.
    std::string key_set;    ///< Empty for GitHub, which signs nothing.
    SecretIn secret_in = SecretIn::kHeader;
    bool says_issuer = false;  ///< Its answers always say who gives them (RFC 9207).
};

/// Reads a discovery document. kUnavailable when it is another issuer's or lacks what is needed.
[[nodiscard]] Result<ProviderEndpoints> read_discovery(const json::Value& document, const std::string& provider,
                                                       const std::string& issuer);

/// An OpenID Connect provider's discovery document and keys, asked for when needed and kept for an hour.
///
/// Threading: any thread; blocks while it asks. Failure: that of call_provider(); failures are not kept.
class OidcDiscovery {
public:
    OidcDiscovery(std::string provider, std::string issuer)
        : provider_(std::move(provider)), issuer_(std::move(issuer)) {}

    [[nodiscard]] Result<std::shared_ptr<const ProviderEndpoints>> endpoints(Time now);
    /// `anew` asks even when the keys are known: the provider may have changed them.
    [[nodiscard]] Result<std::shared_ptr<const json::Value>> keys(const ProviderEndpoints& endpoints, Time now,
                                                                  bool anew);

private:
    template <class T>
    struct Kept {
        std::shared_ptr<const T> value;
        Time at{};
        [[nodiscard]] bool is_good(Time now) const { return value && now >= at && now - at < std::chrono::hours(1); }
    };

    const std::string provider_;
    const std::string issuer_;
    Synchronized<Kept<ProviderEndpoints>> endpoints_;
    Synchronized<Kept<json::Value>> keys_;
};

}  // namespace pintle::auth
