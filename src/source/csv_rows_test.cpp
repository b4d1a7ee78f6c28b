#include "source/csv_rows.hpp"

#include <doctest/doctest.h>

namespace pintle::source {

TEST_CASE("rows come apart however their bytes arrive, and quoted fields keep any bytes") {
    const std::string text = "a,1\n\"two\nlines\",2\n\"with \"\"quotes\"\", and\",3\n\xff,\n,\n";
    const std::vector<std::vector<std::string>> expected = {
        {"a", "1"}, {"two\nlines", "2"}, {"with \"quotes\", and", "3"}, {"\xff", ""}, {"", ""}};
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        std::vector<std::vector<std::string>> rows;
        CsvRows taker([&](const std::vector<std::string>& fields) { rows.push_back(fields); });
        for (std::size_t at = 0; at < text.size(); at += piece) taker.feed(std::string_view(text).substr(at, piece));
        CHECK(rows == expected);
    }
}

}  // namespace pintle::source
