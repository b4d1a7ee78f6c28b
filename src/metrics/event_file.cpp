#include "metrics/event_file.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.hpp"

namespace pintle::metrics {
namespace {

constexpr std::size_t kHeadBytes = 12;
constexpr std::size_t kFootBytes = 4;
constexpr std::size_t kValuesMax = 10'000;  // Of one event.

std::uint32_t masked_sum(std::string_view bytes) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return std::rotr(static_cast<std::uint32_t>(crc.checksum()), 15) + 0xa282ead8U;
}

template <class T>
T little_endian(std::string_view bytes) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return value;
}

/// A field of a message in protocol buffers' wire format.
struct Field {
    std::uint64_t number = 0;
    int type = 0;             ///< 0: a number in `value`, 1: 8 bytes, 2: bytes of any length, 5: 4 bytes.
    std::uint64_t value = 0;
    std::string_view bytes;
};

class Message {
public:
    explicit Message(std::string_view bytes) : rest_(bytes) {}

    /// Nothing at the end, and when the rest is no message.
    std::optional<Field> next() {
        if (rest_.empty()) return std::nullopt;
        Field field;
        const auto tag = varint();
        if (!tag) return std::nullopt;
        field.number = *tag >> 3;
        field.type = static_cast<int>(*tag & 7);
        std::optional<std::uint64_t> size;
        switch (field.type) {
            case 0: {
                const auto value = varint();
                if (!value) return std::nullopt;
                field.value = *value;
                return field;
            }
            case 1: size = 8; break;
            case 2: size = varint(); break;
            case 5: size = 4; break;
            default: return std::nullopt;
        }
        if (!size || *size > rest_.size()) return std::nullopt;
        field.bytes = rest_.substr(0, *size);
        rest_.remove_prefix(*size);
        return field;
    }

private:
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
            const auto byte = static_cast<unsigned char>(rest_[i]);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
            if ((byte & 0x80) != 0) continue;
            rest_.remove_prefix(i + 1);
            return value;
        }
        return std::nullopt;
    }

    std::string_view rest_;
};

double float_of(std::string_view bytes) { return std::bit_cast<float>(little_endian<std::uint32_t>(bytes)); }
double double_of(std::string_view bytes) { return std::bit_cast<double>(little_endian<std::uint64_t>(bytes)); }

double half_of(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31) return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
    return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25));
}

double bfloat_of(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

// As TensorFlow's DataType numbers them.
enum TensorType { kFloat = 1, kDouble = 2, kInt32 = 3, kInt64 = 9, kBfloat = 14, kHalf = 19 };

/// The one element of a tensor's content.
std::optional<double> element_of(std::uint64_t type, std::string_view content) {
    if (type == kFloat && content.size() == 4) return float_of(content);
    if (type == kDouble && content.size() == 8) return double_of(content);
    if (type == kInt32 && content.size() == 4) return static_cast<std::int32_t>(little_endian<std::uint32_t>(content));
    if (type == kInt64 && content.size() == 8)
        return static_cast<double>(static_cast<std::int64_t>(little_endian<std::uint64_t>(content)));
    if (type == kHalf && content.size() == 2) return half_of(little_endian<std::uint16_t>(content));
    if (type == kBfloat && content.size() == 2) return bfloat_of(little_endian<std::uint16_t>(content));
    return std::nullopt;
}

/// One number, alone or as a list of one.
std::optional<std::uint64_t> number_of(const Field& field) {
    if (field.type == 0) return field.value;
    const std::string tagged = std::string(1, '\0') + std::string(field.bytes);
    const auto inner = Message(tagged).next();
    const bool is_one =
        inner && std::count_if(field.bytes.begin(), field.bytes.end(), [](char c) { return (c & 0x80) == 0; }) == 1;
    return is_one ? std::optional(inner->value) : std::nullopt;
}

std::optional<double> tensor_value(std::string_view bytes) {
    std::uint64_t type = 0;
    std::optional<double> found;
    std::string_view content;
    Message message(bytes);
    while (const auto field = message.next()) {
        if (field->number == 1 && field->type == 0) type = field->value;
        if (field->number == 4 && field->type == 2) content = field->bytes;
        if (field->number == 5 && field->bytes.size() == 4) found = float_of(field->bytes);
        if (field->number == 6 && field->bytes.size() == 8) found = double_of(field->bytes);
        if (field->number == 7 || field->number == 10) {
            if (const auto number = number_of(*field)) found = static_cast<double>(static_cast<std::int64_t>(*number));
        }
        if (field->number == 13) {
            if (const auto number = number_of(*field)) {
                const auto bits = static_cast<std::uint16_t>(*number);
                found = type == kBfloat ? bfloat_of(bits) : half_of(bits);
            }
        }
    }
    return found ? found : element_of(type, content);
}

std::optional<ReportedValue> read_value(std::string_view bytes) {
    ReportedValue value;
    std::optional<double> number;
    Message message(bytes);
    while (const auto field = message.next()) {
        if (field->number == 1 && field->type == 2) value.name = std::string(field->bytes);
        if (field->number == 2 && field->type == 5) number = float_of(field->bytes);
        if (field->number == 8 && field->type == 2) number = tensor_value(field->bytes);
    }
    if (!number || !is_value_name(value.name)) return std::nullopt;
    value.value = *number;
    return value;
}

}  // namespace

EventRecord read_event_record(std::string_view bytes) {
    using Kind = EventRecord::Kind;
    if (bytes.size() < kHeadBytes) return {};
    if (masked_sum(bytes.substr(0, 8)) != little_endian<std::uint32_t>(bytes.substr(8))) return {Kind::kDamaged, {}, 0};
    const auto length = little_endian<std::uint64_t>(bytes);
    if (length > std::uint64_t{1} << 40) return {Kind::kDamaged, {}, 0};
    const std::uint64_t size = kHeadBytes + length + kFootBytes;
    if (length > kEventRecordMax) return {Kind::kTooLarge, {}, size};
    if (bytes.size() < size) return {Kind::kCutOff, {}, size};
    const std::string_view data = bytes.substr(kHeadBytes, length);
    if (masked_sum(data) != little_endian<std::uint32_t>(bytes.substr(kHeadBytes + length)))
        return {Kind::kDamaged, {}, 0};
    return {Kind::kWhole, data, size};
}

std::vector<ReportedValue> read_event(std::string_view data) {
    std::vector<ReportedValue> values;
    std::optional<Time> at;
    std::optional<std::int64_t> step;
    Message event(data);
    while (const auto field = event.next()) {
        if (field->number == 1 && field->type == 1) at = time_from_number(double_of(field->bytes));
        if (field->number == 2 && field->type == 0) step = static_cast<std::int64_t>(field->value);
        if (field->number != 5 || field->type != 2) continue;
        Message summary(field->bytes);
        while (const auto inner = summary.next()) {
            if (inner->number != 1 || inner->type != 2 || values.size() >= kValuesMax) continue;
            if (auto value = read_value(inner->bytes)) values.push_back(std::move(*value));
        }
    }
    for (ReportedValue& value : values) {
        value.at = at;
        // The first step is 0, which the format leaves out.
        value.step = step.value_or(0);
    }
    return values;
}

std::string make_event_record(std::string_view data) {
    std::string out;
    const auto put = [&](std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    };
    put(data.size(), 8);
    put(masked_sum(out), 4);
    out += data;
    put(masked_sum(data), 4);
    return out;
}

}  // namespace pintle::metrics
