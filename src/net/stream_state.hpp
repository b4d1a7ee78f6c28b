#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.hpp"

namespace pintle::net {

class Connection;
class Mailbox;

/// What the two ends of a stream share: the queue of bytes between producers and the I/O thread.
/// Any thread, except where said. Callbacks never run under its lock.
class StreamState : public std::enable_shared_from_this<StreamState> {
public:
    StreamState(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection, std::size_t limit_bytes);

    /// The producers' end; see Stream.
    bool write(std::string chunk);
    void close();
    [[nodiscard]] std::size_t queued_bytes() const;
    [[nodiscard]] bool wait_below(std::size_t bytes, Duration patience);
    [[nodiscard]] bool closed() const;
    void on_closed(std::function<void()> callback);

    /// The connection's end (I/O thread): what to send next; it counts as queued until written().
    [[nodiscard]] std::string take();
    void written();
    /// Whether the producers closed it and everything is sent.
    [[nodiscard]] bool drained() const;
    /// The connection is gone. Runs the callback.
    void end();

private:
    const std::shared_ptr<Mailbox> mailbox_;
    const std::weak_ptr<Connection> connection_;
    const std::size_t limit_bytes_;

    mutable std::mutex mu_;
    // Guarded by mu_:
    std::condition_variable changed_;
    std::string pending_;
    std::size_t in_flight_bytes_ = 0;
    bool flush_posted_ = false;
    bool closed_ = false;  // producers may write no more
    bool cut_ = false;     // because the queue overflowed: no proper end
    bool ended_ = false;   // nobody will read any more
    std::function<void()> on_closed_;
};

}  // namespace pintle::net
