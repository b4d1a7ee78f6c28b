#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const json::Value pool = TRY(context.api.get(pool_path(context)));
    const std::string name = text_of(pool, "name");
    // What the server refuses in any case is refused before anything is announced.
    if (text_of(pool, "id") == "default")
        return fail(ErrorCode::kConflict, "the Default Pool cannot be deleted");
    if (const std::string group = text_of(pool["group"], "name"); !group.empty())
        return fail(ErrorCode::kConflict,
                    "the pool {} belongs to the group {}; give the group another pool or delete it first", name, group);
    Terminal& term = context.term;
    if (!context.quiet && !context.structured()) {
        term.line(term.plain("Deleting the pool " + name));
        term.line(fmt::format("  moves   {} to the Default Pool", count_of(int_of(pool, "total"), "GPU")));
    }
    TRY(confirm(context, name, "delete", "deleted"));
    const json::Value answer = TRY(context.api.call({.method = "DELETE", .path = pool_path(context)}));
    return show(context, answer, [&] { term.line(term.plain("deleted the pool " + name)); });
}

}  // namespace

Command pool_delete_command() {
    return {{.words = {"pool", "delete"},
             .summary = "Delete a pool that no group has; its GPUs go back to the Default Pool",
             .positionals = {pool_argument()},
             .options = {yes_option()},
             .examples = {"pintle pool delete spare"}},
            run};
}

}  // namespace pintle::cli
