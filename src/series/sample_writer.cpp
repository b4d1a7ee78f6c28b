#include "series/sample_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <deque>
#include <iterator>
#include <optional>
#include <set>
#include <unordered_map>

#include "os/file.hpp"
#include "os/unique_fd.hpp"
#include "series/sample_block.hpp"
#include "series/sample_record.hpp"
#include "series/sample_tail.hpp"

namespace pintle::series {

namespace {

constexpr std::size_t kFullSeries = 512;    // A tail is compressed when its series have so many samples on average,
constexpr std::size_t kScarceSeries = 256;  // and those with fewer than these wait in the next tail for more.
constexpr std::size_t kMostTailBytes = 4 << 20;
constexpr std::size_t kMostSegmentBytes = 1 << 20;
constexpr std::size_t kMostPendingBytes = 256 << 10;
constexpr std::size_t kMostKeyBytes = 1024;
constexpr std::int64_t kMostSegmentSpanMs = std::int64_t{24} * 3600 * 1000;

struct KeyHash {
    std::size_t operator()(const SeriesKey& key) const {
        const std::hash<std::string_view> hash;
        std::size_t sum = hash(key.subject) * 31 + hash(key.metric);
        sum = sum * 31 + hash(key.device);
        return sum * 2 + (key.reported ? 1 : 0);
    }
};

struct Segment {
    std::uint64_t number = 0;
    std::uint64_t size_bytes = 0;
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
    bool has_records = false;

    void cover(std::int64_t first, std::int64_t last) {
        first_ms = has_records ? std::min(first_ms, first) : first;
        last_ms = has_records ? std::max(last_ms, last) : last;
        has_records = true;
    }
};

Result<os::UniqueFd> lock_folder(const std::string& folder) {
    os::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail(os::errno_error("open the sample folder", folder, errno));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return fail(ErrorCode::kConflict, "another process is already writing the samples in {}", folder);
    }
    return fd;
}

Result<void> cut(const std::string& path, std::uint64_t size) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) <= size) return {};
    if (::truncate(path.c_str(), static_cast<off_t>(size)) != 0) return fail(os::errno_error("repair", path, errno));
    return {};
}

std::uint64_t wide_span(const Segment& segment) {
    return static_cast<std::uint64_t>(segment.last_ms) - static_cast<std::uint64_t>(segment.first_ms);
}

}  // namespace

double measured(std::string_view metric, double value) {
    const double size = std::fabs(value);
    if (!(size <= 1e12)) return value;
    const auto rounded = [&](double steps) {
        const double near = std::round(value * steps) / steps;
        return near == 0 ? 0 : near;  // Nothing was ever measured to be minus zero.
    };
    if (metric.ends_with("_per_s") && size >= 1000) {
        const double step = std::pow(10, std::floor(std::log10(size)) - 2);
        return std::round(value / step) * step;
    }
    return rounded(size >= 10 ? 10 : 100);
}

struct SampleWriter::Impl {
    using Series = std::unordered_map<SeriesKey, std::uint64_t, KeyHash>;  // to its number in the tail

    std::string folder;
    Options options;
    os::UniqueFd lock;

    std::deque<Segment> segments;
    std::uint64_t next_segment = 1;

    std::uint32_t tail = 1;  // its number
    std::uint64_t tail_bytes = 0;
    std::size_t tail_rows = 0;
    std::int64_t tail_last_ms = 0;
    std::size_t seal_at = 0;  // Not before the tail is so large, after it failed.
    Series series;            // of the tail
    std::vector<Series::value_type*> by_number;
    std::size_t after_last = 0;  // Samplers go round in one order: the number after the last is a good guess.

    std::string names;  // not yet written
    RowWriter rows;
    std::uint64_t dropped = 0;

    [[nodiscard]] std::uint64_t tail_limit() const {
        return std::min<std::uint64_t>(kMostTailBytes, options.total_limit_bytes / 4);
    }
    [[nodiscard]] std::uint64_t segment_limit() const {
        return std::min<std::uint64_t>(kMostSegmentBytes, options.total_limit_bytes / 8);
    }

