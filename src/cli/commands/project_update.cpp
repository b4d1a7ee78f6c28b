#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const std::string path = context.args.has("file") ? context.args.get("file") : "pintle.yaml";
    const ProjectFile file = TRY(read_project_file(path, "", context.deps));
    const SentProject sent =
        TRY(send_project(context, file, {.method = "PUT", .path = project_path(context)}, "Nothing was changed."));
    if (sent.project.is_null()) return sent.exit_code;
    const std::string name = text_of(sent.project, "name");
    if (!context.quiet && !context.structured())
        context.term.line(context.term.plain(
            fmt::format("updated {}, revision {}", project_in_words(sent.project), text_of(sent.project, "revision"))));
    TRY(send_uploads(context, file, name));
    return show(context, sent.project, name, [] {});
}

}  // namespace

Command project_update_command() {
    return {
        {.words = {"project", "update"},
         .summary = "Replace a project by a file, and upload the folders it names",
         .details = "A different `name` in the file renames the project. Jobs that exist keep what they were made of.",
         .positionals = {project_argument()},
         .options = {{.name = "file",
                      .letter = 'f',
                      .value = "FILE",
                      .help = "the project file (default: pintle.yaml); - is standard input",
                      .offer = Offer::kFile}},
         .examples = {"pintle project update digits -f pintle.yaml"}},
        run};
}

}  // namespace pintle::cli
