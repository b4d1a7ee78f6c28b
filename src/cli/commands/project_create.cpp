#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"

namespace pintle::cli {
namespace {

void print_next(Context& context, const json::Value& project) {
    const std::string task = text_of(project["document"]["tasks"][std::size_t{0}], "name");
    if (task.empty()) return;
    const std::string name = text_of(project, "name");
    context.term.line(context.term.plain(fmt::format("next: pintle run {}/{} --follow", name, task)));
}

Result<int> import_project(Context& context) {
    json::Value body = json::Value::object({{"repository", context.args.get("git")}});
    for (const char* field : {"revision", "account", "path", "name"}) {
        if (context.args.has(field)) body.set(field, context.args.get(field));
    }
    const ProjectFile file{context.args.has("path") ? context.args.get("path") : "pintle.yaml", json::to_json(body),
                           "application/json", {}};
    Call call{.method = "POST", .path = "/projects/import", .timeout = std::chrono::minutes(10), .once = true};
    const SentProject sent = TRY(send_project(context, file, std::move(call), "Nothing was created."));
    if (sent.project.is_null()) return sent.exit_code;
    return show(context, sent.project, text_of(sent.project, "name"), [&] {
        context.term.line(context.term.plain("created " + project_in_words(sent.project)));
        print_next(context, sent.project);
    });
}

Result<int> run(Context& context) {
    if (context.args.has("git")) {
        if (context.args.has("file")) return fail(ErrorCode::kInvalid, "give --file or --git, not both");
        return import_project(context);
    }
    if (context.args.has("revision") || context.args.has("path") || context.args.has("account"))
        return fail(ErrorCode::kInvalid, "--revision, --account and --path go with --git");
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
    return show(context, sent.project, name, [&] { print_next(context, sent.project); });
}

}  // namespace

Command project_create_command() {
    return {
        {.words = {"project", "create"},
         .summary = "Create a project from a file, and upload the folders it names",
         .details =
             "Faults are shown as FILE:LINE:COLUMN, all at once, and nothing is created. A `summary_file` is read and\n"
             "sent along; the files of a source's `upload` folder are sent into the source, without .git and\n"
             "__pycache__. Both must lie in the folder of the file.\n"
             "With --git the server reads the file from a git repository, of which URL may be the address of a folder "
             "too.",
         .options =
             {{.name = "file",
               .letter = 'f',
               .value = "FILE",
               .help = "the project file (default: pintle.yaml); - is standard input",
               .offer = Offer::kFile},
              {.name = "name", .value = "NAME", .help = "create it under this name instead of the file's"},
              {.name = "git", .value = "URL", .help = "take the file from this git repository"},
              {.name = "account", .value = "ACCOUNT", .help = "reads a private repository", .offer = Offer::kAccount},
              {.name = "revision", .value = "REVISION", .help = "of the repository: a branch, tag or commit"},
              {.name = "path", .value = "PATH", .help = "of the file in the repository (default: pintle.yaml)"}},
         .examples = {"pintle project create -f examples/digits/pintle.yaml",
                      "pintle project create -f pintle.yaml --name digits-2",
                      "pintle project create --git https://host/team/digits --revision v1"}},
        run};
}

}  // namespace pintle::cli
