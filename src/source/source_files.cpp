#include "source/source_files.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::source {
namespace {

Result<void> write_whole(const std::string& file, std::string_view content) {
    const os::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0664));
    if (!fd) return fail(os::errno_error("create", file, errno));
    while (!content.empty()) {
        const ssize_t put = ::write(fd.get(), content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(os::errno_error("write", file, errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(fd.get()) != 0) return fail(os::errno_error("write", file, errno));
    return {};
}

}  // namespace

std::string_view to_string(FileEntry::Kind kind) {
    switch (kind) {
        case FileEntry::Kind::kFile: return "file";
        case FileEntry::Kind::kFolder: return "folder";
        case FileEntry::Kind::kLink: return "link";
        case FileEntry::Kind::kOther: break;
    }
    return "other";
}

std::string staged_name() {
    std::uint64_t random[2] = {};
    if (::getrandom(random, sizeof random, 0) != sizeof random) random[0] = static_cast<std::uint64_t>(::getpid());
    return fmt::format("put-{:016x}{:016x}", random[0], random[1]);
}

Result<void> put(const SourceFiles& files, const std::string& path, std::string_view content) {
    const std::string staged = TRY(files.staging_folder()) + "/" + staged_name();
    Result<void> done = write_whole(staged, content);
    if (done) done = files.take(path, staged, nullptr);
    if (!done) ::unlink(staged.c_str());
    return done;
}

}  // namespace pintle::source
