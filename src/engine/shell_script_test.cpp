#include "engine/shell_script.hpp"

#include <doctest/doctest.h>

using namespace pintle::engine;

TEST_CASE("the script changes to the work folder, whose variables the shell expands and whose quotes it does not") {
    CHECK(shell_script("", "run") == "run");
    CHECK(shell_script("/a b", "run") == "cd -- \"/a b\" || exit 1; run");
    CHECK(shell_script("$SRC_DIR/sub", "x") == "cd -- \"$SRC_DIR/sub\" || exit 1; x");
    CHECK(shell_script("~/code", "x") == "cd -- \"$HOME/code\" || exit 1; x");
    CHECK(shell_script("a\"; rm -rf `x` \\", "x") == "cd -- \"a\\\"; rm -rf \\`x\\` \\\\\" || exit 1; x");
}
