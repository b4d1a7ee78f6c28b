#include "engine_process/shell_script.hpp"

#include <doctest/doctest.h>

using namespace pintle::engine_process;

TEST_CASE("the script changes to the work folder, whose variables the shell expands and whose quotes it does not") {
    CHECK(shell_script("", "run") == "run");
    CHECK(shell_script("/a b", "run") == "cd -- \"/a b\" || exit 1; run");
    CHECK(shell_script("$SRC_DIR/sub", "x") == "cd -- \"$SRC_DIR/sub\" || exit 1; x");
    CHECK(shell_script("~/code", "x") == "cd -- \"$HOME/code\" || exit 1; x");
    CHECK(shell_script("a\"; rm -rf `x` \\", "x") == "cd -- \"a\\\"; rm -rf \\`x\\` \\\\\" || exit 1; x");
}

TEST_CASE("what a launch gives wins over the basics, and the engine's own over both") {
    EnvironmentParts parts;
    parts.basics = {{"PATH", "/bin"}, {"TERM", "dumb"}};
    parts.given = {{"TERM", "mine"}, {"A", "1"}, {"A", "2"}, {"HIP_VISIBLE_DEVICES", "all"}};
    parts.python_environment = "/env";
    parts.devices = {2, 0};
    parts.attempt = "id";
    CHECK(replica_environment(parts) == Environment{{"PATH", "/env/bin:/bin"},
                                                    {"TERM", "mine"},
                                                    {"A", "2"},
                                                    {"HIP_VISIBLE_DEVICES", "2,0"},
                                                    {"VIRTUAL_ENV", "/env"},
                                                    {"CUDA_VISIBLE_DEVICES", "2,0"},
                                                    {"CUDA_DEVICE_ORDER", "PCI_BUS_ID"},
                                                    {"PINTLE_ATTEMPT", "id"}});
}
