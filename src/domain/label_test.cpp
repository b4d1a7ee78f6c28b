#include "domain/label.hpp"

#include <doctest/doctest.h>

using namespace pintle::domain;

TEST_CASE("a name of 1 to 255 characters is good, counted as people count") {
    CHECK(label_fault("pool", "a").empty());
    CHECK(label_fault("pool", "Research & development, 2nd floor").empty());
    CHECK(label_fault("pool", std::string(255, 'x')).empty());
    std::string umlauts;
    for (int i = 0; i < 255; ++i) umlauts += "ü";
    CHECK(label_fault("pool", umlauts).empty());
}

TEST_CASE("the fault of a name is told with its numbers") {
    CHECK(label_fault("pool", "") == "a pool's name may not be empty");
    CHECK(label_fault("group", std::string(256, 'x')) ==
          "a group's name may have at most 255 characters, this has 256");
    CHECK(label_fault("user", "ana/bo") == "a user's name may not have a slash or a colon");
    CHECK(label_fault("user", "ana:bo") == "a user's name may not have a slash or a colon");
    CHECK(label_fault("user", " ana") == "a user's name may not begin or end with a blank");
    CHECK(label_fault("user", "a\nb") == "a user's name may not have control characters such as line breaks");
    CHECK(label_fault("user", "\xff") == "a user's name is not UTF-8 text");
}

TEST_CASE("a tag is one field of at most 256 characters") {
    CHECK(tag_fault("").empty());
    CHECK(tag_fault("release 1.2.0, tensorflow").empty());
    CHECK(tag_fault(std::string(256, 'x')).empty());
    CHECK(tag_fault(std::string(257, 'x')) == "a tag may have at most 256 characters, this has 257");
    CHECK(tag_fault("a\tb") == "a tag may not have control characters such as line breaks");
}
