#include "series/sample_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "series/varint.hpp"

namespace pintle::series {

static_assert(std::endian::native == std::endian::little, "columns are little-endian");

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kGroup = 32;

enum class IntegerKind : std::uint8_t { kAboveLeast = 0, kDifferences = 1, kSecondDifferences = 2 };
// Added to the kind: nothing but zeros follows, so the groups are left out.
constexpr std::uint8_t kAllZero = 0x80;

enum class ValueKind : std::uint8_t { kConstant = 0, kDecimal = 1, kXor = 2, kRaw = 3 };

Error damaged(std::string_view what) {
    return Error{ErrorCode::kCorrupt, fmt::format("a block of samples is damaged: {}", what), {}, {}};
}

std::uint64_t as_unsigned(std::int64_t number) { return static_cast<std::uint64_t>(number); }

// ---- groups of whole numbers ----

unsigned group_width(std::span<const std::uint64_t> group) {
    std::uint64_t all = 0;
    for (const std::uint64_t number : group) all |= number;
    return static_cast<unsigned>(std::bit_width(all));
}

std::size_t packed_size(std::span<const std::uint64_t> numbers) {
    std::size_t size = 0;
    for (std::size_t at = 0; at < numbers.size(); at += kGroup) {
        const auto group = numbers.subspan(at, std::min(kGroup, numbers.size() - at));
        size += 1 + (group.size() * group_width(group) + 7) / 8;
    }
    return size;
}

void pack_group(std::span<const std::uint64_t> group, std::string& out) {
    const unsigned width = group_width(group);
    out.push_back(static_cast<char>(width));
    Wide bits = 0;
    unsigned held = 0;
    for (const std::uint64_t number : group) {
        bits |= static_cast<Wide>(number) << held;
        for (held += width; held >= 8; held -= 8, bits >>= 8)
            out.push_back(static_cast<char>(static_cast<unsigned char>(bits)));
    }
    if (held > 0) out.push_back(static_cast<char>(static_cast<unsigned char>(bits)));
}

void pack(std::span<const std::uint64_t> numbers, std::string& out) {
    for (std::size_t at = 0; at < numbers.size(); at += kGroup)
        pack_group(numbers.subspan(at, std::min(kGroup, numbers.size() - at)), out);
}

// `from` has 16 readable bytes behind the group.
void unpack_group(const char* from, unsigned width, std::size_t count, std::uint64_t* out) {
    if (width <= 57) {
        const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t bit = i * width;
            std::uint64_t word;
            std::memcpy(&word, from + bit / 8, sizeof word);
            out[i] = (word >> (bit % 8)) & mask;
        }
        return;
    }
    const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit = i * width;
        Wide word;
        std::memcpy(&word, from + bit / 8, sizeof word);
        out[i] = static_cast<std::uint64_t>(word >> (bit % 8)) & mask;
    }
}

bool unpack(Bytes& in, std::size_t count, std::uint64_t* out) {
    for (std::size_t at = 0; at < count; at += kGroup) {
        const std::size_t size = std::min(kGroup, count - at);
        const auto width = in.raw<std::uint8_t>();
        if (width > 64) in.spoil();
        const std::size_t behind = in.rest().size();
        const std::string_view packed = in.text((size * width + 7) / 8);
        if (!in.good()) return false;
        if (behind >= packed.size() + 16) {
            unpack_group(packed.data(), width, size, out + at);
        } else {
            std::array<char, kGroup * 8 + 16> padded{};
            std::memcpy(padded.data(), packed.data(), packed.size());
            unpack_group(padded.data(), width, size, out + at);
        }
    }
    return true;
}

// What is left of the numbers by each way of making them small. Arithmetic wraps around, and back.
std::vector<std::uint64_t> above(std::span<const std::int64_t> numbers, std::int64_t least) {
    std::vector<std::uint64_t> rest(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) rest[i] = as_unsigned(numbers[i]) - as_unsigned(least);
    return rest;
}

std::int64_t difference(std::int64_t to, std::int64_t from) {
    return static_cast<std::int64_t>(as_unsigned(to) - as_unsigned(from));
}

