#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"
#include "net/http_client.hpp"

namespace pintle::auth {

struct ProviderAnswer {
    int status = 0;
    json::Value body;  ///< An object.
};

/// Asks an identity provider, and reads its answer as JSON of at most 1 MB. `provider` is its name, for sentences.
///
/// Threading: any thread; blocks for up to 10 seconds. Failure: any status with an object is an answer; kUnavailable
/// for all else, kInvalid for a URL that is_safe_url() refuses.
[[nodiscard]] Result<ProviderAnswer> call_provider(const std::string& provider, net::ClientRequest request);
/// The same with GET, where any status but 200 is a failure.
[[nodiscard]] Result<json::Value> get_from_provider(const std::string& provider, const std::string& url,
                                                    const std::string& access_token = "");

/// Whether what is said there stays between this server and that one: https, or http to this machine.
[[nodiscard]] bool is_safe_url(std::string_view url);

/// "grant_type=code&…" for a query or a form.
[[nodiscard]] std::string form_of(const net::QueryParams& params);

/// A provider's words for people: on one line, valid, and not long.
[[nodiscard]] std::string provider_words(std::string_view text);

}  // namespace pintle::auth
