#include "series/sample_tail.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "series/varint.hpp"

namespace pintle::series {

namespace {

// What a row begins with.
constexpr std::uint8_t kOtherTime = 1;
constexpr std::uint8_t kHasStep = 2;
constexpr std::uint8_t kOtherSeries = 4;  // Not the one after the last.
constexpr std::uint8_t kWhole = 8;        // A small whole number.
constexpr std::uint8_t kFloat = 16;       // Four bytes are enough.

constexpr double kSmall = 1 << 20;

std::int64_t difference(std::int64_t to, std::int64_t from) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

bool is_small_whole(double value) {
    return std::fabs(value) < kSmall && std::trunc(value) == value && !(value == 0 && std::signbit(value));
}
bool is_float(double value) {
    return std::fabs(value) <= static_cast<double>(std::numeric_limits<float>::max()) &&
           static_cast<double>(static_cast<float>(value)) == value;
}

void put_text(std::string_view text, std::string& out) {
    put_varint(text.size(), out);
    out += text;
}

void read_names(std::string_view payload, Tail& tail) {
    for (Bytes in(payload); !in.empty();) {
        const std::uint64_t number = in.varint();
        SeriesKey key;
        key.subject = in.text(in.varint());
        key.metric = in.text(in.varint());
        key.device = in.text(in.varint());
        key.reported = in.raw<std::uint8_t>() != 0;
        if (!in.good()) return;
        tail.next_number = std::max(tail.next_number, number + 1);
        tail.series[number].key = std::move(key);
    }
}

double read_value(Bytes& in, std::uint8_t tag) {
    if ((tag & kWhole) != 0) return static_cast<double>(in.signed_varint());
    if ((tag & kFloat) != 0) return static_cast<double>(in.raw<float>());
    return in.raw<double>();
}

void read_rows(std::string_view payload, Tail& tail) {
    std::uint64_t next = 0;
    std::int64_t time = 0;
    auto known = tail.series.end();
    for (Bytes in(payload); !in.empty();) {
        const auto tag = in.raw<std::uint8_t>();
        if ((tag & kOtherSeries) != 0)
            next = static_cast<std::uint64_t>(sum(static_cast<std::int64_t>(next), in.signed_varint()));
        if ((tag & kOtherTime) != 0) time = sum(time, in.signed_varint());
        Sample sample;
        if ((tag & kHasStep) != 0) sample.step = in.signed_varint();
        sample.value = read_value(in, tag);
        if (!in.good()) return;
        sample.at = time_from_ms(time);
        tail.next_number = std::max(tail.next_number, next + 1);
        if (known == tail.series.end() || known->first != next) known = tail.series.find(next);
        if (known != tail.series.end()) {
            known->second.samples.push_back(sample);
            ++tail.rows;
            ++known;
        }
        ++next;
    }
}

}  // namespace

void put_name(std::uint64_t number, const SeriesKey& key, std::string& out) {
    put_varint(number, out);
    put_text(key.subject, out);
    put_text(key.metric, out);
    put_text(key.device, out);
    out.push_back(key.reported ? 1 : 0);
}

void RowWriter::put(std::uint64_t series, const Sample& sample) {
    const std::int64_t at = to_ms(sample.at);
    first_ms_ = rows_ == 0 ? at : std::min(first_ms_, at);
    last_ms_ = rows_ == 0 ? at : std::max(last_ms_, at);
    const bool whole = is_small_whole(sample.value);
    std::uint8_t tag = whole ? kWhole : is_float(sample.value) ? kFloat : 0;
    if (at != time_ms_) tag |= kOtherTime;
    if (sample.step) tag |= kHasStep;
    if (series != next_) tag |= kOtherSeries;
    bytes_.push_back(static_cast<char>(tag));
    if (series != next_)
        put_zigzag(difference(static_cast<std::int64_t>(series), static_cast<std::int64_t>(next_)), bytes_);
    if (at != time_ms_) put_zigzag(difference(at, time_ms_), bytes_);
    if (sample.step) put_zigzag(*sample.step, bytes_);
    if (whole) {
        put_zigzag(static_cast<std::int64_t>(sample.value), bytes_);
    } else if ((tag & kFloat) != 0) {
        put_raw(static_cast<float>(sample.value), bytes_);
    } else {
        put_raw(sample.value, bytes_);
    }
    time_ms_ = at;
    next_ = series + 1;
    ++rows_;
}

void RowWriter::finish(std::string& out) {
    if (rows_ == 0) return;
    RecordHead head;
    head.kind = RecordKind::kRows;
    head.first_ms = first_ms_;
    head.last_ms = last_ms_;
    put_record(head, bytes_, bytes_.size(), out);
    bytes_.clear();
    rows_ = 0;
    next_ = 0;
    time_ms_ = 0;
}

Tail read_tail(std::string_view bytes, const std::function<bool(const RecordHead&)>& wanted) {
    Tail tail;
    tail.walk = walk_records(bytes, [&](const RecordHead& head, std::string_view payload) {
        if (head.kind == RecordKind::kNames) read_names(payload, tail);
        if (head.kind == RecordKind::kRows && (!wanted || wanted(head))) read_rows(payload, tail);
    });
    return tail;
}

}  // namespace pintle::series
