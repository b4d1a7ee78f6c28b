#include "engine_process/sweeper.hpp"

#include <chrono>
#include <filesystem>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

bool becomes_empty(const std::string& folder) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < deadline) {
        const auto names = os::list_folder(folder);
        if (names && names->empty()) return true;
        std::this_thread::yield();
    }
    return false;
}

}  // namespace

TEST_CASE("a sweeper removes what an earlier one has left and what is put there later") {
    testing::TempFolder folder, elsewhere;
    REQUIRE(os::make_folders(folder.path() + "/old/a/b").has_value());
    Sweeper sweeper(folder.path());
    CHECK(becomes_empty(folder.path()));
    for (int i = 0; i < 100; ++i) {
        // Moved in as a whole: the sweeper may be looking.
        REQUIRE(os::make_folders(fmt::format("{}/{}/c", elsewhere.path(), i)).has_value());
        std::filesystem::rename(fmt::format("{}/{}", elsewhere.path(), i), fmt::format("{}/{}", folder.path(), i));
        sweeper.sweep();
    }
    CHECK(becomes_empty(folder.path()));
}

TEST_CASE("a sweeper of a folder that is not there does nothing") {
    testing::TempFolder folder;
    Sweeper sweeper(folder.path() + "/absent");
    sweeper.sweep();
}
