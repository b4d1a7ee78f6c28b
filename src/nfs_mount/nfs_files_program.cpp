#include "nfs_mount/nfs_files_program.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/text.hpp"
#include "nfs_mount/nfs_file_tree.hpp"

namespace pintle::nfs_mount {
namespace {

constexpr rlim_t kMemoryMost = rlim_t{2} << 30;  // Of what a server says its folders hold.

int failed(std::string_view what, const Error& error) {
    std::fprintf(stderr, "%.*s %s %s\n", static_cast<int>(what.size()), what.data(),
                 std::string(to_string(error.code)).c_str(), error.message.c_str());
    return 1;
}

bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

ssize_t read_some(char* out, std::size_t size) {
    while (true) {
        const ssize_t got = ::read(STDIN_FILENO, out, size);
        if (got >= 0 || errno != EINTR) return got;
    }
}

char letter_of(mode_t mode) {
    if (S_ISREG(mode)) return 'f';
    if (S_ISDIR(mode)) return 'd';
    return S_ISLNK(mode) ? 'l' : 'o';
}

Result<void> list(const NfsFileTree& tree, const std::string& path, const std::string& after, std::int64_t limit) {
    std::string text;
    for (const TreeEntry& entry : TRY(tree.list(path, after, static_cast<std::size_t>(limit)))) {
        text += fmt::format("{} {} {} ", letter_of(entry.mode), S_ISREG(entry.mode) ? entry.size_bytes : 0,
                            entry.modified_ms);
        text += entry.name;
        text += '\0';
    }
    write_all(text);
    return {};
}

Result<void> send(const NfsFileTree& tree, const std::string& path, std::int64_t from) {
    return tree.send(
        path, static_cast<std::uint64_t>(from),
        [](const TreeEntry& file) { write_all(fmt::format("{} {}\n", file.size_bytes, file.modified_ms)); }, write_all);
}

ErrorCode code_of_export(int result) {
    switch (-result) {
        case ENOENT:
        case ENOTDIR: return ErrorCode::kNotFound;
        case EACCES:
        case EPERM: return ErrorCode::kDenied;
        default: return ErrorCode::kUnavailable;
    }
}

}  // namespace

int run_nfs_files(const std::vector<std::string>& arguments) {
    const std::string verb = arguments.empty() ? "" : arguments[0];
    const std::size_t wanted = verb == "list" ? 9 : verb == "send" ? 8 : verb == "take" || verb == "remove" ? 7 : 0;
    const auto number = [&](std::size_t at) { return arguments.size() > at ? parse_int(arguments[at]) : std::nullopt; };
    const auto port = number(2), seconds = number(4);
    const auto last = verb == "list" ? number(8) : verb == "send" ? number(7) : std::optional<std::int64_t>(0);
    if (wanted == 0 || arguments.size() != wanted || !port || !seconds || !last || *last < 0 || *seconds < 1 ||
        *seconds > 3600) {
        std::fputs(
            "pintle nfs-files is started by the server: list|send|take|remove HOST PORT EXPORT SECONDS ROOT PATH …\n",
            stderr);
        return 2;
    }
    // Jobs of the same user may not look into it.
    ::prctl(PR_SET_DUMPABLE, 0);
    const rlimit memory{kMemoryMost, kMemoryMost};
    ::setrlimit(RLIMIT_AS, &memory);
    NfsConnection connection({arguments[1], static_cast<int>(*port), arguments[3], static_cast<int>(*seconds) * 1000});
    std::string fault;
    if (const int result = connection.connect(fault); result != 0) {
        return failed("export", {code_of_export(result), fault, {}, {}});
    }
    const NfsFileTree tree(connection, arguments[5]);
    const std::string& path = arguments[6];
    const Result<void> done = verb == "list"   ? list(tree, path, arguments[7], *last)
                              : verb == "send" ? send(tree, path, *last)
                              : verb == "take" ? tree.take(path, read_some)
                                               : tree.remove(path);
    return done ? 0 : failed("file", done.error());
}

}  // namespace pintle::nfs_mount
