#include <doctest/doctest.h>

#include "cli/visible_text.hpp"

using namespace pintle::cli;

TEST_CASE("what moves a terminal is shown instead of done") {
    CHECK(make_visible("plain\ttext äöü 漢字", Colors::kKeep) == "plain\ttext äöü 漢字");
    CHECK(make_visible("\x1b]0;title\x07", Colors::kKeep) == "^[]0;title^G");
    CHECK(make_visible("\x1b[2J\x1b[1;1H", Colors::kKeep) == "^[[2J^[[1;1H");
    CHECK(make_visible("a\rb\nc\x7f", Colors::kKeep) == "a^Mb^Jc^?");
    CHECK(make_visible("\xc2\x9b"
                       "2J",
                       Colors::kKeep) == "\\u009b2J");
    CHECK(make_visible("a\xe2\x80\xae"
                       "b",
                       Colors::kKeep) == "a\\u202eb");
    CHECK(make_visible("\xff", Colors::kKeep) == "\xEF\xBF\xBD");
    CHECK(make_visible(std::string("a\0b", 3), Colors::kKeep) == "a^@b");
}

TEST_CASE("colours stay and end with the line, or vanish") {
    CHECK(make_visible("\x1b[31mred", Colors::kKeep) == "\x1b[31mred\x1b[0m");
    CHECK(make_visible("\x1b[38;5;1mred\x1b[0m!", Colors::kDrop) == "red!");
    CHECK(make_visible("\x1b[31", Colors::kKeep) == "^[[31");
    CHECK(make_visible("\x1b[" + std::string(100, '1') + "m", Colors::kKeep).starts_with("^[["));
}

TEST_CASE("width counts cells") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("äöü") == 3);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(display_width("漢字") == 4);
    CHECK(display_width("🚀") == 2);
    CHECK(display_width("\x1b[31mred\x1b[0m") == 3);
    CHECK(display_width("\xff") == 1);
}

TEST_CASE("a cut never exceeds its cells and never halves a character") {
    CHECK(cut_to_width("abcdef", 6) == "abcdef");
    CHECK(cut_to_width("abcdef", 4) == "abc…");
    CHECK(cut_to_width("漢字漢字", 4) == "漢…");
    CHECK(cut_to_width("漢字", 1) == "…");
    CHECK(cut_to_width("abc", 0).empty());
    for (std::size_t cells = 0; cells < 12; ++cells)
        CHECK(display_width(cut_to_width("aä漢字🚀e\xcc\x81z", cells)) <= cells);
}
