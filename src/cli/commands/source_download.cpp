#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kMostFiles = 100'000;
constexpr std::size_t kDeepest = 64;

/// Names come from the server: none may lead out of the folder they are put into.
bool is_safe_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= 255 && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

std::string last_part(const std::string& path) {
    std::string name = path;
    while (name.ends_with('/')) name.pop_back();
    return name.substr(name.rfind('/') + 1);
}

class Download {
public:
    explicit Download(Context& context)
        : context_(context),
          files_(project_path(context) + "/sources/" + segment(context.args.get("SOURCE")) + "/files") {}

    Result<void> folder(const std::string& path, const std::string& to, std::size_t depth) {
        if (depth > kDeepest) return fail(ErrorCode::kExhausted, "{} is more than {} folders deep", path, kDeepest);
        const auto page = TRY(context_.api.list(files_, {{"path", path}}, kMostFiles));
        TRY(os::make_folders(to));
        for (const json::Value& item : page.items.as_array()) {
            const std::string name = text_of(item, "name");
            if (!is_safe_name(name))
                return fail(ErrorCode::kDenied, "the server names a file \"{}\", which cannot be put into a folder",
                            name);
            const std::string below = path.empty() ? name : path + "/" + name;
            if (text_of(item, "kind") == "folder")
                TRY(folder(below, to + "/" + name, depth + 1));
            else
                TRY(file(below, to + "/" + name));
        }
        return {};
    }

    /// Written beside its place and renamed, so that a broken connection leaves no half file, and no link is followed.
    Result<void> file(const std::string& path, const std::string& to) {
        if (++count_ > kMostFiles) return fail(ErrorCode::kExhausted, "there are more than {} files", kMostFiles);
        context_.term.progress(fmt::format("{} files, {}", count_ - 1, path));
        std::string temporary = to + ".XXXXXX";
        const os::UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
        if (!fd) return fail(os::errno_error("write", to, errno));
        Result<void> got = receive(path, fd.get(), to);
        ::fchmod(fd.get(), 0644);
        if (got && ::rename(temporary.c_str(), to.c_str()) != 0) got = fail(os::errno_error("replace", to, errno));
        if (!got) ::unlink(temporary.c_str());
        return got;
    }

    /// Whether the path is a folder, found by looking at the folder that holds it.
    Result<bool> is_folder(const std::string& path) {
        if (path.empty()) return true;
        const std::size_t slash = path.rfind('/');
        const auto page = TRY(
            context_.api.list(files_, {{"path", slash == std::string::npos ? "" : path.substr(0, slash)}}, kMostFiles));
        for (const json::Value& item : page.items.as_array()) {
            if (text_of(item, "name") == last_part(path)) return text_of(item, "kind") == "folder";
        }
        return fail(ErrorCode::kNotFound, "{} has no {}", context_.args.get("SOURCE"), path);
    }

    [[nodiscard]] std::size_t count() const { return count_; }

private:
    Result<void> receive(const std::string& path, int fd, const std::string& to) {
        Result<void> written;
        const auto write = [&](std::string_view chunk) {
            while (!chunk.empty()) {
                const ssize_t put = ::write(fd, chunk.data(), chunk.size());
                if (put < 0 && errno == EINTR) continue;
                if (put < 0) {
                    written = fail(os::errno_error("write", to, errno));
                    return false;
                }
                chunk.remove_prefix(static_cast<std::size_t>(put));
            }
            return true;
        };
        TRY(context_.api.stream({.path = files_ + query({{"path", path}, {"download", "1"}})}, std::chrono::seconds(60),
                                write));
        return written;
    }

    Context& context_;
    const std::string files_;
    std::size_t count_ = 0;
};

Result<int> run(Context& context) {
    std::string path = context.args.get("PATH");
    while (path.ends_with('/')) path.pop_back();
    Download download(context);
    const std::string name = path.empty() ? context.args.get("SOURCE") : last_part(path);
    if (!is_safe_name(name) && !context.args.has("output"))
        return fail(ErrorCode::kInvalid, "say where to put it with --output");
    const std::string to = context.args.has("output") ? context.args.get("output") : name;
    if (TRY(download.is_folder(path)))
        TRY(download.folder(path, to, 0));
    else
        TRY(download.file(path, to));
    context.term.end_progress();
    if (!context.quiet)
        context.term.line(context.term.plain(
            fmt::format("{} written to {}", count_of(static_cast<std::int64_t>(download.count()), "file"), to)));
    return 0;
}

}  // namespace

Command source_download_command() {
    return {
        {.words = {"source", "download"},
         .summary = "Fetch a file or a folder of a source on a storage",
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
