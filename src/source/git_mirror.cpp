#include "source/git_mirror.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::source {
namespace fs = std::filesystem;

/// The part of the remote's references that concerns one revision.
struct GitMirror::Advertised {
    std::map<std::string, std::string> commits;  ///< "refs/heads/main" → commit; peeled tags end in "^{}".
    std::string head_branch;                     ///< "main"; empty when HEAD is no branch.

    [[nodiscard]] std::string find(const std::string& reference) const {
        const auto found = commits.find(reference);
        return found == commits.end() ? std::string() : found->second;
    }
};

namespace {

constexpr std::string_view kHeads = "refs/heads/";

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool may_begin_commit_id(std::string_view text) { return text.size() >= 4 && text.size() <= 64 && is_hex(text); }

std::string folder_name_for(const std::string& url) {
    std::array<unsigned char, 16> hash{};
    ::crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(url.data()), url.size(),
                         nullptr, 0);
    std::string name;
    for (const unsigned char byte : hash) name += fmt::format("{:02x}", byte);
    return name;
}

std::string folder_for(const std::string& cache_folder, const std::string& url, const std::string& account) {
    return fmt::format("{}/git/{}", cache_folder, folder_name_for(account.empty() ? url : url + "\n" + account));
}

// False: somebody else has it.
Result<bool> take_lock(const os::UniqueFd& fd, const std::string& path) {
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) return fail(os::errno_error("lock", path, errno));
    }
    return true;
}

Result<void> check_revision(const std::string& revision) {
    if (revision.empty() || is_plain_revision(revision)) return {};
    return fail(ErrorCode::kInvalid, "\"{}\" is not a revision: give a branch, a tag or a commit",
                to_valid_utf8(revision.substr(0, 200)));
}

// What git leaves in the folder of packs when it is ended.
bool is_half_fetched(const std::string& name) { return name.starts_with("tmp_") || name.starts_with(".tmp-"); }

}  // namespace

bool is_commit_id(std::string_view text) { return (text.size() == 40 || text.size() == 64) && is_hex(text); }

bool is_plain_revision(std::string_view revision) {
    if (revision.empty() || revision.size() > 250 || revision.front() == '-' || revision.front() == '/' ||
        revision.back() == '/') {
        return false;
    }
    if (revision.find("..") != std::string_view::npos || revision.find("@{") != std::string_view::npos ||
        revision.find("//") != std::string_view::npos) {
        return false;
    }
    return std::all_of(revision.begin(), revision.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 0x7f &&
               std::string_view("~^:?*[\\").find(c) == std::string_view::npos;
    });
}

Result<GitMirror> GitMirror::open(const Git& git, const std::string& cache_folder, const std::string& url,
                                  const std::string& account) {
    // Mirrors of private repositories are nobody else's business.
    TRY(os::make_folders(cache_folder + "/git", 0700));
    const std::string folder = folder_for(cache_folder, url, account);
    const std::string lock_path = folder + ".lock";
    os::UniqueFd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return fail(os::errno_error("open", lock_path, errno));
    const auto begun = std::chrono::steady_clock::now();
    while (!TRY(take_lock(lock, lock_path))) TRY(git.wait_for_others(begun, url));
    GitMirror mirror(git, folder, url, std::move(lock));
    if (!os::exists(folder + "/HEAD")) TRY(mirror.make());
    return mirror;
}

GitMirror GitMirror::unlocked(const Git& git, const std::string& cache_folder, const std::string& url,
                              const std::string& account) {
    return {git, folder_for(cache_folder, url, account), url, os::UniqueFd()};
}

Result<void> GitMirror::make() {
    const std::string half_made = folder_ + ".new";
    TRY(os::remove_tree(half_made));
    TRY(os::remove_tree(folder_));
    TRY(git_.local({"init", "--quiet", "--bare", "--template=", "--", half_made}));
    if (::rename(half_made.c_str(), folder_.c_str()) != 0) {
        return fail(os::errno_error("create the folder", folder_, errno));
    }
    return {};
}

