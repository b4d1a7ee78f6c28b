#include "source/git_mirror.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
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
bool is_commit_id(std::string_view text) { return (text.size() == 40 || text.size() == 64) && is_hex(text); }
bool may_begin_commit_id(std::string_view text) { return text.size() >= 4 && text.size() <= 64 && is_hex(text); }

std::string folder_name_for(const std::string& url) {
    std::array<unsigned char, 16> hash{};
    ::crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(url.data()), url.size(),
                         nullptr, 0);
    std::string name;
    for (const unsigned char byte : hash) name += fmt::format("{:02x}", byte);
    return name;
}

Result<os::UniqueFd> lock_file(const std::string& path) {
    os::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return fail(os::errno_error("open", path, errno));
    while (::flock(fd.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return fail(os::errno_error("lock", path, errno));
    }
    return fd;
}

}  // namespace

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
    const std::string mirrors = cache_folder + "/git";
    // Mirrors of private repositories are nobody else's business.
    TRY(os::make_folders(mirrors, 0700));
    const std::string folder = fmt::format("{}/{}", mirrors, folder_name_for(account.empty() ? url : url + "\n" + account));
    os::UniqueFd lock = TRY(lock_file(folder + ".lock"));
    GitMirror mirror(git, folder, url, std::move(lock));
    if (!os::exists(folder + "/HEAD")) TRY(mirror.make());
    return mirror;
}

Result<void> GitMirror::make() {
    const std::string half_made = folder_ + ".new";
    TRY(os::remove_tree(half_made));
    TRY(os::remove_tree(folder_));
    TRY(git_->local({"init", "--quiet", "--bare", "--template=", "--", half_made}));
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
    const std::string output = TRY(git_->remote(std::move(args), url_, access_));
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

Result<void> GitMirror::fetch(bool has_head) {
    std::vector<std::string> args{"-C", folder_, "fetch", "--quiet", "--force", "--prune"};
    for (const char* arg : {"--no-tags", "--no-write-fetch-head", "--"}) args.emplace_back(arg);
    args.insert(args.end(), {url_, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"});
    // A HEAD that is no branch may be at a commit that no branch or tag leads to.
    if (has_head) args.push_back("+HEAD:refs/pintle/head");
    TRY(git_->remote(std::move(args), url_, access_));
    return {};
}

Result<void> GitMirror::fetch_repairing(bool has_head) {
    Result<void> fetched = fetch(has_head);
    if (fetched || !TRY(repair())) return fetched;
    return fetch(has_head);
}

Result<bool> GitMirror::repair() {
    if (is_sound()) return false;
    TRY(make());
    return true;
}

bool GitMirror::is_sound() const {
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
        // We hold the mirror's lock, so nobody alive holds one of git's.
        if (it->path().extension() == ".lock") return false;
    }
    return !error && git_->succeeds({"-C", folder_, "rev-list", "--quiet", "--objects", "--all"});
}

bool GitMirror::has_commit(const std::string& commit) const {
    // The commit alone could be there without its files, after a crash: rev-list looks at all it leads to that
    // no reference has vouched for.
    return git_->succeeds({"-C", folder_, "rev-list", "--quiet", "--objects", commit + "^{commit}", "--not", "--all"});
}

std::string GitMirror::commit_beginning_with(const std::string& hex) const {
    const auto found =
        git_->local({"-C", folder_, "rev-parse", "--verify", "--quiet", "--end-of-options", hex + "^{commit}"});
    const std::string commit(found ? trim(*found) : std::string_view());
    // A branch that happens to look like the beginning of a commit is not meant.
    return is_commit_id(commit) && commit.starts_with(hex) ? commit : std::string();
}

tl::unexpected<Error> GitMirror::unknown_revision(const std::string& revision) const {
    std::vector<std::string> branches;
    if (const auto listed = git_->remote({"ls-remote", "--quiet", "--heads", "--", url_}, url_, access_)) {
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
    TRY(fetch_repairing(has_head));
    if (std::string commit = commit_beginning_with(revision); !commit.empty()) return GitRevision{commit, {}};
    if (!is_commit_id(revision)) return unknown_revision(revision);
    // No branch or tag leads there; some servers give any commit that is asked for.
    const std::string keep = fmt::format("+{}:refs/pintle/{}", revision, revision);
    const auto asked =
        git_->remote({"-C", folder_, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url_, keep}, url_,
                     access_);
    if (!asked || commit_beginning_with(revision).empty()) return unknown_revision(revision);
    return GitRevision{revision, {}};
}

Result<GitRevision> GitMirror::bring(const std::string& revision, const Progress& progress) {
    if (!revision.empty() && !is_plain_revision(revision)) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not a revision: give a branch, a tag or a commit",
                    to_valid_utf8(revision.substr(0, 200)));
    }
    if (is_commit_id(revision) && has_commit(revision)) return GitRevision{revision, {}};
    const Advertised remote = TRY(ask_remote(revision));
    GitRevision wanted;
    if (revision.empty()) {
        wanted = {remote.find("HEAD"), is_plain_revision(remote.head_branch) ? remote.head_branch : std::string()};
        if (wanted.commit.empty()) {
            return fail(ErrorCode::kNotFound,
                        "the git repository {} has no commits at its HEAD; name a branch as the revision",
                        mask_secrets(url_));
        }
    } else {
        wanted = {remote.find(fmt::format("{}{}", kHeads, revision)), revision};
        for (const std::string& other : {"refs/tags/" + revision + "^{}", "refs/tags/" + revision, revision}) {
            if (wanted.commit.empty()) wanted = {remote.find(other), {}};
        }
    }
    if (wanted.commit.empty() && may_begin_commit_id(revision)) return bring_commit(revision, remote, progress);
    if (wanted.commit.empty()) return unknown_revision(revision);
    if (!has_commit(wanted.commit)) {
        progress(fmt::format("Fetching {}.", mask_secrets(url_)));
        TRY(fetch_repairing(!remote.find("HEAD").empty()));
        if (!has_commit(wanted.commit)) {
            return fail(ErrorCode::kUnavailable, "the git repository {} changed while it was fetched; try again",
                        mask_secrets(url_));
        }
    }
    return wanted;
}

}  // namespace pintle::source
