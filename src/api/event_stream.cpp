#include "api/event_stream.hpp"

#include <algorithm>

#include "json/json_text.hpp"

namespace pintle::api {

EventStream::EventStream(std::shared_ptr<net::Stream> stream, Duration heartbeat)
    : stream_(std::move(stream)), heartbeat_(heartbeat), last_sent_(std::chrono::steady_clock::now()) {
    // Something is sent at once, so that the client sees that it is connected.
    open_ = stream_->write(net::sse_comment());
}

void EventStream::send(std::string_view id, std::string_view event, const json::Value& data) {
    open_ = open_ && stream_->write(net::sse_event(id, event, json::to_json(data)));
    last_sent_ = std::chrono::steady_clock::now();
}

Duration EventStream::step() {
    if (!open_ || stream_->closed()) return kDone;
    if (stream_->queued_bytes() > kQueuedMost) return kPause;
    const Duration wait = produce();
    if (!open_ || wait == kDone) return kDone;
    const auto silent = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - last_sent_);
    if (silent >= heartbeat_) {
        open_ = stream_->write(net::sse_comment());
        last_sent_ = std::chrono::steady_clock::now();
        return std::min(wait, heartbeat_);
    }
    return std::min(wait, heartbeat_ - silent);
}

std::shared_ptr<net::Stream> begin_events(Call& call) {
    return call.stream("text/event-stream; charset=utf-8", {{"X-Accel-Buffering", "no"}});
}

}  // namespace pintle::api
