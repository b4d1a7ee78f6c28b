#include "cli/commands/commands.hpp"

namespace pintle::cli {

Command job_delete_command() {
    return {{.words = {"job", "delete"},
             .summary = "Delete a job that has ended, with its logs",
             .positionals = {job_argument()},
             .examples = {"pintle job delete digits/train:3"}},
            [](Context& context) -> Result<int> {
                const json::Value answer = TRY(context.api.call({.method = "DELETE", .path = job_path(context)}));
                return show(context, answer,
                            [&] { context.term.line(context.term.plain("deleted " + context.args.get("JOB"))); });
            }};
}

}  // namespace pintle::cli
