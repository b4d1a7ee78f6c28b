#include "catalog/built_in.hpp"

#include <doctest/doctest.h>

#include "catalog/rendering.hpp"
#include "catalog/shelf.hpp"
#include "catalog/template_values.hpp"

using namespace pintle;
using namespace pintle::catalog;

TEST_CASE("every template that comes with the program is sound, and has tasks, a form, a summary and a picture") {
    MemoryTree tree(built_in_files());
    const auto all = read_shelf(tree, kBuiltInCatalog);
    REQUIRE(all);
    CHECK(all->size() >= 4);
    for (const ProjectTemplate& each : *all) {
        CAPTURE(each.name);
        for (const TemplateFault& fault : each.faults) FAIL_CHECK(to_string(fault));
        const auto values = complete_values(each.defaults, {}, {"default"});
        REQUIRE(values);
        const Rendering made = render(each, *values, "mine");
        REQUIRE(made.spec);
        for (const TemplateFault& warning : made.warnings) FAIL_CHECK(to_string(warning));
        CHECK(made.spec->tasks.size() >= 3);
        CHECK(made.spec->sources.size() == 5);
        CHECK_FALSE(made.spec->form.empty());
        CHECK_FALSE(made.spec->form_template.empty());
        CHECK_FALSE(made.spec->summary.empty());
        CHECK(each.icon.starts_with("data:image/svg+xml;base64,"));
        CHECK_FALSE(each.files.empty());
    }
}
