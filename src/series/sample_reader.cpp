#include "series/sample_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "os/file.hpp"
#include "series/sample_block.hpp"
#include "series/sample_record.hpp"
#include "series/sample_tail.hpp"

namespace pintle::series {

namespace {

/// Inclusive, since a Time cannot be beyond its last.
struct Span {
    std::int64_t first_ms = std::numeric_limits<std::int64_t>::min();
    std::int64_t last_ms = std::numeric_limits<std::int64_t>::max();
    [[nodiscard]] bool meets(std::int64_t first, std::int64_t last) const {
        return first <= last_ms && last >= first_ms;
    }
};

/// What a folder had at one moment.
struct Sight {
    std::vector<std::pair<RecordHead, std::string>> blocks;  // that meet the span, oldest first
    std::vector<SeriesSamples> tail;
    std::uint64_t damaged = 0;
};

using Record = std::pair<RecordHead, std::string>;

// Records of other times are passed over.
Result<void> read_segment(const std::string& path, const Span& span, Sight& sight, std::uint32_t& newest) {
    const auto walk = walk_file(
        path,
        [&](const RecordHead& head) {
            if (head.kind != RecordKind::kBlocks) return false;
            newest = std::max(newest, head.tail);
            return span.meets(head.first_ms, head.last_ms);
        },
        [&](const RecordHead& head, std::string payload) { sight.blocks.emplace_back(head, std::move(payload)); });
    if (!walk && walk.error().code == ErrorCode::kNotFound) return {};  // Dropped meanwhile.
    if (!walk) return fail(walk.error());
    sight.damaged += walk->damaged;
    return {};
}

std::set<SeriesKey> keys_of(const Record& record) {
    std::set<SeriesKey> keys;
    const auto blocks = SampleBlocks::open(record.first, record.second);
    if (!blocks) return keys;
    for (const auto& group : blocks->groups()) {
        for (const auto& block : group.blocks) keys.insert(block.key);
    }
    return keys;
}

// The tail is read before the segments: what its writer compresses meanwhile is then in both, and left out of the
// tail. False where so much happened meanwhile that one must look again.
Result<bool> look(const std::string& folder, const Span& span, bool is_last, Sight& sight) {
    const SampleFiles before = TRY(list_sample_files(folder));
    std::string tail_bytes;
    if (!before.tails.empty()) {
        auto bytes = os::read_file(tail_file(folder, before.tails.back()), kMaxRecordBytes * 4);
        if (!bytes && bytes.error().code == ErrorCode::kNotFound) return false;
        if (!bytes) return fail(bytes.error());
        tail_bytes = std::move(*bytes);
    }
    const SampleFiles files = TRY(list_sample_files(folder));
    std::uint32_t newest = 0;
    for (const std::uint64_t number : files.segments)
        TRY(read_segment(segment_file(folder, number), span, sight, newest));
    if (before.tails.empty()) return true;
    const std::uint64_t tail = before.tails.back();
    // Compressed while we looked; or left over from long ago.
    if (newest > tail) return is_last;
    Tail read = read_tail(tail_bytes, [&](const RecordHead& head) { return span.meets(head.first_ms, head.last_ms); });
    sight.damaged += read.walk.damaged;
    std::set<SeriesKey> elsewhere;
    for (const Record& record : sight.blocks) {
        if (record.first.tail == tail) elsewhere.merge(keys_of(record));
    }
    for (auto& [number, samples] : read.series) {
        if (!samples.samples.empty() && !elsewhere.contains(samples.key)) sight.tail.push_back(std::move(samples));
    }
    return true;
}

Result<Sight> look_calmly(const std::string& folder, const Span& span) {
    constexpr int kAttempts = 20;
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
        Sight sight;
        if (TRY(look(folder, span, attempt == kAttempts, sight))) return sight;
    }
    return fail(ErrorCode::kUnavailable, "the samples in {} change faster than they can be read; try again", folder);
}

// ---- buckets ----

std::int64_t bucket_start(std::int64_t at, std::int64_t width) {
    const std::int64_t behind = at % width;
    return behind < 0 ? (at - std::numeric_limits<std::int64_t>::min() < width + behind ? at : at - behind - width)
                      : at - behind;
}

/// The sum stands in place of the mean until finish().
class Buckets {
public:
    void add(const Bucket& bucket) {
        if (!all_.empty() && all_.back().start == bucket.start) return join(all_.back(), bucket);
        in_order_ = in_order_ && (all_.empty() || all_.back().start < bucket.start);
        all_.push_back(bucket);
    }
    [[nodiscard]] std::vector<Bucket> finish() {
        if (!in_order_) {
            std::stable_sort(all_.begin(), all_.end(),
                             [](const Bucket& a, const Bucket& b) { return a.start < b.start; });
            std::vector<Bucket> joined;
            for (const Bucket& bucket : all_) {
                if (!joined.empty() && joined.back().start == bucket.start) {
                    join(joined.back(), bucket);
                } else {
                    joined.push_back(bucket);
                }
            }
            all_ = std::move(joined);
        }
        for (Bucket& bucket : all_)
            bucket.mean = std::clamp(bucket.mean / static_cast<double>(bucket.count), bucket.min, bucket.max);
        return std::move(all_);
    }

private:
    static void join(Bucket& into, const Bucket& other) {
        into.min = std::min(into.min, other.min);
        into.max = std::max(into.max, other.max);
        into.mean += other.mean;
        into.count += other.count;
        if (other.step) into.step = other.step;
    }

