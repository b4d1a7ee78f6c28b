#include "series/log_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

#include "os/file.hpp"
#include "series/log_segment.hpp"

namespace pintle::series {

namespace {

std::uint64_t file_size(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

// Two writers would write over each other. A file system without locks (ENOLCK, EBADF) is trusted to have one.
Result<os::UniqueFd> lock_folder(const std::string& folder) {
    os::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail(os::errno_error("open the log folder", folder, errno));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return fail(ErrorCode::kConflict, "another process is already writing the log in {}", folder);
    }
    return fd;
}

Result<os::UniqueFd> open_file(const std::string& path, int flags) {
    os::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0644));
    if (!fd) return fail(os::errno_error("open the log file", path, errno));
    return fd;
}

std::string drop_notice(std::uint64_t bytes, int error_number, bool within_line) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    return fmt::format("{}[pintle: {} of output {} dropped because {}]\n", within_line ? "\n" : "",
                       bytes == 1 ? "1 byte" : fmt::format("{} bytes", bytes), bytes == 1 ? "was" : "were",
                       full ? "the disk was full" : fmt::format("writing failed: {}", std::strerror(error_number)));
}

}  // namespace

struct LogWriter::Impl {
    struct Closed {
        std::uint64_t number = 0;
        std::uint64_t size_bytes = 0;
    };

    std::string folder;
    LogWriterOptions options;
    os::UniqueFd lock, log, index;

    std::uint64_t number = 0;       // of the segment being written
    std::uint64_t begin = 0;        // its first offset
    LogPlace place;                 // where the next byte goes
    std::deque<Closed> closed;      // older segments, oldest first

    IndexRecord last_record;
    Time last_time{};
    std::array<char, 128 * kRecordBytes> queue{};  // records that are not yet in the index
    std::size_t queued_bytes = 0;
    std::uint64_t index_bytes = 0;

    std::uint64_t dropped_total = 0;
    std::uint64_t dropped_unsaid = 0;
    int drop_reason = 0;
    std::string notice;  // what is left of a notice that was written in part

    ~Impl() { close(); }

    Result<void> reopen(const LogSegment& segment);
    Result<void> start(std::uint64_t new_number, Time now);
    void forget_strays();
    void make_room();
    void rotate(Time now);
    [[nodiscard]] bool is_full() const;
    [[nodiscard]] std::size_t fitting(std::string_view bytes) const;

    std::size_t write_bytes(std::string_view bytes);
    std::size_t store(std::string_view bytes, Time now);
    void note(std::string_view written, Time now);
    void push(const IndexRecord& record);
    void flush_index();
    bool say_dropped(Time now);
    void drop(std::uint64_t bytes);
    void close();

    [[nodiscard]] std::uint64_t size() const { return place.offset - begin; }
    [[nodiscard]] ssize_t write_at(int fd, const char* bytes, std::size_t size_bytes, std::uint64_t offset) {
        const auto at = static_cast<off_t>(offset);
        return options.write ? options.write(fd, bytes, size_bytes, at) : ::pwrite(fd, bytes, size_bytes, at);
    }
    // How far a segment may grow past its size to end with a line.
    [[nodiscard]] std::uint64_t slack() const { return std::min<std::uint64_t>(kPieceBytes, options.segment_bytes); }
};

// Files that a writer left when it was killed between two steps of a rotation; and what counts against the limit.
void LogWriter::Impl::forget_strays() {
    const auto names = os::list_folder(folder);
    if (!names) return;
    for (const std::string& name : *names) {
        if (const auto index_of = segment_number(name, ".idx"); index_of && !os::exists(log_path(folder, *index_of))) {
            ::unlink(index_path(folder, *index_of).c_str());
        }
        if (const auto log_of = segment_number(name, ".log"); log_of && *log_of < number) {
            closed.push_back({*log_of, file_size(log_path(folder, *log_of)) + file_size(index_path(folder, *log_of))});
        }
    }
    std::sort(closed.begin(), closed.end(), [](const Closed& a, const Closed& b) { return a.number < b.number; });
}

