#include "series/log_place.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "base/text.hpp"

namespace pintle::series {

static_assert(std::endian::native == std::endian::little, "index records are little-endian");

namespace {

// Vector extensions of both compilers: counting must keep up with the disk cache also without -O3.
using Block = unsigned char __attribute__((vector_size(16)));

constexpr std::uint32_t kVersion = 1;
// More than any stream has, and little enough that adding to it cannot wrap around.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 60;

std::uint32_t check_sum(const std::array<std::uint64_t, 4>& words, std::uint64_t segment) {
    std::uint64_t sum = 0x70696e746c653031ULL ^ segment;
    for (const std::uint64_t word : words) {
        sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
        sum ^= sum >> 29;
    }
    return static_cast<std::uint32_t>(sum >> 32);
}

std::string segment_path(const std::string& folder, std::uint64_t segment, std::string_view suffix) {
    return fmt::format("{}/{:08}{}", folder, segment, suffix);
}

}  // namespace

std::size_t count_newlines(std::string_view bytes) {
    std::size_t count = 0;
    const Block newline = Block{} + static_cast<unsigned char>('\n');
    while (bytes.size() >= sizeof(Block)) {
        // A lane holds up to 255, so it is emptied before it can overflow.
        const std::size_t blocks = std::min<std::size_t>(bytes.size() / sizeof(Block), 255);
        Block lanes{};
        for (std::size_t i = 0; i < blocks; ++i) {
            Block block;
            std::memcpy(&block, bytes.data() + i * sizeof(Block), sizeof block);
            lanes -= reinterpret_cast<Block>(block == newline);
        }
        for (std::size_t i = 0; i < sizeof(Block); ++i) count += lanes[i];
        bytes.remove_prefix(blocks * sizeof(Block));
    }
    for (const char c : bytes) count += c == '\n' ? 1 : 0;
    return count;
}

LogPlace advance(LogPlace place, std::string_view bytes) {
    if (const std::size_t newlines = count_newlines(bytes); newlines > 0) {
        place.line += newlines;
        place.line_start = place.offset + bytes.rfind('\n') + 1;
    }
    place.offset += bytes.size();
    return place;
}

std::size_t unfinished_utf8(std::string_view text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80) continue;
        const std::size_t length = byte >= 0xF0 && byte < 0xF5   ? 4
                                   : byte >= 0xE0 && byte < 0xF0 ? 3
                                   : byte >= 0xC2 && byte < 0xE0 ? 2
                                                                 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

void encode_record(const IndexRecord& record, std::uint64_t segment, char* out) {
    const std::array<std::uint64_t, 4> words{record.place.offset, record.place.line, record.place.line_start,
                                             static_cast<std::uint64_t>(to_ms(record.time))};
    const std::uint32_t tail[2] = {kVersion, check_sum(words, segment)};
    std::memcpy(out, words.data(), sizeof words);
    std::memcpy(out + sizeof words, tail, sizeof tail);
}

std::optional<IndexRecord> decode_record(const char* bytes, std::uint64_t segment) {
    std::array<std::uint64_t, 4> words{};
    std::uint32_t tail[2];
    std::memcpy(words.data(), bytes, sizeof words);
    std::memcpy(tail, bytes + sizeof words, sizeof tail);
    if (tail[0] != kVersion || tail[1] != check_sum(words, segment)) return std::nullopt;
    const LogPlace place{words[0], words[1], words[2]};
    if (place.line == 0 || place.line > kMostBytes || place.offset > kMostBytes || place.line_start > place.offset)
        return std::nullopt;
    return IndexRecord{place, time_from_ms(static_cast<std::int64_t>(words[3]))};
}

std::string log_path(const std::string& folder, std::uint64_t segment) { return segment_path(folder, segment, ".log"); }
std::string index_path(const std::string& folder, std::uint64_t segment) {
    return segment_path(folder, segment, ".idx");
}

std::optional<std::uint64_t> segment_number(std::string_view name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    if (name.size() < 8 || name.size() > 16 || name.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    const auto number = parse_int(name);
    if (!number || *number <= 0 || fmt::format("{:08}", *number) != name) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

}  // namespace pintle::series
