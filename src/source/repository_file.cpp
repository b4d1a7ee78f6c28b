#include "source/repository_file.hpp"

#include "base/text.hpp"
#include "domain/sub_path.hpp"
#include "source/git_mirror.hpp"

namespace pintle::source {
namespace {

/// One line of `git ls-tree --long`: "100644 blob HASH    12\tpintle.yaml".
struct Entry {
    std::string mode;
    std::string hash;
    std::int64_t size = 0;
};

std::optional<Entry> read_entry(const std::string& output) {
    const std::string head = output.substr(0, output.find('\t'));
    std::vector<std::string> parts;
    for (const std::string& part : split(head, ' ')) {
        if (!part.empty()) parts.push_back(part);
    }
    if (parts.size() != 4) return std::nullopt;
    return Entry{parts[0], parts[2], parse_int(parts[3]).value_or(0)};
}

std::string what_is_there(const Git& git, const std::string& mirror, const std::string& commit) {
    constexpr std::size_t kMost = 20;
    const auto listed = git.local({"-C", mirror, "ls-tree", "-z", "--name-only", commit});
    std::vector<std::string> names;
    for (const std::string& name : split(listed ? *listed : std::string(), '\0')) {
        if (!name.empty() && names.size() < kMost) names.push_back(to_valid_utf8(name));
    }
    return names.empty() ? "it is empty" : "at its top it has " + join(names, ", ");
}

Result<std::string> clean_path(const std::string& path) {
    const std::string clean = TRY(domain::clean_sub_path(path));
    if (!clean.empty() && !clean.starts_with('/')) return clean;
    return fail(ErrorCode::kInvalid, "\"{}\" is no path of a file within the repository",
                to_valid_utf8(path.substr(0, 200)));
}

}  // namespace

Result<RepositoryFile> read_repository_file(const Git& git, const std::string& cache_folder,
                                            const FileWish& wish) {
    const domain::GitSource& origin = wish.origin;
    TRY(domain::check_repository(origin.repository));
    const std::string file = TRY(clean_path(wish.path));
    const std::string account = wish.account == nullptr ? "" : wish.account->id.str();
    GitMirror mirror = TRY(GitMirror::open(git, cache_folder, origin.repository, account));
    std::optional<GitAccess> access;
    if (wish.account != nullptr) {
        access.emplace(TRY(
            GitAccess::open(wish.access_folder, origin.repository, *wish.account, git.known_hosts_of(*wish.account))));
        mirror.use(&*access);
    }
    const GitRevision found = TRY(mirror.bring(origin.revision, [](const std::string&) {}));
    const std::string listed = TRY(git.local(
        {"--literal-pathspecs", "-C", mirror.folder(), "ls-tree", "--long", "--full-tree", found.commit, "--", file}));
    const auto entry = read_entry(listed);
    const std::string where =
        fmt::format("{} at commit {}", mask_secrets(origin.repository), found.commit.substr(0, 12));
    if (!entry) {
        return fail(ErrorCode::kNotFound, "there is no file \"{}\" in {}; {}", to_valid_utf8(file), where,
                    what_is_there(git, mirror.folder(), found.commit));
    }
    if (!entry->mode.starts_with("100")) {
        return fail(ErrorCode::kInvalid, "\"{}\" in {} is {}, not a file", to_valid_utf8(file), where,
                    entry->mode == "120000" ? "a link" : "a folder");
    }
    if (entry->size > static_cast<std::int64_t>(wish.most_bytes)) {
        return fail(ErrorCode::kExhausted, "\"{}\" in {} has {}; at most {} are read", to_valid_utf8(file), where,
                    bytes_in_words(entry->size), bytes_in_words(static_cast<std::int64_t>(wish.most_bytes)));
    }
    std::string text = TRY(git.local({"-C", mirror.folder(), "cat-file", "blob", entry->hash}));
    return RepositoryFile{std::move(text), found.commit};
}

}  // namespace pintle::source
