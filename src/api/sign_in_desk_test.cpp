#include "api/sign_in_desk.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace pintle::api;

TEST_CASE("work that too much waits before is refused, and taken again when there is room") {
    LimitedExecutor executor(1, 2);
    std::promise<void> begun, go_on, done;
    REQUIRE(executor.post([&] {
        begun.set_value();
        go_on.get_future().wait();
    }));
    begun.get_future().wait();
    CHECK(executor.post([&] { done.set_value(); }));
    CHECK_FALSE(executor.post([] {}));
    go_on.set_value();
    done.get_future().wait();
    // The first has ended, so at most one is still under way.
    CHECK(executor.post([] {}));
    executor.stop();
    CHECK_FALSE(executor.post([] {}));
}
