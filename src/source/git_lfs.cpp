#include "source/git_lfs.hpp"

#include "base/text.hpp"
#include "os/file.hpp"

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
        progress(fmt::format("Fetching the large files of {}.", mask_secrets(files.url)));
        const auto fetched = git.remote({"-C", files.clone, "lfs", "fetch", "origin", files.commit}, files.url, access);
        if (!fetched) return fail(fetched.error().context("the large files (git LFS)"));
    }
    TRY(git.local_long({"-C", files.clone, "lfs", "checkout"}));
    return {};
}

}  // namespace

Result<void> fetch_large_files(const Git& git, const LargeFiles& files, const GitAccess* access,
                               const Progress& progress) {
    const std::string tracked = TRY(git.local({"-C", files.clone, "ls-files", "--", ":(attr:filter=lfs)"}));
    if (trim(tracked).empty()) return {};
    if (!git.succeeds({"lfs", "version"})) {
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
