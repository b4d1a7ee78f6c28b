#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/fake_server.hpp"
#include "cli/table.hpp"
#include "cli/visible_text.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;

namespace {

Table a_table() {
    Table table({{"name", false, false, true}, {"n", true}, {"never"}, {"note", false, true}});
    table.add({"漢字", "7", "", "short"});
    table.add(
        {Table::Cell("plain", Style::kGood), "123", "", "a note that is quite a bit longer than a narrow screen"});
    return table;
}

}  // namespace

TEST_CASE("columns are aligned by cells, empty ones left out, and nothing is cut in a pipe") {
    CliBox box;
    Terminal term(box.deps, false);
    a_table().print(term);
    CHECK(box.out ==
          "name     n  note\n"
          "漢字     7  short\n"
          "plain  123  a note that is quite a bit longer than a narrow screen\n");
}

TEST_CASE("on a terminal the column that may shrink does, and colours do not count") {
    CliBox box;
    box.use_terminal();
    box.deps.width = 30;
    Terminal term(box.deps, true);
    a_table().print(term, 2);
    for (const std::string& line : split(box.out, '\n')) CHECK(display_width(line) <= 30);
    CHECK(box.out.find("a note that is …") != std::string::npos);
    CHECK(box.out.find("\x1b[32mplain\x1b[0m") != std::string::npos);
}

TEST_CASE("cells cannot break out of their row") {
    CliBox box;
    Terminal term(box.deps, false);
    Table table({{"name", false, false, true}});
    table.add({"a\nb\x1b[2Jc\td"});
    table.print(term);
    CHECK(box.out == "name\na^Jb^[[2Jc d\n");
}

TEST_CASE("a screen too narrow for anything still gets its rows") {
    CliBox box;
    box.use_terminal();
    box.deps.width = 1;
    Terminal term(box.deps, false);
    a_table().print(term);
    CHECK(split(box.out, '\n').size() == 4);
}