    std::vector<Bucket> all_;
    bool in_order_ = true;
};

Bucket sum_up(std::span<const double> values) {
    Bucket bucket;
    bucket.min = bucket.max = values.front();
    for (const double value : values) {
        bucket.min = value < bucket.min ? value : bucket.min;
        bucket.max = value > bucket.max ? value : bucket.max;
        bucket.mean += value;
    }
    bucket.count = values.size();
    return bucket;
}

Bucket sum_up_finite(std::span<const double> values) {
    Bucket bucket;
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        bucket.min = bucket.count == 0 ? value : std::min(bucket.min, value);
        bucket.max = bucket.count == 0 ? value : std::max(bucket.max, value);
        bucket.mean += value;
        ++bucket.count;
    }
    return bucket;
}

/// Which of some rising times are in which bucket: made once for all series that have these times.
struct Cuts {
    struct Cut {
        std::int64_t start_ms;
        std::size_t begin, end;
    };
    std::vector<Cut> cuts;

    Cuts(std::span<const std::int64_t> times, const Span& span, std::int64_t width) {
        std::size_t at =
            static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), span.first_ms) - times.begin());
        const auto end =
            static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), span.last_ms) - times.begin());
        while (at < end) {
            const std::int64_t start = bucket_start(times[at], width);
            const std::size_t begin = at;
            const auto within = [&](std::int64_t time) {
                return static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(start) <
                       static_cast<std::uint64_t>(width);
            };
            while (at < end && within(times[at])) ++at;
            if (at == begin) ++at;
            cuts.push_back({start, begin, at});
        }
    }
};

void put_in_buckets(const Cuts& cuts, std::span<const double> values,
                    std::span<const std::optional<std::int64_t>> steps, Buckets& out) {
    for (const Cuts::Cut& cut : cuts.cuts) {
        const auto part = values.subspan(cut.begin, cut.end - cut.begin);
        Bucket bucket = sum_up(part);
        // A number that is none makes the sum none.
        if (!std::isfinite(bucket.mean)) bucket = sum_up_finite(part);
        if (bucket.count == 0) continue;
        bucket.start = time_from_ms(cut.start_ms);
        if (!steps.empty()) {
            for (std::size_t i = cut.end; i > cut.begin && !bucket.step; --i) bucket.step = steps[i - 1];
        }
        out.add(bucket);
    }
}

using Wanted = std::map<SeriesKey, std::size_t>;

Wanted number_keys(const std::vector<SeriesKey>& keys) {
    Wanted wanted;
    for (std::size_t i = 0; i < keys.size(); ++i) wanted.try_emplace(keys[i], i);
    return wanted;
}