Result<GitMirror::Advertised> GitMirror::ask_remote(const std::string& revision) const {
    std::vector<std::string> args{"ls-remote", "--quiet", "--symref", "--", url_, "HEAD"};
    for (const std::string_view prefix : {"refs/heads/", "refs/tags/"}) {
        if (!revision.empty()) args.push_back(fmt::format("{}{}", prefix, revision));
    }
    if (!revision.empty()) args.push_back(fmt::format("refs/tags/{}^{{}}", revision));
    if (revision.starts_with("refs/")) args.push_back(revision);
    const std::string output = TRY(git_.remote(std::move(args), url_, access_));
    Advertised remote;
    for (const std::string& line : split(output, '\n')) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos) continue;
        const std::string value = line.substr(0, tab), name = line.substr(tab + 1);
        if (is_commit_id(value)) remote.commits.emplace(name, value);
        if (name == "HEAD" && value.starts_with(fmt::format("ref: {}", kHeads))) {
            remote.head_branch = value.substr(5 + kHeads.size());
        }
    }
    return remote;
}

void GitMirror::remove_half_fetched() const {
    const std::string packs = folder_ + "/objects/pack";
    const auto names = os::list_folder(packs);
    if (!names) return;
    for (const std::string& name : *names) {
        if (is_half_fetched(name)) ::unlink(fmt::format("{}/{}", packs, name).c_str());
    }
}