    Result<void> reopen();
    Result<void> reopen_segments(const std::vector<std::uint64_t>& numbers, std::uint32_t tail_there,
                                 std::uint32_t& sealed, std::set<SeriesKey>& sealed_keys);
    void forget_tail();
    void learn(const Tail& read);
    [[nodiscard]] std::optional<std::uint64_t> find(const SeriesKey& key);
    [[nodiscard]] std::optional<std::uint64_t> find_or_name(const SeriesKey& key);
    void append(const SeriesKey& key, const Sample& sample);
    [[nodiscard]] bool write_file(const std::string& path, std::string_view bytes, std::uint64_t offset,
                                  int flags) const;
    void flush();
    void maybe_seal();
    bool seal();
    bool put_in_segment(std::string_view record, std::int64_t first_ms, std::int64_t last_ms);
    bool stage_tail(const std::vector<SeriesSamples>& carried, std::string& bytes) const;
    void adopt_tail(const std::vector<SeriesSamples>& carried, std::string_view bytes);
    [[nodiscard]] std::string staged_file() const { return tail_file(folder, tail + 1) + ".new"; }
    void make_room();
    void drop_before(Time time);
};

// ---- opening ----

// Heads only, since writers are opened often; of the series, those that the present tail's record has.
Result<void> SampleWriter::Impl::reopen_segments(const std::vector<std::uint64_t>& numbers, std::uint32_t tail_there,
                                                 std::uint32_t& sealed, std::set<SeriesKey>& sealed_keys) {
    for (const std::uint64_t number : numbers) {
        const std::string path = segment_file(folder, number);
        Segment segment{number};
        const RecordWalk walk = TRY(walk_file(
            path,
            [&](const RecordHead& head) {
                segment.cover(head.first_ms, head.last_ms);
                const bool newer = head.kind == RecordKind::kBlocks && head.tail > sealed;
                if (newer) sealed = head.tail;
                return newer && head.tail == tail_there;
            },
            [&](const RecordHead& head, const std::string& payload) {
                const auto blocks = SampleBlocks::open(head, payload);
                if (!blocks) return;
                for (const auto& group : blocks->groups()) {
                    for (const auto& block : group.blocks) sealed_keys.insert(block.key);
                }
            }));
        if (number == numbers.back()) TRY(cut(path, walk.end));
        struct stat info {};
        segment.size_bytes = ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : walk.end;
        segments.push_back(segment);
        next_segment = number + 1;
    }
    return {};
}

Result<void> SampleWriter::Impl::reopen() {
    const SampleFiles files = TRY(list_sample_files(folder));
    for (const std::string& stray : files.strays) ::unlink((folder + "/" + stray).c_str());
    std::uint32_t sealed = 0;
    std::set<SeriesKey> sealed_keys;
    const auto newest = files.tails.empty() ? 0 : static_cast<std::uint32_t>(files.tails.back());
    TRY(reopen_segments(files.segments, newest, sealed, sealed_keys));
    tail = sealed + 1;
    if (files.tails.empty()) return {};
    for (const std::uint64_t number : files.tails) {
        if (number != newest) ::unlink(tail_file(folder, number).c_str());
    }
    const std::string path = tail_file(folder, newest);
    const std::string bytes = TRY(os::read_file(path, kMaxRecordBytes * 4));
    Tail read = read_tail(bytes);
    if (newest < sealed) {
        // Left over from long ago; what it has is in blocks.
        ::unlink(path.c_str());
        return {};
    }
    tail = newest;
    if (newest > sealed && read.next_number <= 2 * options.max_series) {
        if (read.walk.end < bytes.size()) TRY(cut(path, read.walk.end));
        tail_bytes = read.walk.end;
        learn(read);
        return {};
    }
    // It was compressed, and its writer killed before the next tail stood in its place; or its numbers are spoilt.
    std::vector<SeriesSamples> carried;
    for (auto& [number, samples] : read.series) {
        if (newest > sealed || !sealed_keys.contains(samples.key)) carried.push_back(std::move(samples));
    }
    std::string staged;
    if (!stage_tail(carried, staged))
        return fail(ErrorCode::kExhausted, "the samples in {} could not be repaired; is the disk full?", folder);
    adopt_tail(carried, staged);
    return {};
}

void SampleWriter::Impl::forget_tail() {
    series.clear();
    by_number.clear();
    names.clear();
    tail_bytes = 0;
    tail_rows = 0;
    seal_at = 0;
}

void SampleWriter::Impl::learn(const Tail& read) {
    by_number.assign(read.next_number, nullptr);
    for (const auto& [number, samples] : read.series) {
        const auto [entry, fresh] = series.try_emplace(samples.key, number);
        if (fresh) by_number[number] = &*entry;
        for (const Sample& sample : samples.samples) tail_last_ms = std::max(tail_last_ms, to_ms(sample.at));
    }
    tail_rows = read.rows;
}

// ---- appending ----

