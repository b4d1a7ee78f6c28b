#include "cli/log_stream.hpp"

#include <optional>

#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

/// Longer than any pause between the server's keep-alive comments.
constexpr Duration kIdle = std::chrono::seconds(90);

/// The state of reading one log across connections.
class LogReading {
public:
    LogReading(std::string replica, Patience& patience, const std::function<bool(LogEvent)>& on_event)
        : replica_(std::move(replica)), patience_(patience), on_event_(on_event) {}

    [[nodiscard]] bool take_chunk(std::string_view chunk) {
        auto events = parser_->feed(chunk);
        if (!events) {
            error_ = std::move(events.error());
            return false;
        }
        if (!parser_->last_id().empty()) last_id_ = parser_->last_id();
        for (const net::SseEvent& event : *events) {
            if (!take(event)) return false;
        }
        return true;
    }

    void begin_connection() { parser_.emplace(); }
    [[nodiscard]] bool lost(const Error& why) { return emit({LogEvent::Kind::kLost, {}, why.message}); }
    [[nodiscard]] bool finished() const { return ended_ || stopped_; }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const std::string& last_id() const { return last_id_; }

private:
    [[nodiscard]] bool take(const net::SseEvent& event) {
        if (!patience_.is_fresh()) {
            patience_.restore();
            if (!emit({LogEvent::Kind::kBack})) return false;
        }
        if (event.event == "end") {
            ended_ = true;
            (void)emit({LogEvent::Kind::kEnd});
            return false;
        }
        if (event.event != "line") return true;
        const auto data = json::parse_json(event.data);
        if (!data) return true;
        return emit({LogEvent::Kind::kLine, piece_of(*data, replica_)});
    }

    [[nodiscard]] bool emit(LogEvent event) {
        if (!stopped_) stopped_ = !on_event_(std::move(event));
        return !stopped_;
    }

    const std::string replica_;
    Patience& patience_;
    const std::function<bool(LogEvent)>& on_event_;
    std::optional<net::SseParser> parser_;  // one per connection
    std::string last_id_;
    bool ended_ = false;
    bool stopped_ = false;
    std::optional<Error> error_;
};

}  // namespace

LogPiece piece_of(const json::Value& line, const std::string& replica) {
    const auto flag = [&](std::string_view key) { return !line[key].is_bool() || line[key].as_bool(); };
    const std::string named = text_of(line, "replica");
    return {named.empty() ? replica : named, text_of(line, "at"), text_of(line, "text"), flag("starts"), flag("ends")};
}

Result<void> stream_log(ApiClient& api, const std::string& job, const std::string& replica,
                        std::optional<std::int64_t> tail, Patience patience,
                        const std::function<bool(LogEvent)>& on_event) {
    LogReading reading(replica, patience, on_event);
    const std::string path = fmt::format("/jobs/{}/logs/{}", segment(job), segment(replica));
    while (true) {
        Call call{.path = path, .headers = {{"Accept", "text/event-stream"}}};
        if (!reading.last_id().empty())
            call.headers.add("Last-Event-ID", reading.last_id());
        else if (tail)
            call.path += fmt::format("?tail={}", *tail);
        reading.begin_connection();
        const auto streamed =
            api.stream(call, kIdle, [&](std::string_view chunk) { return reading.take_chunk(chunk); });
        if (reading.finished()) return {};
        if (reading.error()) return fail(*reading.error());
        if (!streamed && !is_passing(streamed.error())) return streamed;
        if (!streamed && streamed.error().code == ErrorCode::kTimeout) {
            // Nothing came for long: a quiet job, or a connection that died without a word. Asking anew settles it.
            patience.pause();
            api.forget();
            continue;
        }
        const Error why = streamed
                              ? Error{ErrorCode::kUnavailable, "the server ended the log before the job did", {}, {}}
                              : streamed.error();
        if (patience.is_fresh() && !reading.lost(why)) return {};
        if (!patience.wait()) return fail(why);
        api.forget();
    }
}

}  // namespace pintle::cli