std::vector<std::uint64_t> differences(std::span<const std::int64_t> numbers) {
    std::vector<std::uint64_t> rest(numbers.size() - 1);
    for (std::size_t i = 1; i < numbers.size(); ++i) rest[i - 1] = zigzag(difference(numbers[i], numbers[i - 1]));
    return rest;
}

std::vector<std::uint64_t> second_differences(std::span<const std::int64_t> numbers) {
    std::vector<std::uint64_t> rest(numbers.size() - 2);
    for (std::size_t i = 2; i < numbers.size(); ++i) {
        rest[i - 2] =
            zigzag(difference(difference(numbers[i], numbers[i - 1]), difference(numbers[i - 1], numbers[i - 2])));
    }
    return rest;
}

bool all_zero(const std::vector<std::uint64_t>& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](std::uint64_t number) { return number == 0; });
}

void put_integers(IntegerKind kind, std::initializer_list<std::int64_t> first, const std::vector<std::uint64_t>& rest,
                  std::string& out) {
    const bool zeros = all_zero(rest);
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(kind) | (zeros ? kAllZero : 0)));
    for (const std::int64_t number : first) put_zigzag(number, out);
    if (!zeros) pack(rest, out);
}

// ---- decimal fractions ----

constexpr int kMostDigits = 15;
constexpr std::array<double, kMostDigits + 1> kPower{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
// Whole numbers up to here are doubles, and adding a half to them is exact.
constexpr double kExact = 4503599627370496.0;

// The whole number that this many digits make of the value, if it makes the value again.
bool scale(double value, int digits, std::int64_t& out) {
    const double scaled = value * kPower[static_cast<std::size_t>(digits)];
    if (!(std::fabs(scaled) < kExact)) return false;
    out = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    const double again = static_cast<double>(out) / kPower[static_cast<std::size_t>(digits)];
    return std::bit_cast<std::uint64_t>(again) == std::bit_cast<std::uint64_t>(value);
}

// How many digits nearly all values need; nothing where too many need more than there are.
std::optional<int> common_digits(std::span<const double> values) {
    std::array<std::size_t, kMostDigits + 2> needing{};
    const std::size_t most_odd = values.size() / 32 + 1;
    for (const double value : values) {
        int digits = 0;
        std::int64_t ignored;
        while (digits <= kMostDigits && !scale(value, digits, ignored)) ++digits;
        if (++needing[static_cast<std::size_t>(digits)] > most_odd && digits > kMostDigits) return std::nullopt;
    }
    std::size_t odd = needing.back();
    for (int digits = kMostDigits; digits >= 0; --digits) {
        odd += needing[static_cast<std::size_t>(digits)];
        if (odd > most_odd) return digits;
    }
    return 0;
}

// How many zeros all of them end with.
int common_zeros(std::vector<std::int64_t>& numbers) {
    int zeros = 0;
    while (zeros < kMostDigits) {
        bool any = false;
        for (const std::int64_t number : numbers) {
            if (number % 10 != 0) return zeros;
            any = any || number != 0;
        }
        if (!any) return zeros;
        for (std::int64_t& number : numbers) number /= 10;
        ++zeros;
    }
    return zeros;
}

bool put_decimal(std::span<const double> values, std::string& out) {
    const std::optional<int> digits = common_digits(values);
    if (!digits) return false;
    std::vector<std::int64_t> scaled(values.size());
    std::vector<std::size_t> odd;
    std::int64_t last = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!scale(values[i], *digits, scaled[i])) {
            odd.push_back(i);
            scaled[i] = last;
        }
        last = scaled[i];
    }
    const int zeros = *digits == 0 ? common_zeros(scaled) : 0;
    out.push_back(static_cast<char>(ValueKind::kDecimal));
    out.push_back(static_cast<char>(*digits - zeros));
    put_varint(odd.size(), out);
    std::size_t before = 0;
    for (const std::size_t at : odd) {
        put_varint(at - before, out);
        put_raw(values[at], out);
        before = at;
    }
    encode_integers(scaled, out);
    return true;
}

