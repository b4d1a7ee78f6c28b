#pragma once

#include "gateway/directory.hpp"
#include "net/http_client.hpp"

namespace pintle::gateway {

/// What a Jupyter server says of its kernels and terminals: a kernel that computes is busy, and the last output of a
/// kernel or terminal is activity. That a page is open, or asks something in the background, is neither.
///
/// Blocks for as long as the server takes to answer, a few seconds at most. Failure: it does not answer, or not as
/// Jupyter does.
[[nodiscard]] Result<Use> ask_jupyter(net::HttpClient& client, const Endpoint& endpoint);

/// The same from the answers to GET api/kernels and GET api/terminals; pure. Unknown fields are passed over.
[[nodiscard]] Result<Use> read_jupyter(const Endpoint& endpoint, std::string_view kernels, std::string_view terminals);

}  // namespace pintle::gateway
