#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/synchronized.hpp"
#include "os/unique_fd.hpp"

namespace pintle::source {

/// A repository made by the real git for a test.
class TestRepository {
public:
    /// Makes `folder` with the branch main and one commit of `README` and `src/train.py`.
    explicit TestRepository(std::string folder);
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string url() const { return "file://" + folder_; }
    /// Runs a git command in it and returns what it says, without the line's end.
    std::string git(const std::string& arguments) const;
    /// Writes a file and commits it; returns the commit.
    std::string commit(const std::string& path, const std::string& content) const;
    [[nodiscard]] std::string head() const { return git("rev-parse HEAD"); }

private:
    std::string folder_;
};

/// The exit code's success is required; returns the output without the line's end.
std::string shell(const std::string& script);

/// Serves the files of a folder over HTTP on a free port of loopback, which is enough for git's simple protocol.
class FileServer {
public:
    enum class Manner {
        kServe,
        kAskForUser,  ///< 401 to everything.
        kSilent,      ///< Takes requests and never answers.
        kPrivate,     ///< Serves to the user "robot" with the password "s3cret".
        kElsewhere,   ///< Sends everybody on to the URL that `folder` is.
    };
    FileServer(std::string folder, Manner manner);
    ~FileServer();
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::vector<std::string> requests() const;
    /// How many of them brought a user name and password.
    [[nodiscard]] int credentials_seen() const { return credentials_seen_; }

private:
    void serve();
    void answer(int connection);

    const std::string folder_;
    const Manner manner_;
    int port_ = 0;
    os::UniqueFd listener_;
    std::atomic<bool> ends_{false};
    std::atomic<int> credentials_seen_{0};
    Synchronized<std::vector<std::string>> requests_;
    std::vector<os::UniqueFd> silent_;  // server thread only
    std::thread thread_;
};

/// A port of loopback on which nobody listens.
int closed_port();

}  // namespace pintle::source
