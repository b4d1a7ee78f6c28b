#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/api.hpp"
#include "base/bounded_queue.hpp"
#include "json/value.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"
#include "testing/fake_engine.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::api {

struct TestServerOptions {
    std::vector<domain::Node> nodes{};   ///< One of 8 cores and 32 GiB unless given.
    Duration cluster_pause = std::chrono::seconds(1);
    Duration heartbeat = Duration(100);  ///< Short, since a reader that leaves notices it by the next one.
    Duration partial_line_patience = std::chrono::seconds(1);
    std::int64_t changes_kept = 100'000;
    SignInOptions sign_in{};
    bool containers = false;             ///< It runs images too, so to speak.
    bool private_addresses = true;       ///< Of sources.
    std::vector<runtime::CatalogPlace> catalogs{};
    std::vector<source::Storage> storages;  ///< Beside "default", which is there always.
    bool leads_to_components = false;  ///< It knows where browsers find them, though nothing listens there.
};

/// The machine's clock, which a test can set forward.
class MovableClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return SystemClock().now() + Duration(ahead_ms_.load()); }
    void advance(Duration by) { ahead_ms_ += by.count(); }

private:
    std::atomic<std::int64_t> ahead_ms_{0};
};

/// A whole server for tests: real store, runtime and HTTP, in a temporary folder; only the engine is a fake.
class TestServer {
public:
    using Options = TestServerOptions;
    TestServer() : TestServer(Options{}) {}
    explicit TestServer(Options options);
    ~TestServer();

    /// Stops, and starts again with what is on disk, at another port.
    void restart();
    void stop();
    void start();
    /// Restarts as a server whose operator lets no source be at a private address.
    void forbid_private_addresses();

    [[nodiscard]] testing::FakeEngine& engine() { return engine_; }
    [[nodiscard]] const std::string& folder() const { return folder_.path(); }
    [[nodiscard]] std::string storage_folder() const { return folder_.path() + "/storage/default"; }
    [[nodiscard]] std::string url(const std::string& path) const;  ///< Of a path below /api/v1.
    [[nodiscard]] const std::string& address() const;
    [[nodiscard]] std::string token() const;
    [[nodiscard]] std::string job_token(const std::string& project_id, const std::string& job_id) const;
    [[nodiscard]] Time now() const { return clock_.now(); }
    void advance(Duration by) { clock_.advance(by); }
    [[nodiscard]] runtime::Runtime& runtime();
    [[nodiscard]] ApiDeps deps();

private:
    struct Running;
    Options options_;
    const testing::TempFolder folder_;
    MovableClock clock_;
    testing::FakeEngine engine_;
    std::unique_ptr<Running> running_;
};

/// One answer; `json` is null when the body is not JSON.
struct Answer {
    int status = 0;
    json::Value json;
    std::string text;
    net::Headers headers;
};

/// Calls the server as somebody. Every JSON answer is held against the schema that the route promises.
class TestClient {
public:
    /// As the operator unless a token is given.
    explicit TestClient(TestServer& server, std::optional<std::string> token = std::nullopt);

    Answer send(const std::string& method, const std::string& path, const std::string& body = "",
                net::Headers headers = {});
    Answer get(const std::string& path, net::Headers headers = {}) { return send("GET", path, "", std::move(headers)); }
    Answer post(const std::string& path, const std::string& body = "", net::Headers headers = {}) {
        return send("POST", path, body, std::move(headers));
    }

    /// Makes a project from YAML; the answer must be good.
    json::Value make_project(const std::string& yaml);
    /// Runs a task and waits until the job is running.
    json::Value run(const std::string& project, const std::string& task);
    /// Waits until the job is in the state, by long polls.
    json::Value wait_for(const std::string& job, const std::string& state);
    [[nodiscard]] const std::string& token() const { return token_; }

private:
    TestServer& server_;
    std::string token_;
    net::HttpClient http_;
};

/// Reads a stream of events on a thread of its own.
class EventReader {
public:
    EventReader(TestServer& server, const std::string& path, const std::string& token, net::Headers headers = {});
    ~EventReader();
    /// The next event; fails the test when none comes. Nothing when the stream has ended.
    [[nodiscard]] std::optional<net::SseEvent> next();
    /// Everything until the end of the stream.
    [[nodiscard]] std::vector<net::SseEvent> rest();
    [[nodiscard]] int comments() const { return comments_; }

private:
    BoundedQueue<net::SseEvent> events_;
    std::atomic<bool> over_{false};
    std::atomic<int> comments_{0};
    std::thread thread_;
};

/// What is wrong with the value as an answer of that type ("Job", "[Job]"), or nothing.
[[nodiscard]] std::optional<std::string> schema_fault(const json::Value& value, std::string_view type);

/// A project with one task "train" of one replica, and one "pair" of two.
inline constexpr std::string_view kDigits = R"(name: digits
summary: |
  # Digits
  Learns to read.
sources:
  - name: data
    cluster_storage: default
tasks:
  - name: train
    resources:
      - name: worker
        command: python train.py
  - name: pair
    resources:
      - name: worker
        replicas: 2
        command: python pair.py
)";

}  // namespace pintle::api
