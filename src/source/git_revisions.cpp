#include "source/git_revisions.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "source/git_mirror.hpp"

namespace pintle::source {
namespace {

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr std::string_view kPeeled = "^{}";  ///< Behind the name of a tag: the commit that it is about.

bool is_fit(const std::string& name) { return is_plain_revision(name) && to_valid_utf8(name) == name; }

// What follows `prefix`, if it could be a revision.
std::optional<std::string> name_behind(std::string_view prefix, std::string_view reference) {
    if (!reference.starts_with(prefix)) return std::nullopt;
    std::string name(reference.substr(prefix.size()));
    if (!is_fit(name)) return std::nullopt;
    return name;
}

bool limit(std::vector<GitRevisions::Named>& named, std::size_t most) {
    if (named.size() <= most) return false;
    named.resize(most);
    return true;
}

}  // namespace

std::vector<std::string> revisions_question(const std::string& url) {
    return {"ls-remote", "--quiet", "--symref",     "--sort=-version:refname", "--", url,
            "HEAD",      "refs/heads/*", "refs/tags/*"};
}

GitRevisions parse_revisions(std::string_view told, std::size_t most) {
    GitRevisions found;
    std::map<std::string, std::string> peeled;
    for (const std::string& line : split(told, '\n')) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos) continue;
        const std::string value = line.substr(0, tab), reference = line.substr(tab + 1);
        if (value.starts_with("ref: ")) {
            if (reference == "HEAD") found.head = name_behind(kBranches, value.substr(5)).value_or("");
            continue;
        }
        if (!is_commit_id(value)) continue;
        if (reference.ends_with(kPeeled)) {
            peeled.emplace(reference.substr(0, reference.size() - kPeeled.size()), value);
        } else if (auto branch = name_behind(kBranches, reference)) {
            found.branches.push_back({std::move(*branch), value});
        } else if (auto tag = name_behind(kTags, reference)) {
            found.tags.push_back({std::move(*tag), value});
        }
    }
    for (GitRevisions::Named& tag : found.tags) {
        const auto commit = peeled.find(fmt::format("{}{}", kTags, tag.name));
        if (commit != peeled.end()) tag.commit = commit->second;
    }
    std::sort(found.branches.begin(), found.branches.end(), [&](const auto& a, const auto& b) {
        if ((a.name == found.head) != (b.name == found.head)) return a.name == found.head;
        // release-9 before release-10, as people count.
        return ::strverscmp(a.name.c_str(), b.name.c_str()) < 0;
    });
    const bool branches_cut = limit(found.branches, most), tags_cut = limit(found.tags, most);
    found.cut = branches_cut || tags_cut;
    return found;
}

}  // namespace pintle::source
