#include "cli/commands/commands.hpp"
#include "cli/filled_form.hpp"
#include "cli/follow.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    json::Value body = TRY(form_request_of(context));
    if (args.has("tag")) body.set("tags", json::Value::list_of(args.all("tag")));
    if (const auto priority = args.number("priority")) body.set("priority", *priority);
    if (args.has("now")) body.set("immediate", true);
    json::Value job = TRY(context.api.send_json("POST", project_path(context) + "/form/jobs", body, true));
    const std::string name = text_of(job, "name");
    if (args.has("follow")) {
        if (context.quiet) context.term.line(context.term.plain(name));
        return follow_job(context, std::move(job));
    }
    return show(context, job, name, [&] {
        context.term.line(context.term.plain(fmt::format("{}  {}", name, text_of(job, "state"))));
        context.term.line(context.term.plain("watch it: pintle job follow " + name));
    });
}

}  // namespace

Command form_build_command() {
    std::vector<Option> options = form_value_options();
    options.push_back(follow_option());
    options.push_back(
        {.name = "tag", .value = "TAG", .help = "a word to find the job by; as often as you like", .repeats = true});
    options.push_back({.name = "priority",
                       .value = "P",
                       .help = "the higher goes first; from -1000 to 100, for operators to 1000",
                       .range = std::pair{-1000, 1000}});
    options.push_back({.name = "now", .help = "start at once with as many of the GPUs as are free, even none"});
    options.push_back(raw_option());
    return {{.words = {"form", "build"},
             .summary = "Fill in a project's simple form and start its job",
             .details = "Fields that are not set have their defaults.",
             .positionals = {project_argument()},
             .options = std::move(options),
             .examples = {"pintle form build digits --set epochs=5 --follow",
                          "pintle form build digits --set rate=0.1 --file data=train.csv"}},
            run};
}

}  // namespace pintle::cli
