#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"

namespace pintle::cli {

/// A line of a log, or a piece of one: very long lines come in pieces, and the last line may have no end yet.
struct LogPiece {
    std::string replica;
    std::string at;
    std::string text;
    bool starts = true;
    bool ends = true;
};

/// Puts the lines of several replicas under each other, each with the replica it is from.
///
/// Threading: one thread. Ownership: borrows the terminal. Failure: none.
class LogLayout {
public:
    struct Options {
        bool named = true;     ///< The replica before each line.
        bool times = false;    ///< The time before each line.
        bool raw = false;      ///< Text as it is, on a terminal too.
        bool to_file = false;  ///< Without colours of our own.
    };
    LogLayout(const Terminal& terminal, Options options) : terminal_(terminal), options_(options) {}

    /// Replicas announced before their first line are aligned from the start.
    void announce(const std::string& replica) { (void)index_of(replica); }
    /// What to print for the piece.
    [[nodiscard]] std::string add(const LogPiece& piece);
    /// The line end that is still owed; to be called before anything else is printed, and at the end.
    [[nodiscard]] std::string finish();

private:
    [[nodiscard]] std::size_t index_of(const std::string& replica);
    [[nodiscard]] std::string head_of(const LogPiece& piece);

    const Terminal& terminal_;
    const Options options_;
    std::vector<std::string> replicas_;
    std::size_t width_ = 0;
    bool open_ = false;  // the last piece had no end
    std::string open_replica_;
};

}  // namespace pintle::cli
