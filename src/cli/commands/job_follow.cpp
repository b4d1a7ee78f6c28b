#include "cli/commands/commands.hpp"
#include "cli/follow.hpp"

namespace pintle::cli {

Command job_follow_command() {
    return {
        {.words = {"job", "follow"},
         .summary = "Watch a job's states and logs until it ends",
         .details =
             "The exit code is 0 when the job is Complete, 1 for Error, 130 for Stopped. Ctrl-C only stops watching.",
         .positionals = {job_argument()},
         .options = {raw_option()},
         .examples = {"pintle job follow digits/train:3"}},
        [](Context& context) -> Result<int> { return follow_job(context, TRY(context.api.get(job_path(context)))); }};
}

}  // namespace pintle::cli