// The same list for a key that was asked for twice.
template <class T>
void repeat(const std::vector<SeriesKey>& keys, const Wanted& wanted, std::vector<std::vector<T>>& lists) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const std::size_t first = wanted.at(keys[i]); first != i) lists[i] = lists[first];
    }
}

std::vector<Sample> in_order(std::vector<Sample> samples) {
    std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.at < b.at; });
    return samples;
}

// Columns of a tail's series, as a block has them.
struct Columns {
    std::vector<std::int64_t> times;
    std::vector<double> values;
    std::vector<std::optional<std::int64_t>> steps;

    explicit Columns(const std::vector<Sample>& samples) {
        for (const Sample& sample : samples) {
            times.push_back(to_ms(sample.at));
            values.push_back(sample.value);
            steps.push_back(sample.step);
        }
    }
};

// Decodes the wanted columns of all blocks: visit(key's number, times, values, steps). Gives the number of damaged
// ones.
template <class Visit>
std::uint64_t decode(const Sight& sight, const Span& span, const Wanted* wanted, Visit&& visit) {
    std::uint64_t damaged = 0;
    std::vector<std::int64_t> times;
    std::vector<double> values;
    std::vector<std::optional<std::int64_t>> steps;
    for (const auto& [head, payload] : sight.blocks) {
        const auto blocks = SampleBlocks::open(head, payload);
        if (!blocks) {
            ++damaged;
            continue;
        }
        for (const auto& group : blocks->groups()) {
            if (!span.meets(group.first_ms, group.last_ms)) continue;
            bool has_times = false;
            for (const auto& block : group.blocks) {
                const auto found = wanted == nullptr ? Wanted::const_iterator{} : wanted->find(block.key);
                if (wanted != nullptr && found == wanted->end()) continue;
                if (!has_times && !blocks->times(group, times)) {
                    damaged += group.blocks.size();
                    break;
                }
                const bool fresh = !std::exchange(has_times, true);
                if (!blocks->values(group, block, values) || !blocks->steps(group, block, steps)) {
                    ++damaged;
                    continue;
                }
                visit(block.key, wanted == nullptr ? 0 : found->second, times, values, steps, fresh);
            }
        }
    }
    return damaged;
}

Result<Span> span_of(Time from, Time to) {
    if (from >= to) return fail(ErrorCode::kInvalid, "the time to read from must be before the time to read to");
    return Span{to_ms(from), to_ms(to) - 1};
}

}  // namespace

SampleReader::SampleReader(std::string folder) : folder_(std::move(folder)) {}

Result<std::vector<SampleReader::Series>> SampleReader::list() const {
    const Sight sight = TRY(look_calmly(folder_, {}));
    std::map<SeriesKey, Series> all;
    const auto add = [&](const SeriesKey& key, std::int64_t first_ms, std::int64_t last_ms, std::size_t count) {
        const auto [found, fresh] = all.try_emplace(key, Series{key, time_from_ms(first_ms), time_from_ms(last_ms), 0});
        found->second.first = std::min(found->second.first, time_from_ms(first_ms));
        found->second.last = std::max(found->second.last, time_from_ms(last_ms));
        found->second.samples += count;
    };
    for (const auto& [head, payload] : sight.blocks) {
        const auto blocks = SampleBlocks::open(head, payload);
        if (!blocks) continue;
        for (const auto& group : blocks->groups()) {
            for (const auto& block : group.blocks) add(block.key, group.first_ms, group.last_ms, group.count);
        }
    }
    for (const auto& [key, samples] : sight.tail) {
        for (const Sample& sample : samples) add(key, to_ms(sample.at), to_ms(sample.at), 1);
    }
    std::vector<Series> list;
    for (auto& [key, series] : all) list.push_back(std::move(series));
    return list;
}