Result<void> GitMirror::fetch(bool has_head, const Progress& progress) {
    std::vector<std::string> args{"-C", folder_, "fetch", "--progress", "--force", "--prune"};
    for (const char* arg : {"--no-tags", "--no-write-fetch-head", "--"}) args.emplace_back(arg);
    args.insert(args.end(), {url_, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"});
    // A HEAD that is no branch may be at a commit that no branch or tag leads to.
    if (has_head) args.push_back("+HEAD:refs/pintle/head");
    // After a crash too: we hold the lock, so none of it is still being written.
    remove_half_fetched();
    Result<void> fetched = git_.fetch(std::move(args), url_, access_, progress);
    // git cannot go on with it, and it is as large as what had come.
    if (!fetched) remove_half_fetched();
    return fetched;
}

Result<void> GitMirror::fetch_repairing(bool has_head, const Progress& progress) {
    Result<void> fetched = fetch(has_head, progress);
    // What was ended from outside says nothing of the mirror.
    const auto is_ended = [&] {
        return fetched.error().code == ErrorCode::kTimeout || fetched.error().code == ErrorCode::kCancelled;
    };
    if (fetched || is_ended() || !TRY(repair())) return fetched;
    return fetch(has_head, progress);
}

Result<bool> GitMirror::repair() {
    const bool was_locked = remove_stale_locks();
    if (is_sound()) return was_locked;
    TRY(make());
    return true;
}

// We hold the mirror's lock, so nobody alive holds one of git's.
bool GitMirror::remove_stale_locks() const {
    std::vector<fs::path> stale;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
        if (it->path().extension() == ".lock") stale.push_back(it->path());
    }
    for (const fs::path& path : stale) fs::remove(path, error);
    return !stale.empty();
}

bool GitMirror::is_sound() const {
    return git_.succeeds({"-C", folder_, "rev-list", "--quiet", "--objects", "--all"});
}

bool GitMirror::has_commit(const std::string& commit) const {
    // The commit alone could be there without its files, after a crash: rev-list looks at all it leads to that
    // no reference has vouched for.
    return git_.succeeds({"-C", folder_, "rev-list", "--quiet", "--objects", commit + "^{commit}", "--not", "--all"});
}

std::string GitMirror::commit_beginning_with(const std::string& hex) const {
    const auto found =
        git_.local({"-C", folder_, "rev-parse", "--verify", "--quiet", "--end-of-options", hex + "^{commit}"});
    const std::string commit(found ? trim(*found) : std::string_view());
    // A branch that happens to look like the beginning of a commit is not meant.
    return is_commit_id(commit) && commit.starts_with(hex) ? commit : std::string();
}

tl::unexpected<Error> GitMirror::unknown_revision(const std::string& revision) const {
    std::vector<std::string> branches;
    if (const auto listed = git_.remote({"ls-remote", "--quiet", "--heads", "--", url_}, url_, access_)) {
        for (const std::string& line : split(*listed, '\n')) {
            if (const std::size_t at = line.find(kHeads); at != std::string::npos && branches.size() < 10) {
                branches.push_back(line.substr(at + kHeads.size()));
            }
        }
    }
    const std::string known =
        branches.empty() ? "" : fmt::format("; it has the branches {}", to_valid_utf8(join(branches, ", ")));
    return fail(ErrorCode::kNotFound, "the git repository {} has no branch, tag or commit \"{}\"{}", mask_secrets(url_),
                to_valid_utf8(revision), known);
}

Result<GitRevision> GitMirror::bring_commit(const std::string& revision, const Advertised& remote,
                                            const Progress& progress) {
    const bool has_head = !remote.find("HEAD").empty();
    if (std::string commit = commit_beginning_with(revision); !commit.empty() && has_commit(commit)) {
        return GitRevision{commit, {}};
    }
    progress(fmt::format("Fetching {}.", mask_secrets(url_)));
    TRY(fetch_repairing(has_head, progress));
    if (std::string commit = commit_beginning_with(revision); !commit.empty()) return GitRevision{commit, {}};
    if (!is_commit_id(revision)) return unknown_revision(revision);
    // No branch or tag leads there; some servers give any commit that is asked for.
    const std::string keep = fmt::format("+{}:refs/pintle/{}", revision, revision);
    const auto asked = git_.fetch(
        {"-C", folder_, "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--", url_, keep}, url_, access_,
        progress);
    if (!asked || commit_beginning_with(revision).empty()) return unknown_revision(revision);
    return GitRevision{revision, {}};
}

// The commit is empty where neither a branch nor a tag has that name.
Result<GitRevision> GitMirror::resolve(const std::string& revision, const Advertised& remote) const {
    if (revision.empty()) {
        GitRevision head{remote.find("HEAD"),
                         is_plain_revision(remote.head_branch) ? remote.head_branch : std::string()};
        if (!head.commit.empty()) return head;
        return fail(ErrorCode::kNotFound,
                    "the git repository {} has no commits at its HEAD; name a branch as the revision",
                    mask_secrets(url_));
    }
    GitRevision wanted{remote.find(fmt::format("{}{}", kHeads, revision)), revision};
    for (const std::string& other : {"refs/tags/" + revision + "^{}", "refs/tags/" + revision, revision}) {
        if (wanted.commit.empty()) wanted = {remote.find(other), {}};
    }
    return wanted;
}

Result<std::optional<GitRevision>> GitMirror::look(const std::string& revision) const {
    TRY(check_revision(revision));
    if (is_commit_id(revision) && has_commit(revision)) return GitRevision{revision, {}};
    const Advertised remote = TRY(ask_remote(revision));
    GitRevision wanted = TRY(resolve(revision, remote));
    if (wanted.commit.empty() && !may_begin_commit_id(revision)) return unknown_revision(revision);
    if (wanted.commit.empty()) wanted = {commit_beginning_with(revision), {}};
    if (wanted.commit.empty() || !has_commit(wanted.commit)) return std::nullopt;
    return wanted;
}

Result<GitRevision> GitMirror::bring(const std::string& revision, const Progress& progress) {
    TRY(check_revision(revision));
    if (is_commit_id(revision) && has_commit(revision)) return GitRevision{revision, {}};
    const Advertised remote = TRY(ask_remote(revision));
    const GitRevision wanted = TRY(resolve(revision, remote));
    if (wanted.commit.empty() && may_begin_commit_id(revision)) return bring_commit(revision, remote, progress);
    if (wanted.commit.empty()) return unknown_revision(revision);
    if (!has_commit(wanted.commit)) {
        progress(fmt::format("Fetching {}.", mask_secrets(url_)));
        TRY(fetch_repairing(!remote.find("HEAD").empty(), progress));
        if (!has_commit(wanted.commit)) {
            return fail(ErrorCode::kUnavailable, "the git repository {} changed while it was fetched; try again",
                        mask_secrets(url_));
        }
    }
    return wanted;
}

}  // namespace pintle::source
