#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::net {

/// Server-sent events (the WHATWG event stream format) as text. Pure; an SseParser belongs to one thread.

struct SseEvent {
    std::string id;     ///< The last id that was sent, by this event or an earlier one.
    std::string event;  ///< "message" when the sender named none.
    std::string data;   ///< Lines joined by "\n".

    bool operator==(const SseEvent&) const = default;
};

/// One event on the wire. An empty id or event is left out; data is split at its line ends, whichever they are.
/// Line ends and zero bytes inside id and event are dropped, since the format has no way to say them.
[[nodiscard]] std::string sse_event(std::string_view id, std::string_view event, std::string_view data);

/// A line that clients ignore: keeps proxies and dead-peer detection awake.
[[nodiscard]] std::string sse_comment(std::string_view text = "");

/// Reads events from chunks that may be cut anywhere, even within a line end.
class SseParser {
public:
    explicit SseParser(std::size_t event_limit_bytes = 4 << 20) : limit_(event_limit_bytes) {}

    /// The events that this chunk completed; kExhausted when one event passes the limit, after which the parser must
    /// not be fed again.
    [[nodiscard]] Result<std::vector<SseEvent>> feed(std::string_view chunk);

    /// What to send as Last-Event-ID to resume.
    [[nodiscard]] const std::string& last_id() const { return last_id_; }

private:
    void take_line(std::string_view line, std::vector<SseEvent>& events);
    void take_field(std::string_view name, std::string_view value);

    const std::size_t limit_;
    std::string line_;        // the start of a line whose end has not come
    bool after_cr_ = false;   // a "\n" right now belongs to the line end before
    bool at_start_ = true;    // a byte order mark may still come
    std::string last_id_;
    std::string event_;
    std::string data_;
};

}  // namespace pintle::net
