#include "source/git_lfs.hpp"

#include <sys/stat.h>

#include "base/text.hpp"
#include "domain/source.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"

namespace pintle::source {
namespace {

// As `git lfs install` writes them, which would set hooks for whoever runs it.
Result<void> let_git_know(const Git& git, const std::string& clone) {
    struct Setting {
        const char* name;
        const char* value;
    };
    for (const Setting& setting :
         {Setting{"filter.lfs.clean", "git-lfs clean -- %f"}, Setting{"filter.lfs.smudge", "git-lfs smudge -- %f"},
          Setting{"filter.lfs.process", "git-lfs filter-process"}, Setting{"filter.lfs.required", "true"}}) {
        TRY(git.local({"-C", clone, "config", "--local", setting.name, setting.value}));
    }
    TRY(os::make_folders(clone + "/.git/hooks"));
    return os::write_file_atomic(clone + "/.git/hooks/pre-push", "#!/bin/sh\nexec git lfs pre-push \"$@\"\n", 0755,
                                 false);
}

constexpr std::string_view kPointerBegin = "version https://git-lfs.github.com/spec/v1\n";
constexpr std::string_view kHashLine = "oid sha256:";
constexpr std::string_view kSizeLine = "size ";

Result<os::UniqueFd> text_of(const LargeFilePointer& pointer) {
    const std::string text =
        fmt::format("{}{}{}\n{}{}\n", kPointerBegin, kHashLine, pointer.hash, kSizeLine, pointer.size_bytes);
    return os::input_of(text);
}

struct Scratch {
    const std::string& folder;
    ~Scratch() { (void)os::remove_tree(folder); }
};

// Each line begins with the file's SHA-256, which is its name in the store too.
bool has_all(const std::string& listed, const std::string& store) {
    for (const std::string& line : split(listed, '\n')) {
        const std::string id = line.substr(0, line.find(' '));
        if (id.size() == 64 &&
            !os::exists(fmt::format("{}/objects/{}/{}/{}", store, id.substr(0, 2), id.substr(2, 2), id)))
            return false;
    }
    return true;
}

Result<void> fetch_into_store(const Git& git, const LargeFiles& files, const GitAccess* access,
                              const Progress& progress) {
    const std::string listed = TRY(git.local({"-C", files.clone, "lfs", "ls-files", "--long", files.commit}));
    if (!has_all(listed, files.store)) {
        // Git itself goes there: what matters is that it may.
        TRY(large_file_server(git, files.clone, files.commit));
        progress(fmt::format("Fetching the large files of {}.", mask_secrets(files.url)));
        const auto fetched =
            git.fetch({"-C", files.clone, "lfs", "fetch", "origin", files.commit}, files.url, access, progress);
        if (!fetched) return fail(fetched.error().context("the large files (git LFS)"));
    }
    TRY(git.local_long({"-C", files.clone, "lfs", "checkout"}));
    return {};
}

}  // namespace

bool may_be_pointer(std::int64_t size_bytes) {
    constexpr std::int64_t kLeast = 100, kMost = 1024;
    return size_bytes >= kLeast && size_bytes <= kMost;
}

std::optional<LargeFilePointer> read_pointer(std::string_view text) {
    if (!text.starts_with(kPointerBegin)) return std::nullopt;
    LargeFilePointer pointer{{}, -1};
    for (const std::string& line : split(text, '\n')) {
        if (line.starts_with(kHashLine)) pointer.hash = line.substr(kHashLine.size());
        if (line.starts_with(kSizeLine)) pointer.size_bytes = parse_int(line.substr(kSizeLine.size())).value_or(-1);
    }
    // It becomes a file's name.
    const bool is_hash =
        pointer.hash.size() == 64 && pointer.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash || pointer.size_bytes < 0) return std::nullopt;
    return pointer;
}

std::string path_in_store(const std::string& store, const LargeFilePointer& pointer) {
    return fmt::format("{}/objects/{}/{}/{}", store, pointer.hash.substr(0, 2), pointer.hash.substr(2, 2),
                       pointer.hash);
}

