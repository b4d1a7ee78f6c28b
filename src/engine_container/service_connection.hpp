#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/synchronized.hpp"
#include "engine_container/service.hpp"

namespace pintle::engine_container {

/// A service that was found, with what it said of itself then.
struct Connected {
    Service service;
    ServiceInfo info;
};

/// Whether an error means that the service is away, so that it is to be looked for anew.
[[nodiscard]] bool is_away(const Error& error);

/// Which of the sockets has a container service behind it; found once, and again after it was lost.
///
/// Threading: any thread; connect() blocks while it looks. Ownership: a value of the engine.
/// Failure: kUnavailable, with the remedy; fault() says the same without looking.
class ServiceConnection {
public:
    /// `sockets_fault`: why there are no sockets to look at, where that is known.
    ServiceConnection(std::vector<std::string> sockets, std::string sockets_fault)
        : sockets_(std::move(sockets)), sockets_fault_(std::move(sockets_fault)) {}

    [[nodiscard]] Result<Connected> connect();
    /// It did not answer: the next connect() looks anew.
    void lost(const Error& error);
    /// No service can be used, whatever is there. Before the first connect().
    void give_up(std::string why) { given_up_ = std::move(why); }
    /// Why no container can be run at the moment; empty when they can.
    [[nodiscard]] std::string fault() const;

private:
    const std::vector<std::string> sockets_;
    const std::string sockets_fault_;
    std::string given_up_;
    Synchronized<std::optional<Connected>> found_;
    Synchronized<std::string> trouble_{std::string("it was not looked for yet")};
};

}  // namespace pintle::engine_container