Result<std::vector<std::vector<Bucket>>> SampleReader::read(const std::vector<SeriesKey>& keys,
                                                            const Range& range) const {
    if (range.width.count() <= 0) return fail(ErrorCode::kInvalid, "the width of a bucket must be more than zero");
    const Span span = TRY(span_of(range.from, range.to));
    const Wanted wanted = number_keys(keys);
    const Sight sight = TRY(look_calmly(folder_, span));
    std::vector<Buckets> buckets(keys.size());
    std::optional<Cuts> cuts;
    decode(sight, span, &wanted,
           [&](const SeriesKey&, std::size_t number, const auto& times, const auto& values, const auto& steps,
               bool fresh) {
               if (fresh) cuts.emplace(times, span, range.width.count());
               put_in_buckets(*cuts, values, steps, buckets[number]);
           });
    for (const auto& [key, samples] : sight.tail) {
        const auto found = wanted.find(key);
        if (found == wanted.end()) continue;
        const Columns columns(in_order(samples));
        put_in_buckets(Cuts(columns.times, span, range.width.count()), columns.values, columns.steps,
                       buckets[found->second]);
    }
    std::vector<std::vector<Bucket>> lists;
    for (Buckets& of_key : buckets) lists.push_back(of_key.finish());
    repeat(keys, wanted, lists);
    return lists;
}

Result<std::vector<std::vector<Sample>>> SampleReader::samples(const std::vector<SeriesKey>& keys, Time from,
                                                               Time to) const {
    const Span span = TRY(span_of(from, to));
    const Wanted wanted = number_keys(keys);
    const Sight sight = TRY(look_calmly(folder_, span));
    std::vector<std::vector<Sample>> lists(keys.size());
    const auto add = [&](std::size_t number, const Sample& sample) {
        if (sample.at >= from && sample.at < to) lists[number].push_back(sample);
    };
    decode(sight, span, &wanted,
           [&](const SeriesKey&, std::size_t number, const auto& times, const auto& values, const auto& steps, bool) {
               for (std::size_t i = 0; i < times.size(); ++i) {
                   add(number, {time_from_ms(times[i]), values[i], steps.empty() ? std::nullopt : steps[i]});
               }
           });
    for (const auto& [key, samples] : sight.tail) {
        const auto found = wanted.find(key);
        if (found == wanted.end()) continue;
        for (const Sample& sample : samples) add(found->second, sample);
    }
    for (auto& list : lists) list = in_order(std::move(list));
    repeat(keys, wanted, lists);
    return lists;
}

Result<std::vector<std::pair<SeriesKey, std::vector<Sample>>>> SampleReader::latest(std::size_t count,
                                                                                    Time since) const {
    const Span span{to_ms(since)};
    Sight sight = TRY(look_calmly(folder_, span));
    std::map<SeriesKey, std::vector<Sample>> found;
    const auto keep_newest = [&](std::vector<Sample>& samples) {
        if (samples.size() <= count) return;
        samples = in_order(std::move(samples));
        samples.erase(samples.begin(), samples.end() - static_cast<std::ptrdiff_t>(count));
    };
    decode(sight, span, nullptr,
           [&](const SeriesKey& key, std::size_t, const auto& times, const auto& values, const auto& steps, bool) {
               auto& samples = found[key];
               const std::size_t begin = times.size() - std::min(count, times.size());
               for (std::size_t i = begin; i < times.size(); ++i) {
                   if (times[i] < span.first_ms) continue;
                   samples.push_back({time_from_ms(times[i]), values[i], steps.empty() ? std::nullopt : steps[i]});
               }
               keep_newest(samples);
           });
    for (const auto& [key, samples] : sight.tail) {
        auto& kept = found[key];
        for (const Sample& sample : samples) {
            if (sample.at >= since) kept.push_back(sample);
        }
    }
    std::vector<std::pair<SeriesKey, std::vector<Sample>>> all;
    for (auto& [key, samples] : found) {
        keep_newest(samples);
        if (!samples.empty()) all.emplace_back(key, in_order(std::move(samples)));
    }
    return all;
}

Result<std::uint64_t> SampleReader::damaged() const {
    const Sight sight = TRY(look_calmly(folder_, {}));
    return sight.damaged + decode(sight, {}, nullptr, [](auto&&...) {});
}

}  // namespace pintle::series
