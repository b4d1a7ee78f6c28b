#include "fuzzing.hpp"
#include "net/sse.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

struct Outcome {
    std::vector<net::SseEvent> events;
    bool failed = false;
    std::string last_id;
};

Outcome feed(Pieces pieces, std::size_t limit_bytes, bool whole) {
    net::SseParser parser(limit_bytes);
    Outcome outcome;
    while (pieces.more() && !outcome.failed) {
        const auto events = parser.feed(whole ? pieces.text() : pieces.next());
        outcome.failed = !events;
        if (events) outcome.events.insert(outcome.events.end(), events->begin(), events->end());
        if (whole) break;
    }
    outcome.last_id = parser.last_id();
    return outcome;
}

std::string lines_of(std::string_view text) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        lines += text[i] == '\r' ? '\n' : text[i];
    }
    return lines;
}

std::string sendable(std::string_view text) {
    std::string kept;
    for (const char c : text) {
        if (c != '\r' && c != '\n' && c != '\0') kept += c;
    }
    return kept;
}

void check_written(std::string_view id, std::string_view event, std::string_view data) {
    net::SseParser parser;
    const std::string wire = net::sse_comment(event) + net::sse_event(id, event, data);
    const auto events = must(parser.feed(wire), "an event that is written can be read: " + wire);
    require(events.size() == 1, "an event is written as one", wire);
    require(events[0].id == sendable(id), "an event keeps its id", wire);
    require(events[0].event == (sendable(event).empty() ? "message" : sendable(event)), "an event keeps its name", wire);
    require(events[0].data == lines_of(data), "an event keeps its data", wire);
}

}  // namespace

// A stream reads the same however it is cut, and an event that is written is read as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Pieces pieces(as_text(data, size));
    for (const std::size_t limit_bytes : {std::size_t{40}, std::size_t{4} << 20}) {
        const Outcome in_pieces = feed(pieces, limit_bytes, false);
        const Outcome whole = feed(pieces, limit_bytes, true);
        require(in_pieces.failed == whole.failed, "pieces and the whole end alike");
        require(in_pieces.last_id == whole.last_id, "pieces and the whole leave the same id");
        require(whole.failed || in_pieces.events == whole.events, "pieces and the whole give the same events");
        for (const net::SseEvent& event : in_pieces.events) {
            require(event.data.size() <= limit_bytes, "an event keeps the limit");
            require(event.data.find('\r') == std::string::npos, "an event's lines end with a line feed");
        }
    }
    const std::string_view text = pieces.text();
    const std::size_t third = text.size() / 3;
    check_written(text.substr(0, third), text.substr(third, third), text.substr(2 * third));
    return 0;
}
