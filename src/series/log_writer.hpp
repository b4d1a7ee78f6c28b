#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::series {

struct LogWriterOptions {
    /// A segment ends with the line that reaches this size (or in the middle of a very long line).
    std::uint64_t segment_bytes = 16 << 20;
    /// The oldest segments are deleted so that all of them, with their indexes, stay about below this.
    std::uint64_t total_limit_bytes = std::uint64_t{2} << 30;
    /// pwrite(2) unless set; for tests of a full disk.
    std::function<ssize_t(int fd, const void* bytes, std::size_t size, off_t offset)> write;
};

/// The one writer of a log stream: appends raw bytes to the folder that LogReader reads (format: log_place.hpp).
///
/// Threading: one thread; starts none, so it may live in a forked child. Nothing is buffered: bytes are with the
/// kernel when append() returns, and the process may be killed at any instant.
/// Ownership: holds the folder's lock until close(), so that a second writer is refused.
/// Failure: open() can fail; append() cannot, because a full disk must never stop the program whose output this
/// is. Bytes that could not be written are counted, and a line that says so is written once there is space.
class LogWriter {
public:
    /// Makes the folder if needed, or goes on where its data ends. kConflict when another writer is at work.
    [[nodiscard]] static Result<LogWriter> open(const std::string& folder, LogWriterOptions options = {});
    LogWriter(LogWriter&&) noexcept;
    LogWriter& operator=(LogWriter&&) noexcept;
    /// Closes.
    ~LogWriter();

    /// Any bytes, split anywhere. Bytes appended after close() are dropped and counted.
    void append(std::string_view bytes, Time now);
    /// Tries to write a due line about dropped bytes, for a program that has fallen silent.
    void flush(Time now);
    /// Brings the index up to the last byte and lets go of the folder.
    void close();

    /// Of the whole stream, deleted segments included.
    [[nodiscard]] std::uint64_t end_offset() const;
    /// The number of the line that the next byte belongs to.
    [[nodiscard]] std::uint64_t next_line() const;
    /// Since open().
    [[nodiscard]] std::uint64_t dropped_bytes() const;

private:
    struct Impl;
    explicit LogWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::series
