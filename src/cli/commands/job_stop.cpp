#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

/// Until it is final; each round waits on the server.
Result<json::Value> wait_for_end(Context& context, json::Value job) {
    Patience patience(context.deps.sleep);
    const std::string path = "/jobs/" + segment(text_of(job, "id"));
    while (!is_final_state(text_of(job, "state"))) {
        auto next = context.api.get(fmt::format("{}?wait=20s&after={}", path, int_of(job, "revision")));
        if (next) {
            patience.restore();
            job = std::move(*next);
        } else if (!is_passing(next.error()) || !patience.wait()) {
            return next;
        } else {
            context.api.forget();
        }
    }
    return job;
}

Result<int> run(Context& context) {
    json::Value job = TRY(context.api.send_json("POST", job_path(context) + "/stop", {}));
    if (context.args.has("wait")) job = TRY(wait_for_end(context, std::move(job)));
    return show(context, job, [&] { context.term.line(ending_in_words(job, context.term)); });
}

}  // namespace

Command job_stop_command() {
    return {{.words = {"job", "stop"},
             .summary = "Stop a job",
             .positionals = {job_argument()},
             .options = {{.name = "wait", .help = "return when it has ended"}},
             .examples = {"pintle job stop digits/train:3 --wait"}},
            run};
}

}  // namespace pintle::cli
