#include "base/text.hpp"
#include "scratch_folder.hpp"
#include "series/log_follow.hpp"
#include "series/log_place.hpp"
#include "series/log_reader.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

/// What the input makes of one stream on disk.
struct Stream {
    std::string bytes;          ///< Of all segments.
    bool is_plain = true;       ///< Numbered from 1 without a gap, and no index record has a valid check sum.
};

std::string index_bytes(Input& input, std::uint64_t segment, bool& has_records) {
    std::string index;
    for (int records = input.byte() % 5; records > 0; --records) {
        const std::uint8_t kind = input.byte();
        if (kind % 3 == 0) {
            index += input.text(kind % 50);
            continue;
        }
        // A check sum that fits over numbers that need not: near ones mostly, any at times.
        const auto number = [&] { return kind % 3 == 1 ? std::uint64_t{input.word()} : input.number(); };
        series::IndexRecord record;
        record.place.offset = number();
        record.place.line = number();
        record.place.line_start = number();
        record.time = time_from_ms(static_cast<std::int64_t>(number()));
        char encoded[series::kRecordBytes];
        series::encode_record(record, segment, encoded);
        index.append(encoded, sizeof encoded);
        has_records = true;
    }
    return index;
}

std::string segment_bytes(Input& input) {
    const std::uint16_t shape = input.word();
    std::string bytes(input.text(shape % 500));
    // Long lines are cut at 64 KiB; an input need not be as long as they are.
    if (shape % 7 == 0 && !bytes.empty()) {
        const std::string unit = bytes;
        while (bytes.size() < 70'000) bytes += unit;
    }
    return bytes;
}

Stream make_stream(Input& input, const std::string& folder) {
    Stream stream;
    std::uint64_t number = 0;
    for (int segments = 1 + input.byte() % 4; segments > 0; --segments) {
        const std::uint8_t step = input.byte();
        number += step >= 250 ? 2 : 1;
        stream.is_plain = stream.is_plain && step < 250;
        bool has_records = false;
        const std::string bytes = segment_bytes(input);
        const std::string index = index_bytes(input, number, has_records);
        write_file(series::log_path(folder, number), bytes);
        if (step % 4 != 0) write_file(series::index_path(folder, number), index);
        if (step % 4 != 0 && has_records) stream.is_plain = false;
        stream.bytes += bytes;
    }
    return stream;
}

series::LogQuery make_query(Input& input) {
    series::LogQuery query;
    const std::uint8_t kind = input.byte();
    query.from = static_cast<series::LogQuery::From>(kind % 5);
    query.at = kind & 0x80 ? input.number() : input.word();
    query.max_lines = input.byte() % 40;
    query.max_bytes = input.word();
    query.valid_utf8 = kind & 0x20;
    query.ended = kind & 0x40;
    return query;
}

void check_page(const series::LogPage& page, const series::LogQuery& query) {
    require(page.lines.size() <= std::max<std::size_t>(1, query.max_lines), "a page keeps its limit of lines");
    require(page.begin_offset <= page.next_offset && page.begin_line <= page.next_line, "a page goes forward");
    require(page.lines.size() <= 1 || page.next_offset - page.begin_offset <= std::max<std::size_t>(1, query.max_bytes),
            "a page keeps its limit of bytes");
    std::uint64_t offset = page.begin_offset;
    for (const series::LogLine& line : page.lines) {
        require(line.offset == offset, "the pieces of a page follow one another");
        require(line.text.size() <= (series::kPieceBytes + 4) * (query.valid_utf8 ? 3 : 1), "a piece keeps its limit");
        require(!query.valid_utf8 || to_valid_utf8(line.text) == line.text, "a text is UTF-8");
        offset = &line == &page.lines.back() ? page.next_offset : (&line + 1)->offset;
        require(offset > line.offset, "a piece is not empty");
    }
}

/// Reads on from page to page, as a client does, and gives all bytes as lines with plain ends.
std::string read_all(const series::LogReader& reader) {
    std::string text;
    series::LogQuery query = series::LogQuery::from_offset(0, 700);
    query.valid_utf8 = false;
    query.ended = true;
    for (int pages = 0;; ++pages) {
        require(pages < 1000, "reading on comes to an end");
        const auto page = reader.read(query);
        if (!page) return text;
        check_page(*page, query);
        for (const series::LogLine& line : page->lines) text += line.text + (line.ends ? "\n" : "");
        if (!page->more_after) return text;
        require(page->next_offset > query.at, "a page with more behind it goes on");
        query.at = page->next_offset;
    }
}

void check_plain(const series::LogReader& reader, const Stream& stream) {
    const auto info = must(reader.info(), "a stream without a useful index can be read");
    require(info.bytes == stream.bytes.size() && info.first_offset == 0, "a stream has all its bytes");
    require(read_all(reader) == replace_all(stream.bytes, "\r\n", "\n"), "a stream reads as it was written");
}

void check_search(const series::LogReader& reader, Input& input) {
    series::LogSearch search;
    search.pattern = input.text(4);
    search.from_line = input.byte();
    search.max_matches = 1 + input.byte() % 20;
    search.max_bytes = input.word();
    const auto matches = reader.search(search);
    if (!matches) return;
    require(matches->lines.size() <= search.max_matches, "a search keeps its limit of matches");
}

}  // namespace

// Garbage on disk: reading answers or refuses, in bounded time, within the limits of a page.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScratchFolder folder;
    folder.clear();
    Input input(data, size);
    const series::LogQuery query = make_query(input);
    const Stream stream = make_stream(input, folder.path());
    const series::LogReader reader(folder.path());
    if (stream.is_plain) {
        check_plain(reader, stream);
    } else {
        (void)read_all(reader);
    }
    if (const auto page = reader.read(query)) check_page(*page, query);
    (void)reader.info();
    check_search(reader, input);
    const series::LogCursor cursor{input.number() >> 1, std::max<std::uint64_t>(1, input.number() >> 1)};
    require(must(series::LogCursor::parse(cursor.to_text()), "a cursor can be read") == cursor, "a cursor reads the same");
    if (const auto followed = series::follow(reader, cursor, query)) check_page(followed->page, query);
    (void)series::LogCursor::parse(input.text(40));
    return 0;
}
