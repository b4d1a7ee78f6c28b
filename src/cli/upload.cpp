#include "cli/upload.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/text.hpp"
#include "cli/file_sender.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 100'000;
constexpr std::size_t kDeepest = 64;
bool is_ignored(const std::string& name) { return name == ".git" || name == "__pycache__"; }

class Walk {
public:
    Walk(fs::path root, Leave leave) : root_(std::move(root)), leave_(leave) {}

    Result<FolderToSend> run() {
        TRY(walk(root_, "", 0));
        std::sort(found_.files.begin(), found_.files.end(),
                  [](const auto& a, const auto& b) { return a.target < b.target; });
        return std::move(found_);
    }

private:
    Result<void> walk(const fs::path& folder, const std::string& below, std::size_t depth) {
        if (depth > kDeepest)
            return fail(ErrorCode::kExhausted, "{} is more than {} folders deep", folder.string(), kDeepest);
        for (const std::string& name : TRY(os::list_folder(folder.string()))) {
            if (leave_ == Leave::kCaches && is_ignored(name)) continue;
            TRY(take(folder / name, below.empty() ? name : below + "/" + name, depth));
        }
        return {};
    }

    Result<void> take(const fs::path& path, const std::string& target, std::size_t depth) {
        struct stat info {};
        if (::lstat(path.c_str(), &info) != 0) return fail(os::errno_error("look at", path.string(), errno));
        if (S_ISDIR(info.st_mode)) return walk(path, target, depth + 1);
        if (S_ISREG(info.st_mode)) return add(path, target, static_cast<std::uint64_t>(info.st_size));
        if (!S_ISLNK(info.st_mode)) return skip(target, "is not a file");
        std::error_code error;
        const fs::path real = fs::canonical(path, error);
        const fs::path relative = real.lexically_relative(root_);
        if (error || relative.empty() || *relative.begin() == "..") return skip(target, "leads out of the folder");
        if (!fs::is_regular_file(real, error)) return skip(target, "is a link to a folder");
        return add(real, target, fs::file_size(real, error));
    }

    Result<void> add(const fs::path& path, const std::string& target, std::uint64_t size) {
        if (found_.files.size() == kMostFiles)
            return fail(ErrorCode::kExhausted, "{} has more than {} files", root_.string(), kMostFiles);
        found_.files.push_back({path.string(), target, size});
        found_.size_bytes += size;
        return {};
    }

    Result<void> skip(const std::string& target, std::string_view why) {
        found_.skipped.push_back(fmt::format("{} {}", target, why));
        return {};
    }

    const fs::path root_;
    const Leave leave_;
    FolderToSend found_;
};

}  // namespace

Result<FolderToSend> files_of(const std::string& folder, Leave leave) {
    std::error_code error;
    const fs::path root = fs::canonical(folder, error);
    if (error) return fail(os::errno_error("open", folder, error.value()));
    if (!fs::is_directory(root, error)) return fail(ErrorCode::kInvalid, "{} is not a folder", folder);
    return Walk(root, leave).run();
}

Result<void> send_file(Context& context, const std::string& project, const std::string& source,
                       const FileToSend& file) {
    return FileSender(context, project, source).send(file);
}

Result<std::size_t> send_folder(Context& context, const std::string& project, const std::string& source,
                                const std::string& folder, const std::string& target, Leave leave) {
    const FolderToSend found = TRY(files_of(folder, leave));
    for (const std::string& why : found.skipped)
        context.term.error_line(context.term.shown_as_error("not uploaded: " + why));
    std::size_t sent = 0;
    std::uint64_t sent_bytes = 0;
    const auto words = [](std::uint64_t bytes) { return bytes_in_words(static_cast<std::int64_t>(bytes)); };
    for (FileToSend file : found.files) {
        context.term.progress(fmt::format("{}: {} of {} files, {} of {}", source, sent, found.files.size(),
                                          words(sent_bytes), words(found.size_bytes)));
        if (!target.empty()) file.target = target + "/" + file.target;
        TRY(send_file(context, project, source, file));
        ++sent;
        sent_bytes += file.size_bytes;
    }
    context.term.end_progress();
    return sent;
}

}  // namespace pintle::cli
