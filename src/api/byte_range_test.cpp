#include "api/byte_range.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace pintle::api;

TEST_CASE("a Range header names a part of a file, all of it, or nothing that is there") {
    struct Case {
        std::string_view header;
        std::optional<ByteRange> range;
    };
    const std::vector<Case> cases{
        {"bytes=0-", ByteRange{0, 10}},       {"bytes=4-", ByteRange{4, 10}},    {"Bytes= 4 - 6 ", ByteRange{4, 7}},
        {"bytes=4-4", ByteRange{4, 5}},       {"bytes=4-99", ByteRange{4, 10}},  {"bytes=-3", ByteRange{7, 10}},
        {"bytes=-99", ByteRange{0, 10}},      {"bytes=-0", ByteRange{10, 10}},   {"bytes=10-", ByteRange{10, 10}},
        {"bytes=99-", ByteRange{10, 10}},     {"", std::nullopt},                {"bytes=", std::nullopt},
        {"bytes=-", std::nullopt},            {"bytes=a-b", std::nullopt},       {"bytes=6-4", std::nullopt},
        {"bytes=0-1,4-5", std::nullopt},      {"lines=0-1", std::nullopt},       {"bytes=+1-2", std::nullopt},
        {"bytes=99999999999999999999-", std::nullopt}};
    for (const Case& c : cases) {
        CAPTURE(c.header);
        CHECK(byte_range(c.header, 10) == c.range);
    }
    CHECK(byte_range("bytes=0-", 0) == ByteRange{0, 0});
    CHECK(first_byte("bytes=4-6") == 4);
    CHECK(first_byte("bytes=-6") == 0);
    CHECK(first_byte("bytes=0-1,4-5") == 0);
}
