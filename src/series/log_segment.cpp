#include "series/log_segment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/file.hpp"

namespace pintle::series {

Result<os::UniqueFd> open_segment(const std::string& folder, std::uint64_t number) {
    const std::string path = log_path(folder, number);
    os::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (fd) return fd;
    if (errno == ENOENT) return fail(ErrorCode::kUnavailable, "the log segment {} has been deleted", path);
    return fail(os::errno_error("open", path, errno));
}

Result<std::size_t> read_at(int fd, char* out, std::size_t size, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(fd, out + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(os::errno_error("read", "a log segment", errno));
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<LogPlace> scan_segment(const std::string& folder, const LogSegment& segment, LogPlace from,
                              const std::function<void(const LogPlace&)>& each) {
    const os::UniqueFd fd = TRY(open_segment(folder, segment.number));
    std::string buffer(kIndexStepBytes, '\0');
    while (from.offset < segment.end()) {
        const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), segment.end() - from.offset);
        const std::size_t got = TRY(read_at(fd.get(), buffer.data(), wanted, from.offset - segment.begin()));
        if (got == 0)
            return fail(ErrorCode::kUnavailable, "the log segment {} became shorter while it was read",
                        log_path(folder, segment.number));
        from = advance(from, std::string_view(buffer.data(), got));
        if (each && got == kIndexStepBytes) each(from);
    }
    return from;
}

SegmentIndex SegmentIndex::open(const std::string& folder, const LogSegment& segment) {
    SegmentIndex index;
    index.segment_ = segment;
    index.fd_.reset(::open(index_path(folder, segment.number).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info {};
    if (index.fd_ && ::fstat(index.fd_.get(), &info) == 0 && S_ISREG(info.st_mode)) {
        index.count_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(info.st_size) / kRecordBytes);
    }
    return index;
}

std::optional<IndexRecord> SegmentIndex::at(std::uint64_t i) {
    constexpr std::uint64_t kBlockRecords = 100;
    if (i == 0) return segment_.base;
    if (i >= count_) return std::nullopt;
    if (i < block_first_ || (i - block_first_ + 1) * kRecordBytes > block_.size()) {
        block_first_ = i / kBlockRecords * kBlockRecords;
        block_.resize(kBlockRecords * kRecordBytes);
        const auto got = read_at(fd_.get(), block_.data(), block_.size(), block_first_ * kRecordBytes);
        block_.resize(got ? *got : 0);
        if ((i - block_first_ + 1) * kRecordBytes > block_.size()) return std::nullopt;
    }
    const auto record = decode_record(block_.data() + (i - block_first_) * kRecordBytes, segment_.number);
    if (!record || record->place.offset < segment_.begin() || record->place.offset > segment_.end())
        return std::nullopt;
    if (record->place.line < segment_.base.place.line) return std::nullopt;
    return record;
}

// A damaged record counts as lying after what is sought: what is found is then a little early, never wrong.
template <class NotAfter>
std::uint64_t SegmentIndex::search(NotAfter&& not_after) {
    std::uint64_t low = 0, high = count_;
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto record = at(middle);
        (record && not_after(record->place) ? low : high) = middle;
    }
    return low;
}

std::uint64_t SegmentIndex::find_offset(std::uint64_t offset) {
    return search([offset](const LogPlace& place) { return place.offset <= offset; });
}

std::uint64_t SegmentIndex::find_line(std::uint64_t line) {
    return search([line](const LogPlace& place) { return place.line <= line; });
}

IndexRecord SegmentIndex::last() {
    for (std::uint64_t i = count_ - 1; i > 0; --i) {
        if (const auto record = at(i)) return *record;
    }
    return segment_.base;
}

namespace {

Result<std::vector<std::uint64_t>> list_numbers(const std::string& folder) {
    const auto names = os::list_folder(folder);
    if (!names && names.error().code == ErrorCode::kNotFound) return std::vector<std::uint64_t>{};
    if (!names) return fail(names.error());
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : *names) {
        if (const auto number = segment_number(name, ".log")) numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

bool has_gap(const std::vector<std::uint64_t>& numbers) {
    return !numbers.empty() && numbers.back() - numbers.front() + 1 != numbers.size();
}

// Reading a folder while files come and go may miss a file that came; a second look sees it.
Result<std::vector<std::uint64_t>> list_numbers_calmly(const std::string& folder) {
    auto numbers = TRY(list_numbers(folder));
    for (int attempt = 0; attempt < 3 && has_gap(numbers); ++attempt) numbers = TRY(list_numbers(folder));
    return numbers;
}

std::optional<IndexRecord> read_base(const std::string& folder, std::uint64_t number) {
    const os::UniqueFd fd(::open(index_path(folder, number).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    char bytes[kRecordBytes];
    if (!fd) return std::nullopt;
    const auto got = read_at(fd.get(), bytes, sizeof bytes, 0);
    return got && *got == sizeof bytes ? decode_record(bytes, number) : std::nullopt;
}

std::optional<IndexRecord> known_base(const std::string& folder, const LogSegment& segment, SegmentBases* bases) {
    const auto key = std::make_pair(segment.number, segment.inode);
    std::optional<IndexRecord> base;
    if (bases != nullptr) {
        bases->with([&](auto& known) {
            if (const auto found = known.find(key); found != known.end()) base = found->second;
        });
    }
    if (base) return base;
    base = read_base(folder, segment.number);
    if (base && bases != nullptr) bases->with([&](auto& known) { known.emplace(key, *base); });
    // The first segment of all begins at the beginning, whatever happened to its index.
    if (!base && segment.number == 1) base = segment.base;
    return base;
}

struct Listed {
    LogSegment segment;
    bool known = false;  // base came from an index
};

std::vector<Listed> look_at(const std::string& folder, const std::vector<std::uint64_t>& numbers, SegmentBases* bases) {
    std::vector<Listed> all;
    for (const std::uint64_t number : numbers) {
        struct stat info {};
        // Rotation deletes from the oldest on: what came before a vanished segment has vanished too.
        if (::lstat(log_path(folder, number).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
            all.clear();
            continue;
        }
        Listed listed;
        listed.segment.number = number;
        listed.segment.inode = info.st_ino;
        listed.segment.size_bytes = static_cast<std::uint64_t>(info.st_size);
        listed.segment.base.time =
            time_from_ms(std::int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000);
        if (const auto base = known_base(folder, listed.segment, bases)) {
            listed.segment.base = *base;
            listed.known = true;
        }
        all.push_back(listed);
    }
    return all;
}

// Reckons the beginnings before the first known one backwards, from sizes and newlines.
Result<void> reckon_before(const std::string& folder, std::vector<Listed>& all, std::size_t first_known) {
    for (std::size_t i = first_known; i-- > 0;) {
        LogSegment& segment = all[i].segment;
        const LogSegment& next = all[i + 1].segment;
        segment.base.place = LogPlace{};
        const LogPlace end = TRY(scan_segment(folder, segment, {}));
        const LogPlace& after = next.base.place;
        if (after.offset < segment.size_bytes || after.line < end.line) {
            all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            return {};
        }
        const std::uint64_t begin = after.offset - segment.size_bytes;
        segment.base.place = {begin, after.line - (end.line - 1), begin};
        all[i].known = true;
    }
    return {};
}

Result<void> reckon_after(const std::string& folder, std::vector<Listed>& all) {
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].known) continue;
        const LogSegment& before = all[i - 1].segment;
        all[i].segment.base.place = TRY(scan_segment(folder, before, SegmentIndex::open(folder, before).last().place));
        all[i].known = true;
    }
    return {};
}

std::vector<LogSegment> without_gap(const std::vector<Listed>& all) {
    std::vector<LogSegment> segments;
    for (const Listed& listed : all) {
        if (!segments.empty() && segments.back().end() != listed.segment.begin()) segments.clear();
        segments.push_back(listed.segment);
    }
    return segments;
}

void forget_deleted(SegmentBases* bases, const std::vector<std::uint64_t>& numbers) {
    if (bases == nullptr || numbers.empty()) return;
    bases->with([&](auto& known) { known.erase(known.begin(), known.lower_bound({numbers.front(), 0})); });
}

}  // namespace

Result<std::vector<LogSegment>> list_segments(const std::string& folder, SegmentBases* bases) {
    const auto numbers = TRY(list_numbers_calmly(folder));
    std::vector<Listed> all = look_at(folder, numbers, bases);
    forget_deleted(bases, numbers);
    const auto known = std::find_if(all.begin(), all.end(), [](const Listed& listed) { return listed.known; });
    if (known != all.end()) {
        TRY(reckon_before(folder, all, static_cast<std::size_t>(known - all.begin())));
    } else if (!all.empty()) {
        all.front().known = true;
    }
    TRY(reckon_after(folder, all));
    return without_gap(all);
}

}  // namespace pintle::series
