#include "os/child.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace pintle;

namespace {
os::Child::Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(30); }
os::Child shell(const std::string& script) { return os::Child::start({{"sh", "-c", script}, {}, -1}).value(); }
}  // namespace

TEST_CASE("what a child prints and what it complains of are kept apart") {
    os::Child child = shell("echo out; echo oh no >&2; exit 3");
    std::string output;
    CHECK(child.read([&](std::string_view piece) { return output += piece, true; }, soon()));
    CHECK(output == "out\n");
    CHECK(child.wait(soon()) == 3);
    CHECK(child.complaints() == "oh no\n");
}

TEST_CASE("a child that says nothing is not waited for longer than asked, and is ended when it is dropped") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    {
        // Whoever writes to the pipe is told when nobody can read it any more.
        os::Child child = os::Child::start({{"sh", "-c", "exec cat"}, {}, ends[0]}).value();
        CHECK_FALSE(child.wait_for_output(std::chrono::steady_clock::now()));
        CHECK_FALSE(child.exit_code().has_value());
    }
    ::close(ends[0]);
    ::signal(SIGPIPE, SIG_IGN);
    CHECK(::write(ends[1], "x", 1) == -1);
    ::close(ends[1]);
}

TEST_CASE("a child reads what it is given") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "hello", 5) == 5);
    ::close(ends[1]);
    os::Child child = os::Child::start({{"cat"}, {}, ends[0]}).value();
    ::close(ends[0]);
    std::string output;
    CHECK(child.read([&](std::string_view piece) { return output += piece, true; }, soon()));
    CHECK(output == "hello");
}

TEST_CASE("a child's reader that went away shows") {
    os::Child child = shell("echo out; sleep 60");
    REQUIRE(child.wait_for_output(soon()));
    pollfd reader{child.reader_fd(), 0, 0};
    CHECK(::poll(&reader, 1, 0) == 0);
    child.output().reset();
    CHECK(::poll(&reader, 1, 30'000) == 1);
    CHECK((reader.revents & POLLERR) != 0);
}

TEST_CASE("a program that is not there cannot be started") {
    CHECK(os::Child::start({{"no-such-program-anywhere"}, {}, -1}).error().code == ErrorCode::kNotFound);
}