Result<void> take_decimal(Bytes in, std::size_t count, std::vector<double>& out) {
    const int digits = in.raw<std::int8_t>();
    const std::uint64_t odd = in.varint();
    if (!in.good() || digits > kMostDigits || digits < -kMostDigits || odd > count)
        return fail(damaged("its decimals"));
    std::vector<std::pair<std::size_t, double>> patches;
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < odd; ++i) {
        const std::uint64_t step = in.varint();
        const auto value = in.raw<double>();
        if (!in.good() || step >= count || (at += step) >= count) return fail(damaged("its exceptions"));
        patches.emplace_back(at, value);
    }
    static thread_local std::vector<std::int64_t> numbers;
    TRY(decode_integers(in.rest(), count, numbers));
    out.resize(count);
    const double power = kPower[static_cast<std::size_t>(std::abs(digits))];
    if (digits == 0) {
        for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(numbers[i]);
    } else if (digits > 0) {
        for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(numbers[i]) / power;
    } else {
        for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(numbers[i]) * power;
    }
    for (const auto& [place, value] : patches) out[place] = value;
    return {};
}

// ---- all other values: Gorilla's XOR of neighbours ----

class BitWriter {
public:
    explicit BitWriter(std::string& out) : out_(out) {}
    ~BitWriter() {
        if (held_ > 0) out_.push_back(static_cast<char>(static_cast<unsigned char>(bits_)));
    }
    BitWriter(const BitWriter&) = delete;
    BitWriter& operator=(const BitWriter&) = delete;

    void put(std::uint64_t bits, unsigned width) {
        bits_ |= static_cast<Wide>(bits) << held_;
        for (held_ += width; held_ >= 8; held_ -= 8, bits_ >>= 8)
            out_.push_back(static_cast<char>(static_cast<unsigned char>(bits_)));
    }

private:
    std::string& out_;
    Wide bits_ = 0;
    unsigned held_ = 0;
};

class BitReader {
public:
    explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] std::uint64_t take(unsigned width) {
        while (held_ < width) {
            if (at_ == bytes_.size()) {
                good_ = false;
                return 0;
            }
            bits_ |= static_cast<Wide>(static_cast<unsigned char>(bytes_[at_++])) << held_;
            held_ += 8;
        }
        const std::uint64_t taken =
            static_cast<std::uint64_t>(bits_) & (width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1);
        bits_ >>= width;
        held_ -= width;
        return taken;
    }

private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    Wide bits_ = 0;
    unsigned held_ = 0;
    bool good_ = true;
};

void put_xor(std::span<const double> values, std::string& out) {
    out.push_back(static_cast<char>(ValueKind::kXor));
    BitWriter bits(out);
    std::uint64_t last = std::bit_cast<std::uint64_t>(values.front());
    bits.put(last, 64);
    unsigned leading = 65, trailing = 0;  // No window yet.
    for (const double value : values.subspan(1)) {
        const std::uint64_t now = std::bit_cast<std::uint64_t>(value);
        const std::uint64_t changed = now ^ last;
        last = now;
        if (changed == 0) {
            bits.put(0, 1);
            continue;
        }
        const auto zeros_before = static_cast<unsigned>(std::min(31, std::countl_zero(changed)));
        const auto zeros_behind = static_cast<unsigned>(std::countr_zero(changed));
        if (leading <= zeros_before && trailing <= zeros_behind) {
            bits.put(0b01, 2);
        } else {
            leading = zeros_before;
            trailing = zeros_behind;
            bits.put(0b11, 2);
            bits.put(leading, 5);
            bits.put(63 - leading - trailing, 6);
        }
        bits.put(changed >> trailing, 64 - leading - trailing);
    }
}

Result<void> take_xor(std::string_view bytes, std::size_t count, std::vector<double>& out) {
    BitReader bits(bytes);
    out.resize(count);
    std::uint64_t last = bits.take(64);
    out[0] = std::bit_cast<double>(last);
    unsigned leading = 0, size = 64;
    for (std::size_t i = 1; i < count; ++i) {
        if (bits.take(1) == 1) {
            if (bits.take(1) == 1) {
                leading = static_cast<unsigned>(bits.take(5));
                size = static_cast<unsigned>(bits.take(6)) + 1;
                if (leading + size > 64) return fail(damaged("a window of its values"));
            }
            last ^= bits.take(size) << (64 - leading - size);
        }
        out[i] = std::bit_cast<double>(last);
    }
    if (!bits.good()) return fail(damaged("its values end early"));
    return {};
}

