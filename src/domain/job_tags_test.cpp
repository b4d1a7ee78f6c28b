#include "domain/job_tags.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::domain;

TEST_CASE("a tag of a job is up to 256 characters of printable text without blanks at its ends") {
    CHECK(job_tag_fault("1.2.0") == "");
    CHECK(job_tag_fault("grid search, second try") == "");
    CHECK(job_tag_fault(std::string(256, 'x')) == "");
    CHECK(job_tag_fault(std::string(257, 'x')) == "a tag may have at most 256 characters, this has 257");
    CHECK(job_tag_fault("") == "a tag may not be empty");
    CHECK(job_tag_fault(" a") == "a tag may not begin or end with a blank");
    CHECK(job_tag_fault("a\nb") == "a tag may not have control characters such as line breaks");
}

TEST_CASE("each wrong tag is told with its place") {
    CHECK(check_job_tags({}).has_value());
    CHECK(check_job_tags({"a", "b"}).has_value());
    const auto wrong = check_job_tags({"a", "", "b", "c "});
    REQUIRE_FALSE(wrong.has_value());
    REQUIRE(wrong.error().details.size() == 2);
    CHECK(wrong.error().details[0].path == "tags[1]");
    CHECK(wrong.error().details[1].path == "tags[3]");
    CHECK(check_job_tags(std::vector<std::string>(50, "a")).has_value());
    CHECK(check_job_tags(std::vector<std::string>(51, "a")).error().message ==
          "a job has at most 50 tags, these are 51");
}

TEST_CASE("a tag that is given twice is kept once") {
    CHECK(without_repeats({"b", "a", "b"}) == std::vector<std::string>{"b", "a"});
}
