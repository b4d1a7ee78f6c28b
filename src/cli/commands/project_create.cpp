#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const std::string path = context.args.has("file") ? context.args.get("file") : "pintle.yaml";
    const ProjectFile file = TRY(read_project_file(path, context.args.get("name"), context.deps));
    const SentProject sent =
        TRY(send_project(context, file, {.method = "POST", .path = "/projects", .once = true}, "Nothing was created."));
    if (sent.project.is_null()) return sent.exit_code;
    const std::string name = text_of(sent.project, "name");
    if (!context.quiet && !context.structured())
        context.term.line(context.term.plain("created " + project_in_words(sent.project)));
    if (const auto uploaded = send_uploads(context, file, name); !uploaded) {
        Error error = uploaded.error();
        error.message += fmt::format(
            "\nthe project {} exists; send its files again with: pintle project update {} -f {}", name, name, path);
        return fail(error);
    }
    return show(context, sent.project, name, [&] {
        const std::string task = text_of(sent.project["document"]["tasks"][std::size_t{0}], "name");
        if (!task.empty())
            context.term.line(context.term.plain(fmt::format("next: pintle run {}/{} --follow", name, task)));
    });
}

}  // namespace

Command project_create_command() {
    return {
        {.words = {"project", "create"},
         .summary = "Create a project from a file, and upload the folders it names",
         .details =
             "Faults are shown as FILE:LINE:COLUMN, all at once, and nothing is created. A `summary_file` is read and\n"
             "sent along; the files of a source's `upload` folder are sent into the source, without .git and\n"
             "__pycache__. Both must lie in the folder of the file.",
         .options = {{.name = "file",
                      .letter = 'f',
                      .value = "FILE",
                      .help = "the project file (default: pintle.yaml); - is standard input",
                      .offer = Offer::kFile},
                     {.name = "name", .value = "NAME", .help = "create it under this name instead of the file's"}},
         .examples = {"pintle project create -f examples/digits/pintle.yaml",
                      "pintle project create -f pintle.yaml --name digits-2"}},
        run};
}

}  // namespace pintle::cli
