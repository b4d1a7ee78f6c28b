#include "source/git_progress.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace pintle::source;
using std::chrono::seconds;

namespace {

struct Listener {
    std::vector<std::string> told;
    GitProgress::Moment begun{};
    GitProgress progress{"git://host/big.git", begun, [this](std::string sentence) { told.push_back(sentence); }};
};

}  // namespace

TEST_CASE("what git paints while it fetches becomes sentences with sizes that people know") {
    Listener at;
    at.progress.take("remote: Compressing objects:  72% (40/55)        ", at.begun + seconds(5));
    at.progress.take("Receiving objects:  45% (25/55), 1.90 GiB | 52.00 MiB/s", at.begun + seconds(10));
    at.progress.take("Resolving deltas:  10% (1/10)", at.begun + seconds(20));
    CHECK(at.told == std::vector<std::string>{
                         "Fetching git://host/big.git: its server packs the objects, 72 %.",
                         "Fetching git://host/big.git: 45 % of the objects (2.0 GB) have come.",
                         "Fetching git://host/big.git: all objects are here and are put together, 10 %."});
    CHECK(at.progress.so_far() == "45 % of the objects (2.0 GB)");
}

TEST_CASE("large files are told of too, and are kept when the fetch breaks off") {
    Listener at;
    at.progress.take("Receiving objects: 100% (55/55), 1.90 MiB | 52.00 MiB/s", at.begun);
    CHECK_FALSE(at.progress.is_kept());
    at.progress.take("Downloading LFS objects:  33% (1/3), 2.1 GB | 10 MB/s", at.begun + seconds(10));
    CHECK(at.told == std::vector<std::string>{
                         "Fetching git://host/big.git: 33 % of the large files (2.1 GB) have come."});
    CHECK(at.progress.so_far() == "33 % of the large files (2.1 GB)");
    CHECK(at.progress.is_kept());
    at.progress.take("Downloading LFS objects:   0% (0/1), 0 B | 0 B/s", at.begun);
    CHECK(at.progress.so_far() == "0 % of the large files");
}

TEST_CASE("a fetch of a few seconds is not told of, and one of ten hours in some hundred sentences") {
    Listener at;
    for (int second = 0; second < 5; ++second) {
        at.progress.take("Receiving objects:  45% (25/55)", at.begun + seconds(second));
    }
    CHECK(at.told.empty());
    CHECK(at.progress.so_far() == "45 % of the objects");
    for (int second = 5; second < 36'000; ++second) {
        at.progress.take("Receiving objects:  46% (26/55)", at.begun + seconds(second));
    }
    CHECK(at.told.size() > 20);
    CHECK(at.told.size() < 150);
}

TEST_CASE("lines that tell nothing of the progress, whoever wrote them, are left alone") {
    Listener at;
    for (const char* line : {"", "From git://host/big", "Receiving objects:", "Receiving objects: many%",
                             "Receiving objects: 999% (1/1)", "remote: Receiving objects: 5%", "Receiving objects: -3%"}) {
        at.progress.take(line, at.begun + seconds(100));
    }
    at.progress.take("Receiving objects:  1% (1/100), 99999999999999 GiB | x", at.begun + seconds(100));
    CHECK(at.told == std::vector<std::string>{"Fetching git://host/big.git: 1 % of the objects have come."});
}
