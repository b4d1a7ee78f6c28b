#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/server_config.hpp"

namespace pintle::server {

/// The composition root: opens every part in its order, wires them, and takes them down again in the reverse order.
///
/// Threading: start() and stop() from one thread. Failure: start() says which part could not be opened and why;
/// nothing is left open then.
class Server {
public:
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerConfig config);
    ~Server();

    /// "127.0.0.1:7171", as really bound.
    [[nodiscard]] const std::string& address() const;
    [[nodiscard]] const std::string& data_folder() const;
    /// How the first operator sets a password, while there is none; see first_start.hpp.
    [[nodiscard]] const std::optional<std::string>& welcome() const;
    /// Answers what is under way, writes what is decided, and ends. Replicas go on. Does not wait for preparations
    /// (a package installation can take long): the caller ends the process then, and the next start begins them again.
    void stop();

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::server