std::optional<std::uint64_t> SampleWriter::Impl::find(const SeriesKey& key) {
    if (after_last >= by_number.size()) after_last = 0;
    if (after_last < by_number.size() && by_number[after_last] != nullptr && by_number[after_last]->first == key) {
        return after_last++;
    }
    const auto found = series.find(key);
    if (found == series.end()) return std::nullopt;
    after_last = found->second + 1;
    return found->second;
}

std::optional<std::uint64_t> SampleWriter::Impl::find_or_name(const SeriesKey& key) {
    if (const auto number = find(key)) return number;
    if (series.size() >= options.max_series) return std::nullopt;
    if (key.subject.size() + key.metric.size() + key.device.size() > kMostKeyBytes) return std::nullopt;
    const auto entry = series.try_emplace(key, by_number.size()).first;
    put_name(by_number.size(), key, names);
    by_number.push_back(&*entry);
    after_last = by_number.size();
    return entry->second;
}

void SampleWriter::Impl::append(const SeriesKey& key, const Sample& sample) {
    const auto number = find_or_name(key);
    if (!number) {
        ++dropped;
        return;
    }
    if (key.reported) {
        rows.put(*number, sample);
    } else {
        rows.put(*number, {sample.at, measured(key.metric, sample.value), sample.step});
    }
    tail_last_ms = tail_rows + rows.rows() == 1 ? to_ms(sample.at) : std::max(tail_last_ms, to_ms(sample.at));
    if (rows.size() >= kMostPendingBytes) flush();
}

bool SampleWriter::Impl::write_file(const std::string& path, std::string_view bytes, std::uint64_t offset,
                                    int flags) const {
    const os::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0644));
    if (!fd) return false;
    for (std::size_t done = 0; done < bytes.size();) {
        const auto at = static_cast<off_t>(offset + done);
        const ssize_t put = options.write ? options.write(fd.get(), bytes.data() + done, bytes.size() - done, at)
                                          : ::pwrite(fd.get(), bytes.data() + done, bytes.size() - done, at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            // Readers stop where the file ends; what cannot be cut is written over by the next attempt.
            [[maybe_unused]] const int cut_off = ::ftruncate(fd.get(), static_cast<off_t>(offset));
            return false;
        }
        done += static_cast<std::size_t>(put);
    }
    return true;
}

void SampleWriter::Impl::flush() {
    if (rows.empty()) return;
    std::string bytes;
    if (!names.empty()) put_record({RecordKind::kNames, 0, 0, 0, 0, 0, 0}, names, names.size(), bytes);
    const std::size_t count = rows.rows();
    rows.finish(bytes);
    const bool room = tail_bytes + bytes.size() <= 4 * tail_limit();
    if (!room || !write_file(tail_file(folder, tail), bytes, tail_bytes, tail_bytes == 0 ? O_CREAT : 0)) {
        dropped += count;
    } else {
        names.clear();
        tail_bytes += bytes.size();
        tail_rows += count;
    }
    maybe_seal();
}

// ---- compressing ----

void SampleWriter::Impl::maybe_seal() {
    if (tail_bytes < seal_at) return;
    if (tail_rows < kFullSeries * series.size() && tail_bytes < tail_limit()) return;
    if (tail_bytes == 0 || seal()) return;
    seal_at = tail_bytes + tail_bytes / 4;
}

// First what is left for the next tail, under another name; then the blocks, which make the present tail out of date;
// then the next tail takes its place. A kill in between leaves nothing out and nothing twice; see reopen().
bool SampleWriter::Impl::seal() {
    const auto bytes = os::read_file(tail_file(folder, tail), kMaxRecordBytes * 4);
    if (!bytes) return false;
    Tail read = read_tail(*bytes);
    std::vector<SeriesSamples> full, carried;
    std::size_t carried_rows = 0;
    for (auto& [number, samples] : read.series) {
        if (samples.samples.empty()) continue;
        const bool scarce = samples.samples.size() < kScarceSeries;
        carried_rows += scarce ? samples.samples.size() : 0;
        (scarce ? carried : full).push_back(std::move(samples));
    }
    // So many series that waiting would fill the next tail at once.
    if (carried_rows * 2 > read.rows) {
        std::move(carried.begin(), carried.end(), std::back_inserter(full));
        carried.clear();
    }
    if (full.empty()) return false;
    std::int64_t first = to_ms(full.front().samples.front().at), final = first;
    for (const SeriesSamples& samples : full) {
        for (const Sample& sample : samples.samples) {
            first = std::min(first, to_ms(sample.at));
            final = std::max(final, to_ms(sample.at));
        }
    }
    std::string staged, record;
    if (!stage_tail(carried, staged)) return false;
    put_blocks(std::move(full), tail, record);
    if (!put_in_segment(record, first, final)) {
        ::unlink(staged_file().c_str());
        return false;
    }
    adopt_tail(carried, staged);
    make_room();
    return true;
}

