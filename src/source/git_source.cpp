#include "source/git_source.hpp"

#include <fcntl.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/sub_path.hpp"
#include "os/file.hpp"
#include "source/beneath.hpp"
#include "source/git_lfs.hpp"

namespace pintle::source {
namespace {

Result<void> check_out_revision(const Git& git, const std::string& clone, const GitRevision& revision) {
    if (revision.branch.empty()) {
        TRY(git.local_long({"-C", clone, "checkout", "--quiet", "--force", "--detach", revision.commit, "--"}));
        return {};
    }
    // The mirror may lag behind when the branch went back to a commit that it already had.
    TRY(git.local({"-C", clone, "update-ref", "refs/remotes/origin/" + revision.branch, revision.commit}));
    TRY(git.local_long({"-C", clone, "checkout", "--quiet", "--force", "--track", "-B", revision.branch,
                        "refs/remotes/origin/" + revision.branch, "--"}));
    return {};
}

std::string what_is_in(const std::string& folder) {
    constexpr std::size_t kMost = 20;
    auto names = os::list_folder(folder);
    if (!names) return "nothing";
    std::erase(*names, ".git");
    if (names->empty()) return "nothing";
    const std::size_t count = names->size();
    if (count > kMost) names->resize(kMost);
    return to_valid_utf8(join(*names, ", ")) + (count > kMost ? fmt::format(" and {} more", count - kMost) : "");
}

// The error names what there is where the path goes wrong, so that a slip is seen at once.
tl::unexpected<Error> no_such_folder(const GitCheckout& checkout, const std::string& path) {
    std::string known;
    for (const std::string& part : split(path, '/')) {
        const std::string next = known.empty() ? part : known + "/" + part;
        const auto found = os::list_folder(fmt::format("{}/{}", checkout.folder, next));
        if (!found) break;
        known = next;
    }
    const std::string where =
        known.empty() ? fmt::format("sub paths begin with the repository's name, {}", checkout.repository)
                      : fmt::format("{} has {}", known, what_is_in(fmt::format("{}/{}", checkout.folder, known)));
    return fail(ErrorCode::kNotFound, "there is no folder \"{}\" in the repository at commit {}: {}",
                to_valid_utf8(path), checkout.commit.substr(0, 12), where);
}

}  // namespace

Result<void> GitSources::clone(const GitMirror& mirror, const Errand& errand, const GitRevision& revision) const {
    TRY(os::remove_tree(errand.folder));
    TRY(os::make_folders(errand.folder));
    const std::string to = fmt::format("{}/{}", errand.folder, domain::repository_name(errand.url));
    const Git& git = mirror.git();
    TRY(git.local({"clone", "--quiet", "--shared", "--no-checkout", "--template=", "-c", "user.name=Pintle", "-c",
                   "user.email=pintle@localhost", "--", mirror.folder(), to}));
    // A job may write into its clone as it likes and must not reach the shared mirror, nor miss what the mirror drops.
    TRY(git.copy_folder(mirror.folder() + "/objects", to + "/.git/objects"));
    TRY(os::remove_tree(to + "/.git/objects/info/alternates"));
    TRY(git.local({"-C", to, "remote", "set-url", "origin", errand.url}));
    TRY(check_out_revision(git, to, revision));
    TRY(fetch_large_files(git, {to, mirror.large_files_folder(), errand.url, revision.commit}, errand.access,
                          errand.progress));
    if (!errand.account || !errand.login.pushes) return {};
    TRY(give_access(to, errand.url, *errand.account, git_.known_hosts_of(*errand.account)));
    TRY(git_.local({"-C", to, "config", "--local", "include.path", "pintle/config"}));
    return {};
}

Result<GitRevision> GitSources::bring_and_clone(GitMirror& mirror, const Errand& errand,
                                                const std::string& revision) const {
    GitRevision found = TRY(mirror.bring(revision, errand.progress));
    Result<void> cloned = clone(mirror, errand, found);
    const auto is_ended = [&] {
        const ErrorCode code = cloned.error().code;
        return code == ErrorCode::kTimeout || code == ErrorCode::kCancelled || code == ErrorCode::kExhausted;
    };
    if (!cloned && !is_ended() && TRY(mirror.repair())) {
        found = TRY(mirror.bring(revision, errand.progress));
        cloned = clone(mirror, errand, found);
    }
    if (!cloned) {
        // Nobody could use it, and the disk may be full of it.
        const auto removed = os::remove_tree(errand.folder);
        if (!removed) log::warn("source.clone_left", {{"folder", errand.folder}, {"error", removed.error().message}});
        return fail(cloned.error().context(fmt::format("checking out {}", mask_secrets(errand.url))));
    }
    return found;
}

Result<GitCheckout> GitSources::check_out(const domain::JobId& job, const std::string& source,
                                          const domain::GitSource& origin, const std::string& revision,
                                          const Progress& progress, const GitLogin& login,
                                          const Limits& limits) const {
    const std::string& url = origin.repository;
    TRY(domain::check_repository(url));
    const std::string own_folder = fmt::format("{}/{}", work_folder_, job.str());
    GitCheckout checkout{fmt::format("{}/git/{}", own_folder, source), domain::repository_name(url), {}};
    const std::string marker = checkout.folder + ".ready";
    const auto is_ready = [&] {
        const auto ready = os::read_file(marker, 100);
        if (!ready || !os::exists(checkout.folder)) return false;
        checkout.commit = *ready;
        return true;
    };
    // A job that was prepared before needs its account no more, which may be gone meanwhile.
    if (login.account && is_ready()) return checkout;
    std::optional<domain::OpenAccount> account;
    if (login.account) account = TRY(login.account());
    GitMirror mirror = TRY(GitMirror::open(git_.within(limits), cache_folder_, url, account ? account->id.str() : ""));
    if (is_ready()) return checkout;
    std::optional<GitAccess> access;
    if (account) {
        access.emplace(TRY(GitAccess::open(fmt::format("{}/git-access/{}", own_folder, source), url, *account,
                                           git_.known_hosts_of(*account))));
        mirror.use(&*access);
        if (url.starts_with("http://"))
            progress(
                fmt::format("Warning: the account {} is sent to {} unencrypted; use https where the server has it.",
                            account->name, mask_secrets(url)));
    }
    const Errand errand{checkout.folder, url, login, account, access ? &*access : nullptr, progress};
    const GitRevision found = TRY(bring_and_clone(mirror, errand, revision.empty() ? origin.revision : revision));
    checkout.commit = found.commit;
    TRY(os::write_file_atomic(marker, found.commit));
    const std::string branch = found.branch.empty() ? "" : fmt::format(" of branch {}", found.branch);
    progress(fmt::format("{} is at commit {}{}.", source, found.commit.substr(0, 12), branch));
    return checkout;
}

Result<std::string> folder_in(const GitCheckout& checkout, const std::string& sub_path, const Progress& progress) {
    const std::size_t begin = sub_path.find_first_not_of('/');
    const std::string path =
        TRY(domain::clean_sub_path(begin == std::string::npos ? "" : std::string_view(sub_path).substr(begin)));
    if (path.empty()) return checkout.folder;
    const std::string first = path.substr(0, path.find('/'));
    if (first != checkout.repository) {
        progress(fmt::format("Warning: the sub path \"{}\" does not begin with the repository's name, {}.",
                             to_valid_utf8(path), checkout.repository));
    }
    const os::UniqueFd root = TRY(open_root(checkout.folder));
    const Result<os::UniqueFd> found = open_beneath(root.get(), path, O_PATH | O_DIRECTORY);
    if (!found && found.error().code == ErrorCode::kNotFound) return no_such_folder(checkout, path);
    if (!found) return fail(found.error());
    return real_path_of(*found);
}

}  // namespace pintle::source
