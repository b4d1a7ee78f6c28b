#pragma once

#include <deque>
#include <optional>
#include <string>

#include "cli/api_client.hpp"
#include "cli/log_layout.hpp"

namespace pintle::cli {

/// What part of a log is wanted.
struct LogWish {
    std::optional<std::int64_t> from_line;
    std::optional<std::int64_t> tail;
    std::string grep;
    bool ignore_case = false;
};

/// The lines of one replica's log from front to back, a page at a time, so that a long log takes little memory.
/// One thread. Failure: what the server said. Borrows the client.
class LogPages {
public:
    struct Line {
        std::int64_t number = 0;
        LogPiece piece;
    };

    LogPages(ApiClient& api, const std::string& job, std::string replica, const LogWish& wish);

    /// The next line, or null at the end; it stays the next until take().
    [[nodiscard]] Result<const Line*> peek();
    [[nodiscard]] Line take();
    [[nodiscard]] const std::string& replica() const { return replica_; }

private:
    [[nodiscard]] Result<void> fetch();

    ApiClient* api_;
    std::string path_;
    std::string replica_;
    LogWish wish_;
    std::deque<Line> lines_;
    bool ended_ = false;
};

}  // namespace pintle::cli
