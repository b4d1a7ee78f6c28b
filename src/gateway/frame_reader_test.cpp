#include "gateway/frame_reader.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "base/rng.hpp"

using namespace pintle;
using gateway::FrameReader;

namespace {

std::string frame(unsigned opcode, const std::string& text) {
    std::string out(1, static_cast<char>(0x80 | opcode));
    if (text.size() < 126) {
        out += static_cast<char>(0x80 | text.size());
    } else if (text.size() < 65536) {
        out += static_cast<char>(0x80 | 126);
        for (int shift = 8; shift >= 0; shift -= 8) out += static_cast<char>(text.size() >> shift & 0xff);
    } else {
        out += static_cast<char>(0x80 | 127);
        for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(text.size() >> shift & 0xff);
    }
    const std::string mask = "\x11\x22\x33\x44";
    out += mask;
    for (std::size_t i = 0; i < text.size(); ++i) out += static_cast<char>(text[i] ^ mask[i % 4]);
    return out;
}

}  // namespace

TEST_CASE("frames that carry something are seen, however they are cut, and pings are not") {
    const std::string all = frame(1, "hello") + frame(9, "ping") + frame(10, "") + frame(2, std::string(300, 'b')) +
                            frame(1, "") + frame(2, std::string(70'000, 'c')) + frame(8, "bye") + frame(1, "end");
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, all.size()}) {
        std::vector<std::pair<std::string, std::uint64_t>> seen;
        FrameReader reader([&](std::string_view beginning, std::uint64_t size) { seen.emplace_back(beginning, size); });
        for (std::size_t at = 0; at < all.size(); at += piece) reader.feed(std::string_view(all).substr(at, piece));
        REQUIRE(seen.size() == 4);
        CHECK(seen[0] == std::pair<std::string, std::uint64_t>("hello", 5));
        CHECK(seen[1] == std::pair<std::string, std::uint64_t>(std::string(300, 'b'), 300));
        CHECK(seen[2] == std::pair<std::string, std::uint64_t>(std::string(FrameReader::kBeginningBytes, 'c'), 70'000));
        CHECK(seen[3].first == "end");
    }
}

TEST_CASE("nonsense is passed over") {
    Rng rng(3);
    for (int i = 0; i < 1000; ++i) {
        FrameReader reader(
            [](std::string_view beginning, std::uint64_t) { CHECK(beginning.size() <= FrameReader::kBeginningBytes); });
        std::string text;
        for (std::uint64_t n = rng.below(300); n > 0; --n) text += static_cast<char>(rng.below(256));
        reader.feed(text);
    }
}