Result<void> LogWriter::Impl::reopen(const LogSegment& segment) {
    number = segment.number;
    begin = segment.begin();
    log = TRY(open_file(log_path(folder, number), 0));
    index = TRY(open_file(index_path(folder, number), O_CREAT));

    // Keep the records up to the first damaged one; the rest is made again from the bytes.
    char first[kRecordBytes];
    const bool has_base =
        TRY(read_at(index.get(), first, sizeof first, 0)) == sizeof first && decode_record(first, number).has_value();
    SegmentIndex records = SegmentIndex::open(folder, segment);
    std::uint64_t good = has_base ? 1 : 0;
    last_record = segment.base;
    while (has_base && good < records.count()) {
        const auto record = records.at(good);
        if (!record) break;
        last_record = *record;
        ++good;
    }
    index_bytes = good * kRecordBytes;
    if (::ftruncate(index.get(), static_cast<off_t>(index_bytes)) != 0)
        return fail(os::errno_error("repair", index_path(folder, number), errno));
    if (!has_base) push(segment.base);
    const Time time = last_record.time;
    place = TRY(scan_segment(folder, segment, last_record.place, [&](const LogPlace& at) { push({at, time}); }));
    flush_index();
    return {};
}

// The index comes first: whoever sees the segment can see where it begins.
Result<void> LogWriter::Impl::start(std::uint64_t new_number, Time now) {
    os::UniqueFd new_index = TRY(open_file(index_path(folder, new_number), O_CREAT | O_TRUNC));
    char base[kRecordBytes];
    encode_record({place, now}, new_number, base);
    const bool written = write_at(new_index.get(), base, sizeof base, 0) == static_cast<ssize_t>(sizeof base);
    auto new_log = open_file(log_path(folder, new_number), O_CREAT | O_EXCL);
    if (!new_log) {
        ::unlink(index_path(folder, new_number).c_str());
        return fail(new_log.error());
    }
    index = std::move(new_index);
    log = std::move(*new_log);
    number = new_number;
    begin = place.offset;
    index_bytes = 0;
    queued_bytes = 0;
    last_record = {place, now};
    if (written) {
        index_bytes = kRecordBytes;
    } else {
        push(last_record);
    }
    return {};
}

void LogWriter::Impl::make_room() {
    std::uint64_t total = options.segment_bytes + size() + index_bytes;
    for (const Closed& segment : closed) total += segment.size_bytes;
    while (!closed.empty() && total > options.total_limit_bytes) {
        ::unlink(log_path(folder, closed.front().number).c_str());
        ::unlink(index_path(folder, closed.front().number).c_str());
        total -= closed.front().size_bytes;
        closed.pop_front();
    }
}

bool LogWriter::Impl::is_full() const {
    if (size() < options.segment_bytes) return false;
    return place.line_start == place.offset || size() >= options.segment_bytes + slack();
}

// If the new segment cannot be made, the old one simply grows until it can.
void LogWriter::Impl::rotate(Time now) {
    if (last_record.place.offset != place.offset) push({place, last_time});
    flush_index();
    make_room();
    const Closed ended{number, size() + index_bytes};
    if (start(number + 1, now)) closed.push_back(ended);
}

std::size_t LogWriter::Impl::fitting(std::string_view bytes) const {
    const std::uint64_t most = options.segment_bytes + slack();
    if (size() >= most) return bytes.size();
    const std::uint64_t room = options.segment_bytes > size() ? options.segment_bytes - size() : 0;
    if (bytes.size() <= room) return bytes.size();
    const std::size_t newline = bytes.find('\n', room > 0 ? room - 1 : 0);
    const std::size_t hard = std::min<std::uint64_t>(bytes.size(), most - size());
    return newline == std::string_view::npos ? hard : std::min(newline + 1, hard);
}

std::size_t LogWriter::Impl::write_bytes(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t put = write_at(log.get(), bytes.data() + done, bytes.size() - done, size() + done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            drop_reason = put < 0 ? errno : ENOSPC;
            break;
        }
        done += static_cast<std::size_t>(put);
    }
    return done;
}

std::size_t LogWriter::Impl::store(std::string_view bytes, Time now) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        if (is_full()) rotate(now);
        const std::string_view part = bytes.substr(done, fitting(bytes.substr(done)));
        const std::size_t put = write_bytes(part);
        note(part.substr(0, put), now);
        done += put;
        if (put < part.size()) break;
    }
    flush_index();
    return done;
}

