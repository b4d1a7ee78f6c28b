#include "metrics/exposition.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace pintle::metrics;

TEST_CASE("families of samples are written with help, type and escaped labels") {
    Exposition out;
    out.family("pintle_up", "Whether it\nruns \\ or \"not\"");
    out.sample(1);
    out.family("pintle_nothing", "Has no samples");
    out.family("pintle_jobs_total", "Jobs", Exposition::Kind::kCounter);
    out.sample(2.5, {{"pool", "a \"b\"\\c\nd"}, {"state", "\xff"}});
    out.sample(std::nan(""), {{"pool", ""}});
    out.sample(-HUGE_VAL);
    CHECK(out.text() ==
          "# HELP pintle_up Whether it\\nruns \\\\ or \"not\"\n# TYPE pintle_up gauge\npintle_up 1\n"
          "# HELP pintle_jobs_total Jobs\n# TYPE pintle_jobs_total counter\n"
          "pintle_jobs_total{pool=\"a \\\"b\\\"\\\\c\\nd\",state=\"\xef\xbf\xbd\"} 2.5\n"
          "pintle_jobs_total{pool=\"\"} NaN\npintle_jobs_total -Inf\n");
}
