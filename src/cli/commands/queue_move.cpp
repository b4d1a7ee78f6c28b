#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<json::Value> place_of(const Arguments& args) {
    json::Value body = json::Value::object();
    for (const char* place : {"first", "last", "before", "after"}) {
        if (!args.has(place)) continue;
        if (body.has("place"))
            return fail(ErrorCode::kInvalid, "one place only: --{} or --{}", text_of(body, "place"), place);
        body.set("place", place);
        if (const std::string other = args.get(place); !other.empty()) body.set("other", other);
    }
    if (!body.has("place"))
        return fail(ErrorCode::kInvalid, "where to? Say --first, --last, --before JOB or --after JOB");
    return body;
}

}  // namespace

Command queue_move_command() {
    return {{.words = {"queue", "move"},
             .summary = "Give a waiting job another place in its queue (operators)",
             .details = "First and last are among the jobs of its priority. Before and after another job it takes that "
                        "job's priority.",
             .positionals = {job_argument()},
             .options = {{.name = "first", .help = "before all others of its priority"},
                         {.name = "last", .help = "behind all others of its priority"},
                         {.name = "before", .value = "JOB", .help = "just before this job", .offer = Offer::kJob},
                         {.name = "after", .value = "JOB", .help = "just behind this job", .offer = Offer::kJob}},
             .examples = {"pintle queue move digits/train:3 --first",
                          "pintle queue move digits/train:3 --before digits/train:2"}},
            [](Context& context) -> Result<int> {
                const json::Value body = TRY(place_of(context.args));
                const json::Value job = TRY(context.api.send_json("POST", job_path(context) + "/reorder", body));
                return show(context, job, [&] { print_place(context, job); });
            }};
}

}  // namespace pintle::cli
