#pragma once

#include <memory>
#include <string>

#include "base/time.hpp"
#include "gateway/directory.hpp"
#include "gateway/door.hpp"
#include "net/proxy_server.hpp"

namespace pintle::gateway {

/// The way from a browser to a project's running components. It listens beside the server, lets in who has a ticket
/// from the server, gives them a cookie for that component, and passes requests and WebSockets on, each of them only
/// as long as the sign-in and the permission behind it last. It also sees how the components are used.
///
/// Threading: any; owns the proxy's threads and one for the use of components. Failure: open() says in words why it
/// cannot listen; later, every fault is an answer.
class Gateway {
public:
    struct Options {
        std::string listen = "127.0.0.1:0";
        std::string key;  ///< 32 bytes that seal cookies: Tokens::key_for("components").
        Duration look_interval = std::chrono::seconds(30);  ///< At the use of the components.
        net::ProxyServer::Options proxy{};                  ///< But its `listen`.
    };

    /// Listens. Answers that it is starting until it is connected.
    [[nodiscard]] static Result<std::unique_ptr<Gateway>> open(Options options, const Clock& clock);
    ~Gateway();
    [[nodiscard]] const std::string& address() const;

    /// What it asks, and by which addresses it is known. Both outlive it; once.
    void connect(Directory& directory, Door& door);
    /// Ends all connections and threads.
    void stop();

private:
    class Impl;
    explicit Gateway(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::gateway
