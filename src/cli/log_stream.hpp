#pragma once

#include <functional>
#include <string>

#include "cli/api_client.hpp"

namespace pintle::cli {

/// What happens on a job's live log.
struct LogEvent {
    enum class Kind {
        kLine,  ///< `replica` and `text`.
        kLost,  ///< The connection broke; it is being made again. `text` says why.
        kBack,  ///< It is there again; nothing was missed.
        kEnd,   ///< The job is final and everything was sent.
    };
    Kind kind = Kind::kLine;
    std::string replica;
    std::string text;
    std::string at;
};

/// Reads the live log of one replica, or of "all", to its end, over broken connections and restarts of the server,
/// each time resuming behind the last line that arrived.
///
/// Threading: one thread; blocks. Failure: the server's error; kUnavailable when it stays away for Patience::kWhole.
/// `on_event` returns false to stop early, which is not an error.
[[nodiscard]] Result<void> stream_log(ApiClient& api, const std::string& job, const std::string& replica,
                                      std::optional<std::int64_t> tail, Patience patience,
                                      const std::function<bool(LogEvent)>& on_event);

}  // namespace pintle::cli
