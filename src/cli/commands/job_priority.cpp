#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

namespace {
constexpr std::int64_t kMost = 1000;  // As the API has it.
}

Command job_priority_command() {
    return {{.words = {"job", "priority"},
             .summary = "Change the priority of a waiting job; the higher goes first",
             .details = "Your own jobs: from -1000 to 100. Operators: any job, up to 1000.\n"
                        "A negative number is written behind --: pintle job priority digits/train:3 -- -5",
             .positionals = {job_argument(), {.name = "N", .help = "the new priority; 0 is usual"}},
             .examples = {"pintle job priority digits/train:3 20"}},
            [](Context& context) -> Result<int> {
                const std::string text = context.args.get("N");
                const auto priority = parse_int(text);
                if (!priority || *priority < -kMost || *priority > kMost)
                    return fail(ErrorCode::kInvalid, "the priority: expected a whole number from {} to {}, got \"{}\"",
                                -kMost, kMost, text);
                const json::Value body = json::Value::object({{"priority", *priority}});
                const json::Value job = TRY(context.api.send_json("POST", job_path(context) + "/reorder", body));
                return show(context, job, [&] { print_place(context, job); });
            }};
}

}  // namespace pintle::cli
