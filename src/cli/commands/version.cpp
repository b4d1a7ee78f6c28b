#include "cli/commands/commands.hpp"

namespace pintle::cli {

Command version_command() {
    return {{.words = {"version"}, .summary = "Print the version of this program", .examples = {"pintle version"}},
            [](Context& context) -> Result<int> {
                const json::Value answer = json::Value::object({{"version", context.deps.version}});
                return show(context, answer, context.deps.version,
                            [&] { context.term.line("pintle " + context.deps.version); });
            }};
}

}  // namespace pintle::cli
