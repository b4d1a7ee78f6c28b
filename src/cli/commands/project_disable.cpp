#include "cli/commands/commands.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> send(Context& context, const std::string& what, const std::string& done) {
    const json::Value answer = TRY(context.api.send_json("POST", project_path(context) + "/" + what, {}));
    const json::Value& project = answer["project"];
    return show(context, project, text_of(project, "name"),
                [&] { context.term.line(context.term.plain(text_of(project, "name")) + "  " + done); });
}

}  // namespace

Command project_disable_command() {
    return {{.words = {"project", "disable"},
             .summary = "Stop a project's jobs, and let nothing of it run until it is enabled",
             .details = "Its document, history and data stay.",
             .positionals = {project_argument()},
             .examples = {"pintle project disable digits"}},
            [](Context& context) { return send(context, "disable", "disabled"); }};
}

Command project_enable_command() {
    return {{.words = {"project", "enable"},
             .summary = "Let a disabled project run again",
             .positionals = {project_argument()},
             .examples = {"pintle project enable digits"}},
            [](Context& context) { return send(context, "enable", "enabled"); }};
}

}  // namespace pintle::cli