void LogWriter::Impl::note(std::string_view written, Time now) {
    if (written.empty()) return;
    // Also when the clock was set back.
    if (now - last_record.time >= kIndexStep || now < last_record.time) push({place, now});
    while (!written.empty()) {
        const std::uint64_t due = last_record.place.offset + kIndexStepBytes;
        const std::size_t step = due > place.offset ? std::min<std::uint64_t>(written.size(), due - place.offset) : 0;
        place = advance(place, written.substr(0, step));
        written.remove_prefix(step);
        if (place.offset >= due) push({place, now});
    }
}

void LogWriter::Impl::push(const IndexRecord& record) {
    last_record = record;
    if (queued_bytes == queue.size()) flush_index();
    if (queued_bytes == queue.size()) return;  // The index has a gap there, which readers bridge.
    encode_record(record, number, queue.data() + queued_bytes);
    queued_bytes += kRecordBytes;
}

void LogWriter::Impl::flush_index() {
    if (queued_bytes == 0) return;
    const ssize_t put = write_at(index.get(), queue.data(), queued_bytes, index_bytes);
    if (put <= 0) return;
    // A record written in part is written again, over itself.
    const std::size_t whole = static_cast<std::size_t>(put) / kRecordBytes * kRecordBytes;
    std::memmove(queue.data(), queue.data() + whole, queued_bytes - whole);
    queued_bytes -= whole;
    index_bytes += whole;
}

void LogWriter::Impl::drop(std::uint64_t bytes) {
    dropped_total += bytes;
    dropped_unsaid += bytes;
}

// False while there is no space for it. A notice that went in part is finished before anything else, never redone,
// because readers may have seen the part.
bool LogWriter::Impl::say_dropped(Time now) {
    if (notice.empty() && dropped_unsaid == 0) return true;
    const bool fresh = notice.empty();
    if (fresh) notice = drop_notice(dropped_unsaid, drop_reason, place.line_start != place.offset);
    const std::size_t put = store(notice, now);
    if (fresh && put > 0) dropped_unsaid = 0;
    if (put == notice.size() || (fresh && put == 0)) {
        const bool said = put > 0;
        notice.clear();
        return said;
    }
    notice.erase(0, put);
    return false;
}

void LogWriter::Impl::close() {
    if (!log) return;
    say_dropped(last_time);
    if (last_record.place.offset != place.offset) push({place, last_time});
    flush_index();
    log.reset();
    index.reset();
    lock.reset();
}

LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogWriter::LogWriter(LogWriter&&) noexcept = default;
LogWriter& LogWriter::operator=(LogWriter&&) noexcept = default;
LogWriter::~LogWriter() = default;

Result<LogWriter> LogWriter::open(const std::string& folder, LogWriterOptions options) {
    if (options.segment_bytes == 0 || options.total_limit_bytes < 2) {
        return fail(ErrorCode::kInvalid, "the limits of the log in {} must be larger than zero", folder);
    }
    // Otherwise one segment alone could break the limit.
    options.segment_bytes = std::min(options.segment_bytes, options.total_limit_bytes / 2);
    TRY(os::make_folders(folder));
    auto impl = std::make_unique<Impl>();
    impl->folder = folder;
    impl->options = std::move(options);
    impl->lock = TRY(lock_folder(folder));
    const auto segments = TRY(list_segments(folder));
    if (!segments.empty()) TRY(impl->reopen(segments.back()));
    impl->forget_strays();
    if (segments.empty()) TRY(impl->start(1, Time{}));
    impl->last_time = impl->last_record.time;
    return LogWriter(std::move(impl));
}

void LogWriter::append(std::string_view bytes, Time now) {
    if (bytes.empty()) return;
    if (!impl_->log) return impl_->drop(bytes.size());
    impl_->last_time = now;
    const std::size_t put = impl_->say_dropped(now) ? impl_->store(bytes, now) : 0;
    if (put < bytes.size()) impl_->drop(bytes.size() - put);
}

void LogWriter::flush(Time now) {
    if (!impl_->log) return;
    impl_->say_dropped(now);
    impl_->flush_index();
}

void LogWriter::close() { impl_->close(); }
std::uint64_t LogWriter::end_offset() const { return impl_->place.offset; }
std::uint64_t LogWriter::next_line() const { return impl_->place.line; }
std::uint64_t LogWriter::dropped_bytes() const { return impl_->dropped_total; }

}  // namespace pintle::series
