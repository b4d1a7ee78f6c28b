#include "catalog/shelf.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace pintle::catalog {
namespace {

constexpr int kDepthMost = 3;
constexpr std::size_t kFoldersMost = 5000;

struct Search {
    FileTree& tree;
    std::vector<std::string> found{};
    std::size_t folders = 0;

    Result<void> look(const std::string& folder, int depth) {
        if (++folders > kFoldersMost)
            return fail(ErrorCode::kExhausted, "a catalog has at most {} folders", kFoldersMost);
        const std::vector<TreeEntry> entries = TRY(tree.list(folder));
        const bool is_template = std::any_of(entries.begin(), entries.end(),
                                             [](const TreeEntry& entry) { return entry.name == kChartFile; });
        if (is_template) {
            found.push_back(folder);
            if (found.size() > kTemplatesMost)
                return fail(ErrorCode::kExhausted, "a catalog has at most {} templates", kTemplatesMost);
            return {};
        }
        if (depth == kDepthMost) return {};
        for (const TreeEntry& entry : entries) {
            if (entry.kind == TreeEntry::Kind::kFolder && !entry.name.starts_with('.'))
                TRY(look(path_in(folder, entry.name), depth + 1));
        }
        return {};
    }
};

}  // namespace

std::string name_made_of(std::string_view text) {
    std::string name;
    for (const char c : to_lower(text)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_plain) name += c;
        else if (!name.empty() && name.back() != '-') name += '-';
    }
    name.resize(std::min<std::size_t>(name.size(), 63));
    while (!name.empty() && name.back() == '-') name.pop_back();
    return name.empty() ? "template" : name;
}

Result<std::vector<ProjectTemplate>> read_shelf(FileTree& tree, const std::string& name) {
    Search search{tree};
    TRY(search.look("", 0));
    std::map<std::string, ProjectTemplate> by_name;
    for (const std::string& folder : search.found) {
        const std::string wanted = name_made_of(folder.empty() ? name : folder.substr(folder.rfind('/') + 1));
        std::string free = wanted;
        for (int n = 2; by_name.contains(free); ++n) free = fmt::format("{}-{}", wanted.substr(0, 59), n);
        ProjectTemplate made = read_template(tree, folder, free);
        if (free != wanted)
            made.faults.push_back(
                {std::string(kChartFile),
                 {"", fmt::format("another folder of the catalog gives its template the name {} already", wanted), 0,
                  0}});
        by_name.emplace(free, std::move(made));
    }
    std::vector<ProjectTemplate> all;
    for (auto& [key, made] : by_name) all.push_back(std::move(made));
    return all;
}

}  // namespace pintle::catalog
