#include "domain/metrics_pattern.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::domain;

TEST_CASE("a pattern for printed values needs a group for the name and one for the value") {
    for (const char* good :
         {"", "off", "(\\w+)=(\\S+)", "(?P<value>[0-9.]+) (?P<name>\\w+)", "(?P<name>a) (?P<value>b) (?P<step>c)"}) {
        CHECK_MESSAGE(check_metrics_pattern(good).has_value(), good);
    }
    CHECK(check_metrics_pattern("(\\w+)=").error().message.starts_with("needs two groups"));
    CHECK(check_metrics_pattern("(?P<name>a)(b)").error().message ==
          "needs groups named \"name\" and \"value\" when it names any");
    CHECK(check_metrics_pattern("(a").error().message.starts_with("is not a regular expression: "));
    CHECK(check_metrics_pattern("((a{900}){900})(b)").error().message.starts_with("is "));
    CHECK(check_metrics_pattern(std::string(1001, 'a')).error().message == "is longer than 1000 bytes");
}

TEST_CASE("a job is sampled every second at most and every ten seconds at least") {
    CHECK(parse_sample_interval("1s").value() == Duration(1000));
    CHECK(parse_sample_interval("10s").value() == Duration(10'000));
    CHECK(parse_sample_interval("0").value() == Duration(0));
    for (const char* bad : {"11s", "5m", "often", "", "-1s"}) {
        CHECK(parse_sample_interval(bad).error().message ==
              fmt::format("expected a time from 1s to 10s, got \"{}\"", bad));
    }
}
