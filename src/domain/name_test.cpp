#include <doctest/doctest.h>

#include "domain/name.hpp"

using namespace pintle::domain;

TEST_CASE("a name has 1 to 63 lower-case letters, digits and dashes, with none of these at its ends") {
    for (const std::string& good : {std::string("a"), std::string("7"), std::string("my-data"), std::string("a--b"),
                                    std::string("0a"), std::string(63, 'x')}) {
        CAPTURE(good);
        CHECK(is_valid_name(good));
    }
    for (const std::string& bad :
         {std::string(), std::string("-"), std::string("-a"), std::string("a-"), std::string("A"), std::string("a_b"),
          std::string("a.b"), std::string("a b"), std::string("a/b"), std::string(".."), std::string("ä"),
          std::string("a\n"), std::string("a\0", 2), std::string(64, 'x')}) {
        CAPTURE(bad);
        CHECK_FALSE(is_valid_name(bad));
    }
}

TEST_CASE("the fault repeats the name, cut and made printable, and says the rule") {
    CHECK(
        name_fault("My Task") ==
        "\"My Task\" is not a valid name: use 1 to 63 lower-case letters, digits and dashes, "
          "with a letter or digit at both ends");
    CHECK(name_fault("\xFF").find("\xEF\xBF\xBD") != std::string::npos);
    CHECK(name_fault(std::string(100'000, 'x')).size() < 300);
}

TEST_CASE("a name becomes a part of a variable's name") {
    CHECK(variable_stem("my-data") == "MY_DATA");
    CHECK(variable_stem("src2") == "SRC2");
    CHECK(variable_stem("a.b c=ä") == "A_B_C___");
}
