#include "engine_process/fields.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using engine_process::Fields;

TEST_CASE("fields come back as they were written, in order and with repeated names") {
    Fields fields;
    fields.add("a", "1=2\n\"x\"");
    fields.add("b", -7);
    fields.add("a", "");
    const Fields read = Fields::decode(fields.encode().value()).value();
    CHECK(read.all() == fields.all());
    CHECK(read.text("a") == "1=2\n\"x\"");
    CHECK(read.number("b") == -7);
    CHECK(read.find("c") == nullptr);
    CHECK(read.number("a") == 0);
}

TEST_CASE("a value with a NUL cannot be written, and torn fields are not read") {
    Fields fields;
    fields.add("command", std::string_view("a\0b", 3));
    CHECK(fields.encode().error().message == "the command contains a NUL byte, which no program can be given");
    for (const std::string_view torn : {std::string_view("a=1"), std::string_view("a\0", 2),
                                        std::string_view("a=1\0b=", 6), std::string_view("\0", 1)}) {
        CHECK(Fields::decode(torn).error().code == ErrorCode::kCorrupt);
    }
    CHECK(Fields::decode("").value().all().empty());
}
