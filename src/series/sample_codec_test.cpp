#include "series/sample_codec.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/rng.hpp"

using namespace pintle;
using namespace pintle::series;

namespace {

std::vector<double> there_and_back(const std::vector<double>& values, std::size_t* size = nullptr) {
    std::string bytes;
    encode_values(values, bytes);
    if (size != nullptr) *size = bytes.size();
    std::vector<double> again;
    const auto done = decode_values(bytes, values.size(), again);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : describe(done.error())));
    return again;
}

std::vector<std::int64_t> there_and_back(const std::vector<std::int64_t>& numbers) {
    std::string bytes;
    encode_integers(numbers, bytes);
    std::vector<std::int64_t> again;
    REQUIRE(decode_integers(bytes, numbers.size(), again).has_value());
    return again;
}

void check_same(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(i);
        REQUIRE(std::bit_cast<std::uint64_t>(a[i]) == std::bit_cast<std::uint64_t>(b[i]));
    }
}

// Of every kind that anybody measures or reports, and of kinds that nobody should.
double any_value(Rng& rng, unsigned kind, double before) {
    switch (kind) {
        case 0: return static_cast<double>(rng.below(101));
        case 1: return static_cast<double>(rng.below(100'000)) / 100;
        case 2: return before + static_cast<double>(rng.below(3)) - 1;
        case 3: return std::bit_cast<double>(rng.next());
        case 4:
            return static_cast<double>(static_cast<float>(before) * 0.99F + static_cast<float>(rng.below(100)) / 997);
        case 5: return static_cast<double>(rng.below(10)) * 1e9;
        case 6: return rng.chance(10) ? std::numeric_limits<double>::quiet_NaN() : 0.25;
        case 7: return rng.chance(50) ? -0.0 : 0.0;
        case 8:
            return rng.chance(2) ? std::numeric_limits<double>::infinity() : static_cast<double>(rng.below(50)) / 10;
        default: return -static_cast<double>(rng.below(1U << 30)) / 1e6;
    }
}

}  // namespace

TEST_CASE("values of every kind come back bit by bit") {
    Rng rng(1);
    for (int round = 0; round < 3000; ++round) {
        CAPTURE(round);
        std::vector<double> values;
        unsigned kind = static_cast<unsigned>(rng.below(10));
        for (std::size_t left = 1 + rng.below(round % 10 == 0 ? 3000 : 100); left > 0; --left) {
            if (rng.chance(1)) kind = static_cast<unsigned>(rng.below(10));
            values.push_back(any_value(rng, kind, values.empty() ? 1 : values.back()));
        }
        check_same(there_and_back(values), values);
    }
}

TEST_CASE("the extremes of numbers come back") {
    using Limits = std::numeric_limits<double>;
    check_same(there_and_back(std::vector<double>{}), {});
    for (const double value :
         {0.0, -0.0, Limits::max(), Limits::lowest(), Limits::denorm_min(), Limits::infinity(), -Limits::infinity(),
          Limits::quiet_NaN(), 0.1, 9007199254740993.0, 4503599627370497.0, 1e15, 1e22}) {
        check_same(there_and_back(std::vector<double>{value}), {value});
        check_same(there_and_back(std::vector<double>{value, 1, value, value, 0.5}), {value, 1, value, value, 0.5});
    }
    const std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       most = std::numeric_limits<std::int64_t>::max();
    for (const std::vector<std::int64_t>& numbers : std::vector<std::vector<std::int64_t>>{
             {}, {0}, {least}, {most}, {least, most}, {most, least, most, 0, -1}, {1, 2, 3, 4}, {5, 5, 5}}) {
        CHECK(there_and_back(numbers) == numbers);
    }
}

TEST_CASE("whole numbers of every width come back") {
    Rng rng(2);
    for (unsigned width = 0; width <= 64; ++width) {
        for (const std::size_t count : {1, 2, 31, 32, 33, 64, 100}) {
            std::vector<std::int64_t> numbers;
            for (std::size_t i = 0; i < count; ++i) {
                numbers.push_back(static_cast<std::int64_t>(width == 0 ? 0 : rng.next() >> (64 - width)));
            }
            CHECK(there_and_back(numbers) == numbers);
        }
    }
}

TEST_CASE("what is steady costs next to nothing, and decimals cost their digits only") {
    std::string bytes;
    std::vector<std::int64_t> times;
    for (int i = 0; i < 1000; ++i) times.push_back(1'700'000'000'000 + i * 10'000);
    encode_integers(times, bytes);
    CHECK(bytes.size() < 16);
    std::size_t size = 0;
    there_and_back(std::vector<double>(1000, 7.25), &size);
    CHECK(size == 9);
    Rng rng(3);
    std::vector<double> percent, rates;
    for (int i = 0; i < 1000; ++i) {
        percent.push_back(static_cast<double>(rng.below(1000)) / 10);
        rates.push_back(static_cast<double>(rng.below(1000)) * 1e6);
    }
    there_and_back(percent, &size);
    CHECK(size < 1300);  // ten bits
    there_and_back(rates, &size);
    CHECK(size < 1300);
    percent[500] = std::numeric_limits<double>::quiet_NaN();
    percent[600] = 1.0 / 3;
    there_and_back(percent, &size);
    CHECK(size < 1330);
}

TEST_CASE("damaged columns are refused or read as something, and never as more than there should be") {
    Rng rng(4);
    std::vector<double> values, out;
    std::vector<std::int64_t> numbers;
    for (int round = 0; round < 20'000; ++round) {
        values.clear();
        const auto kind = static_cast<unsigned>(rng.below(10));
        for (std::size_t left = 1 + rng.below(80); left > 0; --left)
            values.push_back(any_value(rng, kind, values.empty() ? 1 : values.back()));
        std::string bytes;
        encode_values(values, bytes);
        for (std::size_t flips = 1 + rng.below(3); flips > 0; --flips)
            bytes[rng.below(bytes.size())] = static_cast<char>(rng.next());
        bytes.resize(bytes.size() - rng.below(std::min<std::size_t>(3, bytes.size())));
        if (decode_values(bytes, values.size(), out)) CHECK(out.size() == values.size());
        if (decode_integers(bytes, values.size(), numbers)) CHECK(numbers.size() == values.size());
    }
    CHECK_FALSE(decode_values("", 1, out).has_value());
    CHECK_FALSE(decode_values(std::string(100, '\0'), kMaxColumn + 1, out).has_value());
    CHECK_FALSE(decode_integers("", 1, numbers).has_value());
}
