#pragma once

#include <functional>
#include <string>

#include "cli/api_client.hpp"
#include "cli/log_layout.hpp"

namespace pintle::cli {

/// What happens on a job's live log.
struct LogEvent {
    enum class Kind {
        kLine,  ///< `piece`.
        kLost,  ///< The connection broke; it is being made again. `why` says what happened.
        kBack,  ///< It is there again; nothing was missed.
        kEnd,   ///< The job is final and everything was sent.
    };
    Kind kind = Kind::kLine;
    LogPiece piece = {};
    std::string why = {};
};

/// A line as the API tells it; `replica` for one that does not say whose it is.
[[nodiscard]] LogPiece piece_of(const json::Value& line, const std::string& replica);

/// Reads the live log of one replica, or of "all", to its end, over broken connections and restarts of the server,
/// each time resuming behind the last line that arrived.
///
/// Threading: one thread; blocks. Failure: the server's error; kUnavailable when it stays away for Patience::kWhole.
/// `on_event` returns false to stop early, which is not an error.
[[nodiscard]] Result<void> stream_log(ApiClient& api, const std::string& job, const std::string& replica,
                                      std::optional<std::int64_t> tail, Patience patience,
                                      const std::function<bool(LogEvent)>& on_event);

}  // namespace pintle::cli
