#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/file_place.hpp"
#include "cli/file_sender.hpp"
#include "cli/remote_files.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

using Kind = RemoteFiles::Kind;

/// A file that nobody else sees and that is gone when it is closed, on disk rather than in memory.
Result<os::UniqueFd> scratch_file(const Context& context) {
    const std::string folder = context.deps.env("TMPDIR").value_or("/tmp");
    std::string path = folder + "/pintle-cp-XXXXXX";
    os::UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
    if (!fd) return fail(os::errno_error("create a file in", folder, errno));
    ::unlink(path.c_str());
    return fd;
}

class Copy {
public:
    Copy(Context& context, FilePlace from, FilePlace to)
        : context_(context), from_(std::move(from)), to_(std::move(to)) {}

    Result<void> run() {
        if (!from_.is_remote && !to_.is_remote) {
            return fail(ErrorCode::kInvalid,
                        "one of the two must be in a source, such as digits/data:raw/; a file here whose name looks "
                        "like that is said as ./NAME");
        }
        if (from_.is_pipe()) return send_input();
        return from_.is_remote ? from_source() : from_here();
    }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    [[nodiscard]] bool deep() const { return context_.args.has("recursive"); }

    Error wants_deep(const std::string& path) const {
        return Error{
            ErrorCode::kInvalid,
            fmt::format("{} is a folder; copy it with -r", path.empty() ? "all of the source" : to_valid_utf8(path)),
            {},
            {}};
    }

    // As cp and scp do it: into a folder that is there, else under the name that is said.
    Result<std::string> place_in_source(RemoteFiles& remote, const std::string& name) const {
        std::string path = to_.path;
        const bool into = path.empty() || path.ends_with('/');
        while (path.ends_with('/')) path.pop_back();
        if (into) return join_path(path, name);
        const auto there = TRY(remote.look_at(path));
        return there && there->kind == Kind::kFolder ? join_path(path, name) : path;
    }

    [[nodiscard]] std::string place_here(const std::string& name) const {
        std::error_code error;
        const bool into = to_.path.ends_with('/') || std::filesystem::is_directory(to_.path, error);
        return into ? join_path(to_.path, name) : to_.path;
    }

    Result<void> send_input() {
        if (to_.path.empty() || to_.path.ends_with('/'))
            return fail(ErrorCode::kInvalid, "say which file standard input becomes, such as {}/{}:data.csv",
                        to_.project, to_.source);
        const os::UniqueFd spool = TRY(scratch_file(context_));
        std::vector<char> buffer(1 << 20);
        while (true) {
            const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail(os::errno_error("read", "standard input", errno));
            if (got == 0) break;
            for (ssize_t put = 0; put < got;) {
                const ssize_t some = ::write(spool.get(), buffer.data() + put, static_cast<std::size_t>(got - put));
                if (some < 0 && errno != EINTR)
                    return fail(os::errno_error("write", "a file for standard input", errno));
                put += std::max<ssize_t>(some, 0);
            }
        }
        ++count_;
        return FileSender(context_, to_.project, to_.source).send(spool.get(), to_.path);
    }

    Result<void> from_here() {
        struct stat info {};
        if (::stat(from_.path.c_str(), &info) != 0)
            return fail(os::errno_error("open", to_valid_utf8(from_.path), errno));
        RemoteFiles remote(context_, to_.project, to_.source);
        const std::string target = TRY(place_in_source(remote, name_in_folder(from_.path)));
        if (!S_ISDIR(info.st_mode)) {
            std::error_code error;
            const std::string real = std::filesystem::canonical(from_.path, error).string();
            if (error) return fail(os::errno_error("open", to_valid_utf8(from_.path), error.value()));
            ++count_;
            return FileSender(context_, to_.project, to_.source)
                .send({real, target, static_cast<std::uint64_t>(info.st_size)});
        }
        if (!deep()) return fail(wants_deep(from_.path));
        count_ += TRY(send_folder(context_, to_.project, to_.source, from_.path, target, Leave::kNothing));
        return {};
    }

