#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

void print_tags(Context& context, const json::Value& job) {
    const std::string tags = list_of(job["tags"]);
    const std::string name = context.term.plain(text_of(job, "name"));
    context.term.line(tags.empty() ? name + "  no tags" : fmt::format("{}  {}", name, context.term.plain(tags)));
}

}  // namespace

Command job_tag_command() {
    return {{.words = {"job", "tag"},
             .summary = "Give a job tags in place of those it has; none takes them away",
             .positionals = {job_argument(),
                             {.name = "TAG", .help = "words to find it by", .optional = true, .repeats = true}},
             .examples = {"pintle job tag digits/train:3 baseline v1.2"}},
            [](Context& context) -> Result<int> {
                const json::Value body = json::Value::object({{"tags", json::Value::list_of(context.args.all("TAG"))}});
                const json::Value job = TRY(context.api.send_json("PATCH", job_path(context), body));
                return show(context, job, [&] { print_tags(context, job); });
            }};
}

}  // namespace pintle::cli
