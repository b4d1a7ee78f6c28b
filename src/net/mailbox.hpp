#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/http_message.hpp"

namespace pintle::net {

class Connection;
class StreamState;

/// Something that other threads ask of the I/O thread.
struct Mail {
    enum class Kind {
        kAnswer,  ///< Send `response` and go on with the connection.
        kStream,  ///< Send the status and headers of `response`, then what `stream` queues.
        kFlush,   ///< `stream` has something to send, or was closed.
        kCut,     ///< `stream` overflowed: end the connection.
        kStop,    ///< The server is to stop.
    };
    Kind kind = Kind::kAnswer;
    std::weak_ptr<Connection> to;
    std::uint64_t exchange = 0;  ///< Mail about a request that is already answered is dropped.
    Response response;
    std::shared_ptr<StreamState> stream;
};

/// What reaches the I/O thread from others. Holds at most one piece per request and a few per stream, so it is
/// bounded by the number of connections. Wakes the I/O thread only when it was empty, so that many answers cost one
/// wake-up. Any thread; may outlive the server, whose close() makes it refuse.
class Mailbox {
public:
    explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// False once closed.
    bool post(Mail mail);
    [[nodiscard]] std::vector<Mail> take();
    /// After this returns `wake` is never called again. What is left inside can still be taken.
    void close();

private:
    const std::function<void()> wake_;
    std::mutex mu_;
    std::vector<Mail> mail_;  // guarded by mu_
    bool closed_ = false;     // guarded by mu_
};

}  // namespace pintle::net
