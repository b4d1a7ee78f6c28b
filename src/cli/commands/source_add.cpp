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

Result<void> check_origins(const Arguments& args) {
    int origins = 0;
    for (const char* origin : {"git", "storage", "nfs", "s3"}) origins += args.has(origin) ? 1 : 0;
    if (origins > 1) return fail(ErrorCode::kInvalid, "a source is from one of --git, --storage, --nfs and --s3");
    if (origins == 0 && !args.has("file")) {
        return fail(ErrorCode::kInvalid, "say where the source is from: --git URL, --storage NAME, --nfs SERVER:/PATH, "
                                         "--s3 BUCKET or --file FILE");
    }
    return {};
}

// The mapping of an origin: its first field, and those options that were given.
json::Value with_options(const Arguments& args, const char* field, const char* value,
                         std::initializer_list<const char*> options) {
    json::Value origin = json::Value::object({{field, args.get(value)}});
    for (const char* option : options) {
        if (args.has(option)) origin.set(option, args.get(option));
    }
    return origin;
}

Result<json::Value> source_of(Context& context) {
    const Arguments& args = context.args;
    json::Value source = json::Value::object();
    if (args.has("file")) source = TRY(from_file(context, args.get("file")));
    TRY(check_origins(args));
    if (!source.is_object())
        return fail(ErrorCode::kInvalid, "{} holds {}, not a source", args.get("file"), source.type_name());
    if (args.has("NAME")) source.set("name", args.get("NAME"));
    if (args.has("git")) source.set("git", with_options(args, "repository", "git", {"revision", "account"}));
    if (args.has("nfs")) source.set("nfs", args.get("nfs"));
    if (args.has("s3")) source.set("s3", with_options(args, "bucket", "s3", {"server", "region", "account", "mode"}));
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
                         {.name = "nfs", .value = "SERVER:/PATH", .help = "a folder that an NFS server exports"},
                         {.name = "s3", .value = "BUCKET", .help = "a bucket on Amazon S3 or on a server like it"},
                         {.name = "server", .value = "URL", .help = "with --s3: the server; without it, Amazon's"},
                         {.name = "region", .value = "REGION", .help = "with --s3: the bucket's region"},
                         {.name = "mode",
                          .value = "MODE",
                          .help = "with --s3: mount, or copy before and after the job"},
                         {.name = "account",
                          .value = "NAME",
                          .help = "with --git or --s3: the account that may read it; without it, a public one"},
                         {.name = "mount", .value = "PATH", .help = "where tasks see it"},
                         {.name = "sub-path", .value = "PATH", .help = "only this part of it"},
                         {.name = "read-only", .help = "tasks may not write to it"},
                         {.name = "file",
                          .letter = 'f',
                          .value = "FILE",
                          .help = "the source in YAML, as in a project file; - is standard input",
                          .offer = Offer::kFile}},
             .examples = {"pintle source add digits code --git https://example.org/digits.git --revision main",
                          "pintle source add digits data --storage default",
                          "pintle source add digits archive --nfs 10.0.0.5:/exports/archive",
                          "pintle source add digits results --s3 results --server https://minio.example:9000 "
                          "--account ours"}},
            run};
}

}  // namespace pintle::cli
