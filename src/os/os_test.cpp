#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;

TEST_CASE("an atomic write replaces the file and keeps the mode asked for") {
    const testing::TempFolder folder;
    const std::string path = folder.path() + "/token";
    REQUIRE(os::write_file_atomic(path, "one", 0600).has_value());
    REQUIRE(os::write_file_atomic(path, "two", 0600).has_value());
    CHECK(os::read_file(path).value() == "two");
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(os::list_folder(folder.path()).value() == std::vector<std::string>{"token"});
}

TEST_CASE("a file over the limit is refused instead of read") {
    const testing::TempFolder folder;
    REQUIRE(os::write_file_atomic(folder.path() + "/big", std::string(1000, 'x')).has_value());
    CHECK(os::read_file(folder.path() + "/big", 999).error().code == ErrorCode::kExhausted);
    CHECK(os::read_file(folder.path() + "/none").error().code == ErrorCode::kNotFound);
}

TEST_CASE("a command's output and exit code come back") {
    const auto result = os::run({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}}).value();
    CHECK(result.exit_code == 3);
    CHECK(result.output == "out\nerr\n");
}

TEST_CASE("a command that is given up is ended") {
    std::atomic<bool> give_up{false};
    os::Command command;
    command.argv = {"sh", "-c", "echo ready; exec sleep 60"};
    command.give_up = &give_up;
    command.on_line = [&](std::string_view) { give_up = true; };
    const auto result = os::run(command);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::kCancelled);
}

TEST_CASE("a command that does not exist is an error, one that overruns is ended") {
    CHECK(os::run({.argv = {"no-such-program"}}).error().code == ErrorCode::kNotFound);
    CHECK(os::run({.argv = {"sleep", "60"}, .timeout = Duration(50)}).error().code == ErrorCode::kTimeout);
}

TEST_CASE("a command may take long while it prints, and is ended when it falls silent") {
    os::Command command;
    command.argv = {"sh", "-c", "for i in 1 2 3 4 5 6; do echo $i; sleep 0.05; done; exec sleep 60"};
    command.silence = Duration(3000);
    const auto result = os::run(command);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::kTimeout);
    CHECK(result.error().message.find("printed nothing for") != std::string::npos);
}

TEST_CASE("what a command paints is told line by line") {
    std::vector<std::string> told;
    os::Command command;
    command.argv = {"printf", "%s", "1%\r2%\r\nend\n\nrest"};
    command.on_line = [&](std::string_view line) { told.emplace_back(line); };
    REQUIRE(os::run(command).has_value());
    CHECK(told == std::vector<std::string>{"1%", "2%", "end", ""});
}

TEST_CASE("what a command was given to keep open stays open for all that it starts") {
    const testing::TempFolder folder;
    const os::UniqueFd lock(::open((folder.path() + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    os::Command command;
    command.argv = {"sh", "-c", "sh -c 'readlink /proc/self/fd/3'"};
    command.kept_open = lock.get();
    CHECK(os::run(command).value().output == folder.path() + "/lock\n");
}