bool is_in_store(const std::string& store, const LargeFilePointer& pointer) {
    struct stat info {};
    return ::lstat(path_in_store(store, pointer).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size == pointer.size_bytes;
}

bool has_lfs(const Git& git) { return git.succeeds({"lfs", "version"}); }

Result<std::string> large_file_server(const Git& git, const std::string& repository, const std::string& commit) {
    const std::string file = commit + ":.lfsconfig";
    if (!git.succeeds({"-C", repository, "cat-file", "-e", file})) return std::string();
    const std::string listed = TRY(git.local({"-C", repository, "config", "--blob", file, "--null", "--list"}));
    std::string of_remote, of_all;
    for (const std::string& setting : split(listed, '\0')) {
        const std::size_t line = setting.find('\n');
        if (line == std::string::npos) continue;
        const std::string key = setting.substr(0, line);
        if (key == "lfs.url") of_all = setting.substr(line + 1);
        if (key == "remote.origin.lfsurl") of_remote = setting.substr(line + 1);
    }
    const std::string server = of_all.empty() ? of_remote : of_all;
    if (server.empty()) return server;
    if (!domain::repository_server(server)) {
        return fail(ErrorCode::kInvalid, "the .lfsconfig of the repository names no server of large files but \"{}\"",
                    mask_secrets(to_valid_utf8(server.substr(0, 200))));
    }
    if (auto reachable = git.check_reachable(server); !reachable)
        return fail(reachable.error().context("the server that .lfsconfig names for large files"));
    return server;
}

Result<void> fetch_large_file(const Git& git, const LargeFiles& files, const LargeFilePointer& pointer,
                              const std::string& scratch, const GitAccess* access) {
    const std::string& url = files.url;
    const std::string server = TRY(large_file_server(git, files.clone, files.commit));
    TRY(os::make_folders(files.store, 0700));
    const Scratch repository{scratch};
    TRY(os::make_folders(scratch, 0700));
    TRY(git.local({"init", "--quiet", "--bare", "--template=", "--", scratch}));
    // In the repository's settings and not on the command line: see fetch_large_files().
    TRY(git.local({"-C", scratch, "config", "--local", "lfs.storage", files.store}));
    TRY(git.local({"-C", scratch, "config", "--local", "remote.origin.url", url}));
    if (!server.empty()) TRY(git.local({"-C", scratch, "config", "--local", "lfs.url", server}));
    const os::UniqueFd text = TRY(text_of(pointer));
    // It prints the content too.
    TRY(git.remote_discarding({"-C", scratch, "lfs", "smudge"}, url, access, text.get()));
    if (is_in_store(files.store, pointer)) return {};
    return fail(ErrorCode::kNotFound, "the server of {} did not give it", mask_secrets(url));
}

Result<void> fetch_large_files(const Git& git, const LargeFiles& files, const GitAccess* access,
                               const Progress& progress) {
    const std::string tracked = TRY(git.local({"-C", files.clone, "ls-files", "--", ":(attr:filter=lfs)"}));
    if (trim(tracked).empty()) return {};
    if (!has_lfs(git)) {
        progress(fmt::format(
            "Warning: {} keeps large files with git LFS, which is not installed on the server's machine: they are "
            "left as pointers. An operator can install it: apt-get install git-lfs",
            mask_secrets(files.url)));
        return {};
    }
    TRY(os::make_folders(files.store, 0700));
    TRY(let_git_know(git, files.clone));
    // In the clone's settings and not on the command line, which the git of a repository on this machine would heed
    // too.
    TRY(git.local({"-C", files.clone, "config", "--local", "lfs.storage", files.store}));
    const Result<void> fetched = fetch_into_store(git, files, access, progress);
    TRY(git.local({"-C", files.clone, "config", "--local", "--unset", "lfs.storage"}));
    return fetched;
}

}  // namespace pintle::source
