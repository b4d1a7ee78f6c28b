#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::series {

/// Columns of numbers as few bytes: what the blocks of a sample folder are made of (ADR 20).
///
/// Whole numbers are packed by 64 with as many bits as the largest of the 64 needs, after the transformation that
/// makes them smallest: as they are above their least, their differences, or the differences of those (the idea of
/// Gorilla, Pelkonen et al., VLDB 2015, for times).
/// Values that are decimal fractions, as everything measured and most of what people print, become whole numbers
/// times a power of ten (as in ALP, Afroozeh et al., SIGMOD 2024); the others are written as Gorilla's XOR of
/// neighbours. Every double comes back bit by bit, NaN, infinities and minus zero too.
///
/// Pure functions. Failure: kCorrupt for bytes that no encoder wrote; never more than `count` numbers are made.

/// Most numbers in one column.
inline constexpr std::size_t kMaxColumn = 1 << 16;

void encode_integers(std::span<const std::int64_t> numbers, std::string& out);
[[nodiscard]] Result<void> decode_integers(std::string_view bytes, std::size_t count, std::vector<std::int64_t>& out);

void encode_values(std::span<const double> values, std::string& out);
[[nodiscard]] Result<void> decode_values(std::string_view bytes, std::size_t count, std::vector<double>& out);

}  // namespace pintle::series
