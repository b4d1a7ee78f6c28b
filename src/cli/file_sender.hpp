#pragma once

#include <optional>
#include <string>

#include "cli/remote_files.hpp"
#include "cli/upload.hpp"

namespace pintle::cli {

/// Sends files into one source. What is larger than a few MiB goes in pieces, of which one at a time is in memory.
///
/// Threading: one thread; blocks. Ownership: borrows the context.
/// Failure: kUnavailable when the server stays away for a minute; what it has got stays there, and sending the same
/// file again goes on with it. kConflict for a file that changes meanwhile.
class FileSender {
public:
    static constexpr std::int64_t kSmallBytes = 4 << 20;  ///< Up to here a file is sent at once.

    FileSender(Context& context, const std::string& project, const std::string& source);
    [[nodiscard]] Result<void> send(const FileToSend& file);
    /// The whole of an open file that nobody else changes.
    [[nodiscard]] Result<void> send(int fd, const std::string& target);

private:
    struct Source;
    struct State {
        std::string id;
        std::int64_t offset = 0;
        std::string state;
        std::string fault;
    };

    Result<void> send(const Source& source);
    Result<void> send_at_once(const Source& source);
    Result<void> send_in_pieces(const Source& source);
    Result<State> begin(const Source& source);
    Result<State> ask(const std::string& id);
    Result<State> send_piece(const State& upload, std::string piece);
    Result<std::string> next_piece(const Source& source, const State& upload, std::int64_t piece_bytes);
    Result<State> wait_for_place(State upload);

    Context& context_;
    RemoteFiles remote_;
};

}  // namespace pintle::cli
