#include <doctest/doctest.h>

#include "cli/fake_server.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::cli;

namespace {

Time at(std::string_view iso) { return time_from_iso(iso).value(); }
json::Value parsed(std::string_view text) { return json::parse_json(text).value(); }

}  // namespace

TEST_CASE("times are relative, and exact when asked") {
    const Time now = at("2026-03-01T12:00:00Z");
    CHECK(ago(now, now + Duration(5000)) == "just now");
    CHECK(ago(now, now - Duration(12'000)) == "12 s ago");
    CHECK(ago(now, now - std::chrono::minutes(3)) == "3 min ago");
    CHECK(ago(now, now - std::chrono::hours(30)) == "30 h ago");
    CHECK(ago(now, now - std::chrono::hours(72)) == "3 d ago");
    CHECK(when("2026-03-01T11:59:00.500Z", now, true) == "2026-03-01 11:59:00");
    CHECK(when(nullptr, now, false).empty());
    CHECK(when("soon", now, false).empty());
}

TEST_CASE("a job's clock runs until it ends") {
    const Time now = at("2026-03-01T12:00:00Z");
    CHECK(clock_of(parsed(R"({"started_at":"2026-03-01T11:59:46Z","ended_at":null,"duration_ms":null})"), now) ==
          "0:14");
    CHECK(clock_of(
              parsed(R"({"started_at":"2026-03-01T11:00:00Z","ended_at":"2026-03-01T11:01:00Z","duration_ms":61000})"),
              now) == "1:01");
    CHECK(clock_of(parsed(R"({"started_at":null})"), now).empty());
}

TEST_CASE("the exit code of following tells how the job ended") {
    CHECK(exit_code_of_state("Complete") == 0);
    CHECK(exit_code_of_state("Error") == 1);
    CHECK(exit_code_of_state("Stopped") == 130);
    CHECK_FALSE(is_final_state("Stopping"));
}

TEST_CASE("an ending is one line, with the reason below when it went wrong") {
    cli::testing::CliBox box;
    const Terminal term(box.deps, false);
    CHECK(
        ending_in_words(
            parsed(
                R"({"name":"d/t:6","state":"Complete","duration_ms":14000,"reason":null,"properties":{"accuracy":0.961,"model":"m/6"}})"),
            term) == "d/t:6  Complete in 14 s   accuracy 0.961   model m/6");
    CHECK(
        ending_in_words(
            parsed(
                R"({"name":"d/t:6","state":"Error","duration_ms":192000,"reason":"worker-0 exited with 1","properties":{}})"),
            term) == "d/t:6  Error after 3 min 12 s\n  worker-0 exited with 1");
}

TEST_CASE("replicas are counted by resource") {
    CHECK(
        replicas_in_words(parsed(
            R"({"replicas":[{"resource":"ps","node":"n1"},{"resource":"worker","node":"n1"},{"resource":"worker","node":"n1"}]})")) ==
        "ps + 2 × worker on n1");
    CHECK(replicas_in_words(parsed(R"({"replicas":[{"resource":"w","node":"n1"},{"resource":"w","node":"n2"}]})")) ==
          "2 × w on 2 nodes");
    CHECK(replicas_in_words(parsed(R"({"replicas":[{"resource":"w","node":null}]})")) == "w");
    CHECK(replicas_in_words(parsed("{}")).empty());
}

TEST_CASE("a text with a slash or an id names a job, other texts a project") {
    CHECK(names_job("digits/train:3"));
    CHECK(names_job("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    CHECK_FALSE(names_job("digits"));
}