    Result<void> from_source() {
        while (from_.path.ends_with('/')) from_.path.pop_back();
        const bool content = from_.path == "." || from_.path.ends_with("/.");
        if (content) from_.path.resize(from_.path.size() - std::min<std::size_t>(2, from_.path.size()));
        RemoteFiles remote(context_, from_.project, from_.source);
        const auto entry = TRY(remote.look_at(from_.path));
        if (!entry) return fail(ErrorCode::kNotFound, "there is no {} in {}", to_valid_utf8(from_.path), remote.name());
        const std::string name = content ? "" : from_.path.empty() ? from_.source : name_in_folder(from_.path);
        if (entry->kind != Kind::kFolder) return copy_files(remote, {{from_.path, "", *entry}}, name);
        if (!deep()) return fail(wants_deep(from_.path));
        if (to_.is_pipe()) return fail(ErrorCode::kInvalid, "a folder cannot be written to standard output");
        return copy_files(remote, TRY(remote.files_below(from_.path)), name);
    }

    Result<void> copy_files(RemoteFiles& remote, const std::vector<RemoteFiles::File>& files, const std::string& name) {
        if (to_.is_pipe()) return to_output(remote, files.front());
        if (to_.is_remote) return to_other_source(remote, files, name);
        const std::string target = place_here(name);
        for (const RemoteFiles::File& file : files) {
            const std::string path = join_path(target, file.target);
            if (file.entry.kind == Kind::kFolder) {
                TRY(os::make_folders(path));
                continue;
            }
            const std::size_t cut = path.rfind('/');
            if (cut != std::string::npos && cut > 0) TRY(os::make_folders(path.substr(0, cut)));
            TRY(remote.fetch_to(file, path));
            ++count_;
        }
        if (files.empty()) return os::make_folders(target);
        return {};
    }

    Result<void> to_output(RemoteFiles& remote, const RemoteFiles::File& file) {
        ++count_;
        return remote.fetch(file, STDOUT_FILENO);
    }

    Result<void> to_other_source(RemoteFiles& remote, const std::vector<RemoteFiles::File>& files,
                                 const std::string& name) {
        RemoteFiles other(context_, to_.project, to_.source);
        FileSender sender(context_, to_.project, to_.source);
        const std::string target = TRY(place_in_source(other, name));
        for (const RemoteFiles::File& file : files) {
            // There is no way to make a folder in a source without a file.
            if (file.entry.kind == Kind::kFolder) continue;
            const os::UniqueFd spool = TRY(scratch_file(context_));
            TRY(remote.fetch(file, spool.get()));
            TRY(sender.send(spool.get(), join_path(target, file.target)));
            ++count_;
        }
        return {};
    }

    Context& context_;
    FilePlace from_;
    const FilePlace to_;
    std::size_t count_ = 0;
};

Result<int> run(Context& context) {
    FilePlace from = TRY(parse_file_place(context.args.get("FROM")));
    FilePlace to = TRY(parse_file_place(context.args.get("TO")));
    const bool to_output = to.is_pipe();
    Copy copy(context, std::move(from), std::move(to));
    const auto done = copy.run();
    context.term.end_progress();
    if (!done) return fail(done.error());
    if (!context.quiet && !to_output)
        context.term.line(fmt::format("{} copied", count_of(static_cast<std::int64_t>(copy.count()), "file")));
    return 0;
}

}  // namespace

Command cp_command() {
    return {
        {.words = {"cp"},
         .summary = "Copy files into a source, out of one, or between two",
         .details = "A place in a source is PROJECT/SOURCE:PATH; everything else is a path here, and - is standard "
                    "input or output.\n"
                    "Folders are copied with -r: into a folder that is there, else under the name that is said; "
                    "FOLDER/. means what\n"
                    "is in it. Large files are continued after a broken connection, and when the same copy is asked "
                    "for again. Out of git sources only: their files are changed by commits.",
         .positionals = {{.name = "FROM", .help = "a file or folder", .offer = Offer::kFile},
                         {.name = "TO", .help = "where it goes; a folder when it ends with /", .offer = Offer::kFile}},
         .options = {{.name = "recursive", .letter = 'r', .help = "folders with all that is in them"}},
         .examples = {"pintle cp train.npz digits/data:raw/", "pintle cp -r digits/training:6 ./results",
                      "pintle cp digits/training:6/log.txt -", "pintle cp -r digits/data:. mnist/data:"}},
        run};
}

}  // namespace pintle::cli
