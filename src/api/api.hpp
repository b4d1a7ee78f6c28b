#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/sign_in_options.hpp"
#include "auth/tokens.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"
#include "gateway/door.hpp"
#include "net/http_server.hpp"
#include "runtime/catalogs.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/runtime.hpp"
#include "runtime/uploads.hpp"
#include "source/source_preparer.hpp"
#include "store/reader_pool.hpp"
#include "vault/vault.hpp"

namespace pintle::api {

/// What the API works with. All outlive it.
struct ApiDeps {
    runtime::Runtime& runtime;
    store::ReaderPool& readers;
    const auth::Tokens& tokens;
    source::SourcePreparer& sources;
    engine::Engine& engine;
    const Clock& clock;
    const runtime::DataFolder& data;
    const vault::Vault& vault;
    runtime::Catalogs& catalogs;
    runtime::Uploads& uploads;
};

struct ApiOptions {
    std::string version = "0.0.0";
    std::string address;                  ///< Where the server listens, for GET /server.
    std::vector<std::string> host_names;  ///< Names by which clients may call it, beside localhost and IP addresses.
    Duration heartbeat = std::chrono::seconds(15);             ///< Of event streams that have nothing to say.
    Duration cluster_pause = std::chrono::seconds(1);          ///< Between two hints about the cluster in a stream.
    Duration log_poll = std::chrono::milliseconds(40);         ///< How often a followed log is looked at.
    Duration partial_line_patience = std::chrono::seconds(1);  ///< How long a followed line may stay without its end.
    std::size_t reply_threads = 2;
    bool metrics_public = false;          ///< Whoever reaches the server may read kMetricsPath.
    SignInOptions sign_in;
    std::shared_ptr<gateway::Door> door;  ///< To the components; none: browsers are not led to any.
};

/// Where Prometheus looks; the same as /api/v1/server/metrics.
inline constexpr std::string_view kMetricsPath = "/metrics";

/// What HttpServer::Options::body_limit_bytes must be for the files of forms; the API holds other bodies to less.
inline constexpr std::size_t kBodyLimitBytes = 256u << 20;
/// Of a piece of an upload, and of a file that is put at once: larger ones come in pieces, since a body is in memory.
inline constexpr std::size_t kPieceLimitBytes = 16u << 20;

/// The HTTP API v1: authentication, permissions, routes and codecs. docs/openapi.json describes it, and is made
/// from the same table that routes requests.
///
/// Threading: handle() from any number of threads; it may block on the disk for a moment. Owns a few threads of its
/// own: for answers that come later, for changes and deadlines, and for streams.
/// Lifetime: stop(), then HttpServer::stop(), then Runtime::stop(), then the destructor. Failure: every fault is
/// an answer.
class Api {
public:
    Api(const ApiDeps& deps, ApiOptions options);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// How large the body may be, by the headers alone; 0: the request comes from nobody, who may send little.
    [[nodiscard]] std::size_t body_limit_of(const net::Request& head) const;
    /// For HttpServer::open().
    void handle(net::Request request, net::Responder responder);
    /// Answers whoever waits and ends every stream, so that the server can stop without waiting for them.
    void stop();

    /// The OpenAPI 3.1 document.
    [[nodiscard]] static std::string openapi();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::api
