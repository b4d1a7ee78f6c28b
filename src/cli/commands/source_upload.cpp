#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/upload.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

Result<int> run(Context& context) {
    const Arguments& args = context.args;
    const std::string path = args.get("PATH");
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return fail(os::errno_error("open", path, errno));
    std::size_t sent = 1;
    if (S_ISDIR(info.st_mode)) {
        sent = TRY(send_folder(context, args.get("PROJECT"), args.get("SOURCE"), path, args.get("to")));
    } else {
        std::error_code error;
        const std::filesystem::path real = std::filesystem::canonical(path, error);
        const std::string name = std::filesystem::path(path).filename().string();
        const std::string target = args.has("to") ? args.get("to") : name;
        TRY(send_file(context, args.get("PROJECT"), args.get("SOURCE"),
                      {real.string(), target, static_cast<std::uint64_t>(info.st_size)}));
    }
    if (!context.quiet) {
        context.term.line(context.term.plain(fmt::format("{} uploaded into {} of {}",
                                                         count_of(static_cast<std::int64_t>(sent), "file"),
                                                         args.get("SOURCE"), args.get("PROJECT"))));
    }
    return 0;
}

}  // namespace

Command source_upload_command() {
    return {
        {.words = {"source", "upload"},
         .summary = "Send a file or a folder into a source: cluster storage, NFS or S3",
         .details =
             "Of a folder its content is sent, without .git and __pycache__. Links that lead out of it are left out.\n"
             "What was broken off is gone on with when the same file is sent again.",
         .positionals = {project_argument(),
                         {.name = "SOURCE", .help = "its name", .offer = Offer::kSource},
                         {.name = "PATH", .help = "a file or folder here", .offer = Offer::kFile}},
         .options = {{.name = "to", .value = "PATH", .help = "the file's name, or the folder, in the source"}},
         .examples = {"pintle source upload digits src ./src",
                      "pintle source upload digits data train.npz --to raw/train.npz"}},
        run};
}

}  // namespace pintle::cli
