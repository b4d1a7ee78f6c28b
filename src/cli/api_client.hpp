#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/server_place.hpp"
#include "json/value.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"

namespace pintle::cli {

/// A path segment and a query, encoded: `segment("digits/train:3")`, `query({{"limit", "10"}, {"text", ""}})` leaves
/// out what is empty.
[[nodiscard]] std::string segment(std::string_view text);
[[nodiscard]] std::string query(const std::vector<std::pair<std::string, std::string>>& params);

/// One request below /api/v1.
struct Call {
    std::string method = "GET";
    std::string path;  ///< "/jobs?limit=10", encoded.
    std::string body = {};
    std::string content_type = {};
    net::Headers headers = {};
    Duration timeout = std::chrono::seconds(60);
    bool as_nobody = false;  ///< Without the token.
    bool once = false;  ///< Makes something: sent with a key, so that sending it again cannot make it twice.
};

/// The HTTP API as Results: answers are JSON values, everything else is an Error in the server's words.
///
/// Threading: one thread; make one client per thread. Ownership: owns its connection.
/// Failure: the code and details that the server gave; kUnavailable when it cannot be reached. The server is looked
/// for at the first request, and again after forget().
class ApiClient {
public:
    ApiClient(ServerWish wish, Environment env) : wish_(std::move(wish)), env_(std::move(env)) {}

    [[nodiscard]] Result<json::Value> get(const std::string& path);
    [[nodiscard]] Result<json::Value> send_json(const std::string& method, const std::string& path,
                                                const json::Value& body, bool once = false);
    [[nodiscard]] Result<json::Value> call(const Call& call);
    /// The whole answer, when it is a good one.
    [[nodiscard]] Result<net::Response> exchange(const Call& call);
    /// The answer's body as it came.
    [[nodiscard]] Result<std::string> text(const Call& call);
    /// The items of a list, page by page, at most `most`; and whether there are more.
    struct Page {
        json::Value items = json::Value::array();
        json::Value next_cursor;
        json::Value commit;  ///< At which the items are so; of files of git sources alone.
    };
    [[nodiscard]] Result<Page> list(const std::string& path, std::vector<std::pair<std::string, std::string>> params,
                                    std::size_t most = 10'000);

    /// A list that is short and comes whole.
    [[nodiscard]] Result<Page> whole_list(const std::string& path);

    using OnChunk = net::HttpClient::OnChunk;
    /// The body piece by piece.
    [[nodiscard]] Result<void> stream(const Call& call, Duration idle_timeout, const OnChunk& on_chunk);

    /// Looks for the server anew: after a restart it may have another address.
    void forget() { place_.reset(); }
    [[nodiscard]] Result<ServerPlace> place();

private:
    [[nodiscard]] Result<net::ClientRequest> request(const Call& call);
    [[nodiscard]] Error unreachable(Error error) const;

    ServerWish wish_;
    Environment env_;
    std::optional<ServerPlace> place_;
    net::HttpClient http_;
};

/// How long a broken connection is tried again before giving up: delays that grow, a minute in all.
class Patience {
public:
    explicit Patience(std::function<void(Duration)> sleep) : sleep_(std::move(sleep)) {}
    /// Waits before the next attempt; false when it is enough.
    [[nodiscard]] bool wait();
    /// Waits without it counting.
    void pause() { sleep_(kMost); }
    void restore() { spent_ = Duration(0), next_ = kFirst; }
    [[nodiscard]] bool is_fresh() const { return spent_ == Duration(0); }
    static constexpr Duration kWhole = std::chrono::seconds(60);

private:
    static constexpr Duration kFirst = std::chrono::milliseconds(200);
    static constexpr Duration kMost = std::chrono::seconds(2);
    std::function<void(Duration)> sleep_;
    Duration spent_{0};
    Duration next_ = kFirst;
};

/// Whether trying again may help.
[[nodiscard]] bool is_passing(const Error& error);

}  // namespace pintle::cli
