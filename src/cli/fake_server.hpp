#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/synchronized.hpp"
#include "cli/deps.hpp"
#include "net/http_server.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::cli::testing {

/// A server for tests that answers what it is told to, to those who bring the token "secret". Set the answers up
/// before the first request. Everything it was asked is kept.
class FakeServer {
public:
    using Answer = std::function<net::Response(const net::Request&)>;
    using Talk = std::function<void(const net::Request&, net::Responder)>;

    /// `listen` with a port makes it take the place of an earlier one.
    explicit FakeServer(std::string listen = "127.0.0.1:0");
    ~FakeServer() { stop(); }

    /// `path` is below /api/v1, decoded, without the query.
    void on(const std::string& method, const std::string& path, Answer answer);
    void on(const std::string& method, const std::string& path, const std::string& json);
    void talk(const std::string& method, const std::string& path, Talk talk);
    /// From now on it answers those without a token as well.
    void let_everybody_in() { asks_for_token_ = false; }
    void stop() { server_->stop(); }

    [[nodiscard]] const std::string& address() const { return server_->address(); }
    [[nodiscard]] std::vector<net::Request> requests() const;
    /// The last request of that method and path; a fresh one when there was none.
    [[nodiscard]] net::Request last(const std::string& method, const std::string& path) const;

private:
    void handle(net::Request request, net::Responder responder);

    std::map<std::string, Talk> talks_;
    Synchronized<std::vector<net::Request>> requests_;
    std::atomic<bool> asks_for_token_{true};
    std::unique_ptr<net::HttpServer> server_;
};

[[nodiscard]] net::Response json_answer(int status, std::string body);
[[nodiscard]] net::Response error_answer(int status, const std::string& code, const std::string& message,
                                         const std::string& details = "[]");

/// The program in a box: runs commands against a FakeServer and keeps what they print.
class CliBox {
public:
    CliBox();

    /// The exit code; what was printed before is forgotten.
    int run(const std::vector<std::string>& argv);

    FakeServer server;
    pintle::testing::TempFolder folder;
    CliDeps deps;
    std::map<std::string, std::string> env;
    std::vector<std::string> input;  ///< Lines for standard input.
    std::string out;
    std::string err;

    void use_terminal();
    /// Writes a file below the folder and returns its path.
    std::string file(const std::string& name, const std::string& content);
};

}  // namespace pintle::cli::testing
