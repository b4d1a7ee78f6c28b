#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"
#include "json/yaml_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kFileLimitBytes = 1u << 20;

Result<json::Value> from_file(Context& context, const std::string& path) {
    const std::string text = path == "-" ? TRY(read_input(context.deps)) : TRY(os::read_file(path, kFileLimitBytes));
    auto source = json::parse_yaml(text);
    if (!source) {
        print_faults(context.term, path, source.error().details);
        return fail(ErrorCode::kInvalid, "{} is not YAML; nothing was added", path);
    }
    return source;
}

Result<json::Value> source_of(Context& context) {
    const Arguments& args = context.args;
    json::Value source = json::Value::object();
    if (args.has("file")) source = TRY(from_file(context, args.get("file")));
    if (args.has("git") && args.has("storage"))
        return fail(ErrorCode::kInvalid, "a source is from --git or from --storage, not both");
    if (!args.has("file") && !args.has("git") && !args.has("storage"))
        return fail(ErrorCode::kInvalid, "say where the source is from: --git URL, --storage NAME or --file FILE");
    if (!source.is_object())
        return fail(ErrorCode::kInvalid, "{} holds {}, not a source", args.get("file"), source.type_name());
    if (args.has("NAME")) source.set("name", args.get("NAME"));
    if (args.has("git")) {
        json::Value git = json::Value::object({{"repository", args.get("git")}});
        if (args.has("revision")) git.set("revision", args.get("revision"));
        source.set("git", std::move(git));
    }
    if (args.has("storage")) source.set("cluster_storage", args.get("storage"));
    if (args.has("mount")) source.set("mount_path", args.get("mount"));
    if (args.has("sub-path")) source.set("sub_path", args.get("sub-path"));
    if (args.has("read-only")) source.set("read_only", true);
    return source;
}

Result<int> run(Context& context) {
    const json::Value source = TRY(source_of(context));
    const json::Value answer = TRY(context.api.send_json("POST", project_path(context) + "/sources", source));
    return show(context, answer, text_of(source, "name"), [&] {
        context.term.line(
            context.term.plain(fmt::format("added {} to {}", text_of(source, "name"), context.args.get("PROJECT"))));
    });
}

}  // namespace

Command source_add_command() {
    return {{.words = {"source", "add"},
             .summary = "Add a source to a project",
             .positionals = {project_argument(),
                             {.name = "NAME", .help = "its name; may be left out with --file", .optional = true}},
             .options = {{.name = "git", .value = "URL", .help = "a repository that git can clone"},
                         {.name = "revision", .value = "REVISION", .help = "with --git: a branch, tag or commit"},
                         {.name = "storage", .value = "NAME", .help = "a folder on this storage of the server"},
                         {.name = "mount", .value = "PATH", .help = "where tasks see it"},
                         {.name = "sub-path", .value = "PATH", .help = "only this part of it"},
                         {.name = "read-only", .help = "tasks may not write to it"},
                         {.name = "file",
                          .letter = 'f',
                          .value = "FILE",
                          .help = "the source in YAML, as in a project file; - is standard input",
                          .offer = Offer::kFile}},
             .examples = {"pintle source add digits code --git https://example.org/digits.git --revision main",
                          "pintle source add digits data --storage default"}},
            run};
}

}  // namespace pintle::cli
