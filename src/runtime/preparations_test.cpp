#include "runtime/preparations.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using runtime::Preparations;

TEST_CASE("a preparation ends with its job, and what it left goes with it") {
    Preparations preparations;
    const auto one = preparations.begin(domain::JobId("A")), other = preparations.begin(domain::JobId("B"));
    CHECK_FALSE(one->is_over);
    preparations.forget(domain::JobId("A"));
    CHECK(one->is_over);
    CHECK(one->is_forgotten);
    CHECK_FALSE(other->is_over);
}

TEST_CASE("when the server stops all preparations end, and nothing of their jobs is removed") {
    Preparations preparations;
    const auto one = preparations.begin(domain::JobId("A"));
    preparations.close();
    const auto late = preparations.begin(domain::JobId("B"));
    CHECK(one->is_over);
    CHECK(late->is_over);
    CHECK_FALSE(one->is_forgotten);
}

TEST_CASE("one that has ended is told nothing more, whatever else its job prepares") {
    Preparations preparations;
    const auto first = preparations.begin(domain::JobId("A")), second = preparations.begin(domain::JobId("A"));
    preparations.end(domain::JobId("A"), first);
    preparations.forget(domain::JobId("A"));
    CHECK_FALSE(first->is_over);
    CHECK(second->is_over);
}
