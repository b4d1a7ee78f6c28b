#pragma once

#include <memory>
#include <string>

#include "api/call.hpp"
#include "net/sse.hpp"

namespace pintle::api {

/// What every stream of server-sent events shares: an open stream and the heartbeat that keeps it awake.
///
/// Threading: the pump's thread. Failure: a client that went away ends the stream.
class EventStream : public Producer {
public:
    EventStream(std::shared_ptr<net::Stream> stream, Duration heartbeat);

    [[nodiscard]] Duration step() final;

protected:
    /// Writes what is new; returns as step() does, but for the heartbeat.
    [[nodiscard]] virtual Duration produce() = 0;
    void send(std::string_view id, std::string_view event, const json::Value& data);
    /// The client takes what it gets; otherwise produce() is not called.
    [[nodiscard]] bool open() const { return open_; }

private:
    const std::shared_ptr<net::Stream> stream_;
    const Duration heartbeat_;
    std::chrono::steady_clock::time_point last_sent_;
    bool open_ = true;
};

/// How much may wait in a stream before a producer pauses; a page of a log in the worst of encodings must still fit
/// into HttpServer::Options::stream_queue_limit_bytes beside it.
inline constexpr std::size_t kQueuedMost = 256 << 10;
/// How soon a producer whose client is slow looks again.
inline constexpr Duration kPause{5};

[[nodiscard]] std::shared_ptr<net::Stream> begin_events(Call& call);

}  // namespace pintle::api