bool all_equal(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [&](double value) {
        return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(values.front());
    });
}

}  // namespace

void encode_integers(std::span<const std::int64_t> numbers, std::string& out) {
    if (numbers.empty()) return;
    const std::int64_t least = *std::min_element(numbers.begin(), numbers.end());
    const auto plain = above(numbers, least);
    const auto first = differences(numbers);
    const std::size_t plain_size = packed_size(plain);
    const std::size_t first_size = packed_size(first);
    if (numbers.size() > 2) {
        const auto second = second_differences(numbers);
        if (packed_size(second) < std::min(plain_size, first_size)) {
            return put_integers(IntegerKind::kSecondDifferences, {numbers[0], difference(numbers[1], numbers[0])},
                                second, out);
        }
    }
    if (first_size < plain_size) return put_integers(IntegerKind::kDifferences, {numbers[0]}, first, out);
    put_integers(IntegerKind::kAboveLeast, {least}, plain, out);
}

Result<void> decode_integers(std::string_view bytes, std::size_t count, std::vector<std::int64_t>& out) {
    if (count > kMaxColumn) return fail(damaged("its length"));
    out.resize(count);
    if (count == 0) return {};
    Bytes in(bytes);
    const auto tag = in.raw<std::uint8_t>();
    const bool zeros = (tag & kAllZero) != 0;
    const unsigned skipped = tag & ~kAllZero;
    if (skipped > 2 || skipped > count) return fail(damaged("the kind of its numbers"));
    const auto first = as_unsigned(in.signed_varint());
    const std::uint64_t step = skipped == 2 ? as_unsigned(in.signed_varint()) : 0;
    auto* numbers = reinterpret_cast<std::uint64_t*>(out.data());
    if (zeros) {
        std::fill(numbers + skipped, numbers + count, 0);
    } else {
        unpack(in, count - skipped, numbers + skipped);
    }
    if (!in.good()) return fail(damaged("its numbers end early"));
    if (skipped == 0) {
        for (std::size_t i = 0; i < count; ++i) numbers[i] += first;
    } else if (skipped == 1) {
        std::uint64_t last = numbers[0] = first;
        for (std::size_t i = 1; i < count; ++i) numbers[i] = last += as_unsigned(unzigzag(numbers[i]));
    } else {
        std::uint64_t speed = step;
        std::uint64_t last = numbers[1] = (numbers[0] = first) + step;
        for (std::size_t i = 2; i < count; ++i) numbers[i] = last += speed += as_unsigned(unzigzag(numbers[i]));
    }
    return {};
}

void encode_values(std::span<const double> values, std::string& out) {
    if (values.empty()) return;
    if (all_equal(values)) {
        out.push_back(static_cast<char>(ValueKind::kConstant));
        put_raw(values.front(), out);
        return;
    }
    std::string best;
    const std::size_t raw_size = 1 + values.size() * sizeof(double);
    if (!put_decimal(values, best) || best.size() > values.size() * 3) {
        std::string other;
        put_xor(values, other);
        if (best.empty() || other.size() < best.size()) best = std::move(other);
    }
    if (best.size() < raw_size) {
        out += best;
        return;
    }
    out.push_back(static_cast<char>(ValueKind::kRaw));
    for (const double value : values) put_raw(value, out);
}

Result<void> decode_values(std::string_view bytes, std::size_t count, std::vector<double>& out) {
    if (count > kMaxColumn) return fail(damaged("its length"));
    out.clear();
    if (count == 0) return {};
    Bytes in(bytes);
    switch (static_cast<ValueKind>(in.raw<std::uint8_t>())) {
        case ValueKind::kConstant: out.assign(count, in.raw<double>()); break;
        case ValueKind::kDecimal: return take_decimal(in, count, out);
        case ValueKind::kXor: return take_xor(in.rest(), count, out);
        case ValueKind::kRaw:
            out.resize(count);
            for (double& value : out) value = in.raw<double>();
            break;
        default: return fail(damaged("the kind of its values"));
    }
    if (!in.good()) return fail(damaged("its values end early"));
    return {};
}

}  // namespace pintle::series
