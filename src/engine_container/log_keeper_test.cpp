#include "engine_container/log_keeper.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "engine_conformance/conformance.hpp"
#include "engine_container/attempt_folder.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine_container;

namespace {

/// An attempt without a container; the test plays what runs in it.
struct Bench {
    Bench() {
        REQUIRE(folder.prepare().has_value());
        REQUIRE(os::write_file_atomic(root.path() + "/init", "x", 0755, false).has_value());
        REQUIRE(folder.accept(launch, root.path() + "/init").has_value());
        kept = {launch.id.str(), folder.path(launch.id.str()), folder.bell(), launch.log_folder, 1 << 20, 8 << 20};
        bell.reset(::open(folder.bell().c_str(), O_RDWR | O_CLOEXEC));
    }

    void keep() { REQUIRE(start_log_keeper({PINTLE_TEST_KEEPER}, kept).has_value()); }
    [[nodiscard]] os::UniqueFd open_pipe(const char* name) const {
        return os::UniqueFd(::open((folder.box(launch.id.str()) + "/" + name).c_str(), O_WRONLY | O_CLOEXEC));
    }
    static void write(const os::UniqueFd& to, const std::string& text) {
        REQUIRE(::write(to.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    std::string heard() const {
        char buffer[256];
        const ssize_t got = ::read(bell.get(), buffer, sizeof buffer);
        return {buffer, got > 0 ? static_cast<std::size_t>(got) : 0};
    }

    testing::TempFolder root;
    AttemptFolder folder{root.path() + "/containers"};
    engine::ReplicaLaunch launch = testing::a_launch(root.path(), "true");
    KeptLog kept;
    os::UniqueFd bell;
};

}  // namespace

TEST_CASE("a keeper writes what comes through the pipe, saves the report and rings when the container is gone") {
    Bench bench;
    bench.keep();
    {
        const auto output = bench.open_pipe("output"), report = bench.open_pipe("report");
        bench.write(output, "one\ntwo");
        bench.write(report, "status 0\n");
        CHECK_FALSE(wait_for_log(bench.kept.attempt_folder, Duration(0)));
    }
    CHECK(bench.heard() == bench.launch.id.str() + "\n");
    CHECK(wait_for_log(bench.kept.attempt_folder, Duration(0)));
    CHECK(testing::output_of(bench.launch) == "one\ntwo");
    CHECK(os::read_file(bench.kept.attempt_folder + "/report").value() == "status 0\n");
}

TEST_CASE("a second keeper leaves the first alone, and one that comes later goes on where the log ends") {
    Bench bench;
    bench.keep();
    bench.keep();
    { bench.write(bench.open_pipe("output"), "first\n"); }
    CHECK(bench.heard() == bench.launch.id.str() + "\n");
    bench.keep();
    { bench.write(bench.open_pipe("output"), "second\n"); }
    CHECK(bench.heard() == bench.launch.id.str() + "\n");
    CHECK(testing::output_of(bench.launch) == "first\nsecond\n");
}

TEST_CASE("a keeper whose container never ran ends when it is woken") {
    Bench bench;
    bench.keep();
    wake_log_keeper(bench.kept.attempt_folder);
    CHECK(bench.heard() == bench.launch.id.str() + "\n");
}

TEST_CASE("a keeper that cannot write says why") {
    Bench bench;
    REQUIRE(os::write_file_atomic(bench.root.path() + "/file", "", 0600, false).has_value());
    bench.kept.log_folder = bench.root.path() + "/file/log";
    const auto refused = start_log_keeper({PINTLE_TEST_KEEPER}, bench.kept);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("the keeper of its log could not be started: could not") == 0);
}
