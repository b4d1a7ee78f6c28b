#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/remote_files.hpp"
#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<std::size_t> fetch_folder(RemoteFiles& remote, const std::string& path, const std::string& to) {
    const auto files = TRY(remote.files_below(path));
    TRY(os::make_folders(to));
    std::size_t count = 0;
    for (const RemoteFiles::File& file : files) {
        if (file.entry.kind == RemoteFiles::Kind::kFolder) {
            TRY(os::make_folders(to + "/" + file.target));
            continue;
        }
        ++count;
        const std::size_t cut = file.target.rfind('/');
        if (cut != std::string::npos) TRY(os::make_folders(to + "/" + file.target.substr(0, cut)));
        TRY(remote.fetch_to(file, to + "/" + file.target));
    }
    return count;
}

Result<int> run(Context& context) {
    std::string path = context.args.get("PATH");
    while (path.ends_with('/')) path.pop_back();
    const std::string source = context.args.get("SOURCE");
    const std::string name = path.empty() ? source : last_part(path);
    if (!is_safe_name(name) && !context.args.has("output"))
        return fail(ErrorCode::kInvalid, "say where to put it with --output");
    const std::string to = context.args.has("output") ? context.args.get("output") : name;
    RemoteFiles remote(context, context.args.get("PROJECT"), source);
    const auto entry = TRY(remote.look_at(path));
    if (!entry) return fail(ErrorCode::kNotFound, "{} has no {}", source, path);
    std::size_t count = 1;
    if (entry->kind == RemoteFiles::Kind::kFolder)
        count = TRY(fetch_folder(remote, path, to));
    else
        TRY(remote.fetch_to({path, name, *entry}, to));
    context.term.end_progress();
    if (!context.quiet)
        context.term.line(context.term.plain(
            fmt::format("{} written to {}", count_of(static_cast<std::int64_t>(count), "file"), to)));
    return 0;
}

}  // namespace

Command source_download_command() {
    return {
        {.words = {"source", "download"},
         .summary = "Fetch a file or a folder of a source",
         .details = "What was broken off is gone on with when it is fetched again. pintle cp does more.",
         .positionals = {project_argument(),
                         {.name = "SOURCE", .help = "its name", .offer = Offer::kSource},
                         {.name = "PATH", .help = "a file or folder in it; everything without it", .optional = true}},
         .options = {{.name = "output",
                      .value = "PATH",
                      .help = "where to put it (default: its name, here)",
                      .offer = Offer::kFile}},
         .examples = {"pintle source download digits training 6/model.npz",
                      "pintle source download digits training --output ./models"}},
        run};
}

}  // namespace pintle::cli
