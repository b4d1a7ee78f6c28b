#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print_hold(Context& context, const json::Value& job) {
    const std::string name = context.term.plain(text_of(job, "name"));
    if (job["held"].is_null()) return context.term.line(name + "  released");
    const std::string reason = text_of(job, "held");
    context.term.line(fmt::format("{}  held{}", name, reason.empty() ? "" : ": " + context.term.plain(reason)));
    context.term.line("let it go: pintle job release " + name);
}

}  // namespace

Command job_hold_command() {
    return {{.words = {"job", "hold"},
             .summary = "Keep a waiting job from starting until it is released",
             .positionals = {job_argument(), {.name = "REASON", .help = "why, for those who wonder", .optional = true}},
             .examples = {"pintle job hold digits/train:3 'the data is not there yet'"}},
            [](Context& context) -> Result<int> {
                const json::Value body = json::Value::object({{"reason", context.args.get("REASON")}});
                const json::Value job = TRY(context.api.send_json("POST", job_path(context) + "/hold", body));
                return show(context, job, [&] { print_hold(context, job); });
            }};
}

Command job_release_command() {
    return {{.words = {"job", "release"},
             .summary = "Let a held job start when its turn comes",
             .positionals = {job_argument()},
             .examples = {"pintle job release digits/train:3"}},
            [](Context& context) -> Result<int> {
                const json::Value job = TRY(context.api.send_json("POST", job_path(context) + "/release", {}));
                return show(context, job, [&] { print_hold(context, job); });
            }};
}

}  // namespace pintle::cli
