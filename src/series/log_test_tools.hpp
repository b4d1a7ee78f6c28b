#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "series/log_reader.hpp"
#include "series/log_writer.hpp"

namespace pintle::series::test {

/// What the tests of this module share. Failures abort the test case.

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(describe(result.error()));
    return std::move(*result);
}

inline Time at_ms(std::int64_t ms) { return time_from_ms(1'700'000'000'000 + ms); }

inline LogWriter open_writer(const std::string& folder, LogWriterOptions options = {}) {
    return must(LogWriter::open(folder, std::move(options)));
}

inline std::string read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::vector<std::string> texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> out;
    for (const LogLine& line : lines) out.push_back(line.text);
    return out;
}

inline std::vector<std::uint64_t> numbers(const std::vector<LogLine>& lines) {
    std::vector<std::uint64_t> out;
    for (const LogLine& line : lines) out.push_back(line.number);
    return out;
}

/// The lines that a stream of these bytes has, made the plain way: pieces of long lines are not joined.
inline std::vector<std::string> reference_lines(std::string_view bytes) {
    std::vector<std::string> lines = split(bytes, '\n');
    if (lines.back().empty()) lines.pop_back();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool ended = i + 1 < lines.size() || bytes.ends_with('\n');
        if (ended && lines[i].ends_with('\r')) lines[i].pop_back();
    }
    return lines;
}

/// Reads the whole stream forward in small pages; pieces of a line are joined.
inline std::vector<std::string> read_all(const LogReader& reader, std::size_t page_lines = 37) {
    std::vector<std::string> lines;
    std::uint64_t offset = 0;
    for (bool more = true; more;) {
        LogQuery query = LogQuery::from_offset(offset, page_lines);
        query.valid_utf8 = false;
        query.ended = true;
        const LogPage page = must(reader.read(query));
        for (const LogLine& line : page.lines) {
            if (line.starts) {
                lines.push_back(line.text);
            } else {
                REQUIRE(!lines.empty());
                lines.back() += line.text;
            }
            CHECK(line.number == lines.size());
        }
        offset = page.next_offset;
        more = page.more_after;
    }
    return lines;
}

/// The same from the end backward.
inline std::vector<std::string> read_all_backward(const LogReader& reader, std::size_t page_lines = 41) {
    std::vector<LogLine> all;
    LogQuery query = LogQuery::tail(page_lines);
    query.valid_utf8 = false;
    query.ended = true;
    for (bool more = true; more;) {
        LogPage page = must(reader.read(query));
        all.insert(all.begin(), page.lines.begin(), page.lines.end());
        query.from = LogQuery::From::kBeforeOffset;
        query.at = page.begin_offset;
        more = page.more_before;
    }
    std::vector<std::string> lines;
    for (const LogLine& line : all) {
        if (line.starts) {
            lines.push_back(line.text);
        } else {
            REQUIRE(!lines.empty());
            lines.back() += line.text;
        }
    }
    return lines;
}

}  // namespace pintle::series::test
