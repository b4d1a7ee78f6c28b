#include "cli/file_place.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "cli/transfer_meter.hpp"

using namespace pintle;
using namespace pintle::cli;

TEST_CASE("a place of files is a path here or one in a source") {
    struct Case {
        std::string text;
        FilePlace place;
    };
    const std::vector<Case> cases{{"digits/data:raw/x", {true, "digits", "data", "raw/x"}},
                                  {"digits/data:", {true, "digits", "data", ""}},
                                  {"digits/data:./x", {true, "digits", "data", "x"}},
                                  {"digits/data:a:b", {true, "digits", "data", "a:b"}},
                                  {"research:digits/data:x", {true, "research:digits", "data", "x"}},
                                  {"./digits/data:x", {false, "", "", "./digits/data:x"}},
                                  {"/digits/data:x", {false, "", "", "/digits/data:x"}},
                                  {"../x", {false, "", "", "../x"}},
                                  {"a:b", {false, "", "", "a:b"}},
                                  {"a/b", {false, "", "", "a/b"}},
                                  {"a/b/c:d", {false, "", "", "a/b/c:d"}},
                                  {"-", {false, "", "", "-"}}};
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(parse_file_place(c.text).value() == c.place);
    }
    CHECK(parse_file_place("").error().code == ErrorCode::kInvalid);
    CHECK(name_in_folder("a/b//") == "b");
    CHECK(name_in_folder("a/.").empty());
    CHECK(name_in_folder("..").empty());
    CHECK(join_path("", "x") == "x");
    CHECK(join_path("a/", "x") == "a/x");
    CHECK(join_path("a", "") == "a");
}

TEST_CASE("how far a transfer is, how fast and how long it still takes") {
    using std::chrono::seconds;
    CHECK(transfer_in_words(1'000'000, 10'000'000, 1'000'000, Duration(10)) == "1.0 MB of 10 MB");
    CHECK(transfer_in_words(5'000'000, 10'000'000, 2'000'000, seconds(2)) == "5.0 MB of 10 MB, 1.0 MB/s, 5 s left");
    CHECK(transfer_in_words(10'000'000, 10'000'000, 2'000'000, seconds(2)) == "10 MB of 10 MB, 1.0 MB/s");
    CHECK(transfer_in_words(5, 10, 0, seconds(9)) == "5 bytes of 10 bytes");
}