bool SampleWriter::Impl::stage_tail(const std::vector<SeriesSamples>& carried, std::string& bytes) const {
    if (carried.empty()) return true;
    std::string carried_names;
    RowWriter carried_samples;
    for (std::size_t i = 0; i < carried.size(); ++i) {
        put_name(i, carried[i].key, carried_names);
        for (const Sample& sample : carried[i].samples) carried_samples.put(i, sample);
    }
    put_record({RecordKind::kNames, 0, 0, 0, 0, 0, 0}, carried_names, carried_names.size(), bytes);
    carried_samples.finish(bytes);
    if (write_file(staged_file(), bytes, 0, O_CREAT | O_TRUNC)) return true;
    ::unlink(staged_file().c_str());
    return false;
}

void SampleWriter::Impl::adopt_tail(const std::vector<SeriesSamples>& carried, std::string_view bytes) {
    const std::string old = tail_file(folder, tail);
    const bool adopted = carried.empty() || ::rename(staged_file().c_str(), tail_file(folder, tail + 1).c_str()) == 0;
    ::unlink(old.c_str());
    forget_tail();
    ++tail;
    for (const SeriesSamples& samples : carried) {
        if (!adopted) {
            dropped += samples.samples.size();
            continue;
        }
        by_number.push_back(&*series.try_emplace(samples.key, by_number.size()).first);
        tail_rows += samples.samples.size();
    }
    if (adopted) tail_bytes = bytes.size();
}

bool SampleWriter::Impl::put_in_segment(std::string_view record, std::int64_t first_ms, std::int64_t last_ms) {
    if (!segments.empty()) {
        Segment& current = segments.back();
        Segment after = current;
        after.cover(first_ms, last_ms);
        if (current.size_bytes < segment_limit() &&
            wide_span(after) <= static_cast<std::uint64_t>(kMostSegmentSpanMs)) {
            if (!write_file(segment_file(folder, current.number), record, current.size_bytes, 0)) return false;
            current = after;
            current.size_bytes += record.size();
            return true;
        }
    }
    Segment fresh{next_segment, record.size()};
    if (!write_file(segment_file(folder, fresh.number), record, 0, O_CREAT | O_TRUNC)) {
        ::unlink(segment_file(folder, fresh.number).c_str());
        return false;
    }
    fresh.cover(first_ms, last_ms);
    segments.push_back(fresh);
    ++next_segment;
    return true;
}

// ---- what goes ----

void SampleWriter::Impl::make_room() {
    std::uint64_t total = tail_bytes;
    for (const Segment& segment : segments) total += segment.size_bytes;
    while (segments.size() > 1 && total > options.total_limit_bytes) {
        ::unlink(segment_file(folder, segments.front().number).c_str());
        total -= segments.front().size_bytes;
        segments.pop_front();
    }
}

void SampleWriter::Impl::drop_before(Time time) {
    flush();
    std::erase_if(segments, [&](const Segment& segment) {
        if (segment.has_records && segment.last_ms >= to_ms(time)) return false;
        ::unlink(segment_file(folder, segment.number).c_str());
        return true;
    });
    if (tail_bytes > 0 && tail_last_ms < to_ms(time)) adopt_tail({}, {});
}

SampleWriter::SampleWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SampleWriter::SampleWriter(SampleWriter&&) noexcept = default;
SampleWriter& SampleWriter::operator=(SampleWriter&&) noexcept = default;
SampleWriter::~SampleWriter() {
    if (impl_) impl_->flush();
}

Result<SampleWriter> SampleWriter::open(const std::string& folder, Options options) {
    TRY(os::make_folders(folder));
    auto impl = std::make_unique<Impl>();
    impl->folder = folder;
    impl->options = std::move(options);
    impl->lock = TRY(lock_folder(folder));
    TRY(impl->reopen());
    impl->make_room();
    return SampleWriter(std::move(impl));
}

void SampleWriter::append(const SeriesKey& key, const Sample& sample) { impl_->append(key, sample); }
void SampleWriter::flush() { impl_->flush(); }
void SampleWriter::drop_before(Time time) { impl_->drop_before(time); }
std::uint64_t SampleWriter::dropped_samples() const { return impl_->dropped; }

}  // namespace pintle::series
