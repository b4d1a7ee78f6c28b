#include "net/sse.hpp"

#include "base/text.hpp"

namespace pintle::net {
namespace {

/// The part of `text` before the next line end, which is cut from it with the line end.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos) {
        text = {};
        return line;
    }
    const bool both = text.substr(end, 2) == "\r\n";
    text.remove_prefix(end + (both ? 2 : 1));
    return line;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    for (const char c : value) {
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
    out += '\n';
}

}  // namespace

std::string sse_event(std::string_view id, std::string_view event, std::string_view data) {
    std::string out;
    out.reserve(id.size() + event.size() + data.size() + 32);
    if (!id.empty()) append_field(out, "id", id);
    if (!event.empty()) append_field(out, "event", event);
    while (true) {
        const bool more = data.find_first_of("\r\n") != std::string_view::npos;
        out += "data: ";
        out += next_line(data);
        out += '\n';
        if (!more) break;
    }
    out += '\n';
    return out;
}

std::string sse_comment(std::string_view text) {
    std::string out;
    append_field(out, "", text);
    out += '\n';
    return out;
}

Result<std::vector<SseEvent>> SseParser::feed(std::string_view chunk) {
    std::vector<SseEvent> events;
    while (!chunk.empty()) {
        if (after_cr_ && chunk.front() == '\n') chunk.remove_prefix(1);
        after_cr_ = false;
        const std::size_t end = chunk.find_first_of("\r\n");
        line_ += chunk.substr(0, end);
        if (line_.size() + data_.size() > limit_) {
            return fail(ErrorCode::kExhausted, "an event of the stream is larger than {}",
                        bytes_in_words(static_cast<std::int64_t>(limit_)));
        }
        if (end == std::string_view::npos) break;
        after_cr_ = chunk[end] == '\r';
        chunk.remove_prefix(end + 1);
        take_line(line_, events);
        line_.clear();
    }
    return events;
}

void SseParser::take_line(std::string_view line, std::vector<SseEvent>& events) {
    if (at_start_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    at_start_ = false;
    if (line.empty()) {
        if (!data_.empty()) {
            data_.pop_back();
            events.push_back({last_id_, event_.empty() ? "message" : event_, data_});
        }
        data_.clear();
        event_.clear();
        return;
    }
    const std::size_t colon = line.find(':');
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
}

void SseParser::take_field(std::string_view name, std::string_view value) {
    if (name == "data") {
        data_ += value;
        data_ += '\n';
    } else if (name == "event") {
        event_ = value;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        last_id_ = value;
    }
}

}  // namespace pintle::net
