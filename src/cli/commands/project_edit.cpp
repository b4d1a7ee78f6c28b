#include "cli/commands/commands.hpp"
#include "cli/editor.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

Result<SentProject> put(Context& context, const EditedFile& file, const std::string& revision) {
    ProjectFile document = TRY(read_project_file(file.path(), "", context.deps));
    document.name = "pintle.yaml";
    return send_project(context, document,
                        {.method = "PUT", .path = project_path(context), .headers = {{"If-Match", revision}}},
                        "Nothing was changed.");
}

Result<int> run(Context& context) {
    const json::Value project = TRY(context.api.get(project_path(context)));
    const std::string before = TRY(context.api.text({.path = project_path(context) + "/document?format=yaml"}));
    EditedFile file = TRY(EditedFile::create(context.deps, before));
    while (true) {
        TRY(let_edit(context.deps, file.path()));
        if (TRY(os::read_file(file.path())) == before) {
            if (!context.quiet) context.term.line("nothing was changed");
            return 0;
        }
        auto sent = put(context, file, text_of(project, "revision"));
        if (sent && !sent->project.is_null()) {
            return show(context, sent->project, text_of(sent->project, "name"), [&] {
                context.term.line(context.term.plain(fmt::format(
                    "saved {}, revision {}", text_of(sent->project, "name"), text_of(sent->project, "revision"))));
            });
        }
        if (sent && wants_to_go_on(context)) continue;
        file.keep();
        context.term.error_line("your text is kept in " + file.path());
        if (!sent) return fail(sent.error());
        return sent->exit_code;
    }
}

}  // namespace

Command project_edit_command() {
    return {{.words = {"project", "edit"},
             .summary = "Edit a project in $VISUAL or $EDITOR",
             .details =
                 "Faults are shown when the editor ends, and editing can go on. If somebody else changed the project\n"
                 "meanwhile, nothing is overwritten and your text is kept.",
             .positionals = {project_argument()},
             .examples = {"EDITOR=nano pintle project edit digits"}},
            run};
}

}  // namespace pintle::cli
