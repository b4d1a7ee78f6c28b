#include "source/repository_tree.hpp"

#include "base/text.hpp"
#include "source/git_mirror.hpp"

namespace pintle::source {
namespace {

constexpr std::size_t kFilesMost = 100'000;

RepositoryEntry::Kind kind_of(std::string_view mode) {
    if (mode.starts_with("100")) return RepositoryEntry::Kind::kFile;
    return mode == "120000" ? RepositoryEntry::Kind::kLink : RepositoryEntry::Kind::kOther;
}

}  // namespace

Result<RepositoryTree> RepositoryTree::bring(const Git& git, const std::string& cache_folder, const Wish& wish) {
    TRY(domain::check_repository(wish.origin.repository));
    const std::string account = wish.account == nullptr ? "" : wish.account->id.str();
    GitMirror mirror = TRY(GitMirror::open(git, cache_folder, wish.origin.repository, account));
    std::optional<GitAccess> access;
    if (wish.account != nullptr) {
        access.emplace(TRY(GitAccess::open(wish.access_folder, wish.origin.repository, *wish.account,
                                           git.known_hosts_of(*wish.account))));
        mirror.use(&*access);
    }
    const GitRevision found = TRY(mirror.bring(wish.origin.revision, [](const std::string&) {}));
    RepositoryTree tree(git, mirror.folder(), found.commit);
    TRY(tree.list());
    return tree;
}

Result<RepositoryTree> RepositoryTree::known(const Git& git, const std::string& cache_folder,
                                             const std::string& repository, const std::string& account,
                                             const std::string& commit) {
    const GitMirror mirror = TRY(GitMirror::open(git, cache_folder, repository, account));
    RepositoryTree tree(git, mirror.folder(), commit);
    TRY(tree.list());
    return tree;
}

// Each is "100644 blob HASH    12\tPATH".
Result<void> RepositoryTree::list() {
    if (!is_plain_revision(commit_))
        return fail(ErrorCode::kInvalid, "\"{}\" is no commit", to_valid_utf8(commit_.substr(0, 80)));
    const std::string listed =
        TRY(git_.local({"-C", mirror_, "ls-tree", "-r", "-z", "--long", "--full-tree", commit_}));
    for (const std::string& line : split(listed, '\0')) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos) continue;
        std::vector<std::string> parts;
        for (const std::string& part : split(line.substr(0, tab), ' ')) {
            if (!part.empty()) parts.push_back(part);
        }
        if (parts.size() != 4) continue;
        if (entries_.size() == kFilesMost)
            return fail(ErrorCode::kExhausted, "the commit has more than {} files, which is more than can be looked at",
                        kFilesMost);
        entries_.emplace(line.substr(tab + 1),
                         RepositoryEntry{kind_of(parts[0]), parts[2], parse_int(parts[3]).value_or(0)});
    }
    return {};
}

Result<std::string> RepositoryTree::read(const std::string& path, std::size_t most_bytes) const {
    const auto found = entries_.find(path);
    if (found == entries_.end()) return fail(ErrorCode::kNotFound, "there is no file \"{}\"", to_valid_utf8(path));
    const RepositoryEntry& entry = found->second;
    if (entry.kind != RepositoryEntry::Kind::kFile)
        return fail(ErrorCode::kInvalid, "it is {}, not a file",
                    entry.kind == RepositoryEntry::Kind::kLink ? "a link" : "another repository");
    if (entry.size_bytes > static_cast<std::int64_t>(most_bytes)) {
        return fail(ErrorCode::kExhausted, "it has {}; at most {} are read", bytes_in_words(entry.size_bytes),
                    bytes_in_words(static_cast<std::int64_t>(most_bytes)));
    }
    return git_.local({"-C", mirror_, "cat-file", "blob", entry.hash});
}

}  // namespace pintle::source
