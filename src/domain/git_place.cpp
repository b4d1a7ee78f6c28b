#include "domain/git_place.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "domain/source.hpp"

namespace pintle::domain {
namespace {

using Parts = std::vector<std::string>;

std::string joined(const Parts& parts, std::size_t from, std::size_t to) {
    return join(
        Parts(parts.begin() + static_cast<std::ptrdiff_t>(from), parts.begin() + static_cast<std::ptrdiff_t>(to)), "/");
}

// parts[revision] and what follows it, of the repository that `base` and the parts before `end` name.
GitPlace place_of(std::string_view base, const Parts& parts, std::size_t end, std::size_t revision) {
    GitPlace place;
    place.repository = std::string(base) + joined(parts, 0, end);
    if (revision < parts.size() && parts[revision] != "master") place.revision = parts[revision];
    const std::string folder = revision + 1 < parts.size() ? joined(parts, revision + 1, parts.size()) : "";
    if (!folder.empty()) place.sub_path = repository_name(place.repository) + "/" + folder;
    return place;
}

bool is_kind_of_ref(const std::string& part) { return part == "branch" || part == "tag" || part == "commit"; }

// Where the parts say "tree" or its like. `host` decides where a folder of a repository could have that name too.
std::optional<GitPlace> shown_by_host(std::string_view base, std::string_view host, const Parts& parts) {
    const auto at = [&](std::size_t i) { return i < parts.size() ? parts[i] : std::string(); };
    for (std::size_t i = 1; i + 2 < parts.size(); ++i) {
        if (parts[i] == "-" && parts[i + 1] == "tree") return place_of(base, parts, i, i + 2);
    }
    if (parts.size() < 4) return std::nullopt;
    if (at(2) == "tree") return place_of(base, parts, 2, 3);
    if (at(2) != "src") return std::nullopt;
    if (is_kind_of_ref(at(3)) && parts.size() > 4) return place_of(base, parts, 2, 4);
    if (host.find("bitbucket") != std::string_view::npos) return place_of(base, parts, 2, 3);
    return std::nullopt;
}

// "…/repo.git/sub": git itself would look for a repository there.
std::optional<GitPlace> behind_suffix(std::string_view url) {
    constexpr std::string_view kSuffix = ".git/";
    const std::size_t scheme = url.find("://");
    const std::size_t found = url.find(kSuffix, scheme == std::string_view::npos ? 0 : scheme + 3);
    if (found == std::string_view::npos || found == 0 || url[found - 1] == '/') return std::nullopt;
    GitPlace place;
    place.repository = std::string(url.substr(0, found + 4));
    std::string_view folder = url.substr(found + kSuffix.size());
    while (folder.ends_with('/')) folder.remove_suffix(1);
    while (folder.starts_with('/')) folder.remove_prefix(1);
    if (!folder.empty()) place.sub_path = repository_name(place.repository) + "/" + std::string(folder);
    return place;
}

}  // namespace

GitPlace take_apart(std::string_view url) {
    // A path of this machine is taken as it is, whatever its folders are called.
    const bool is_path = url.starts_with('/') || url.starts_with("file://");
    if (is_path) return {std::string(url), "", ""};
    if (auto place = behind_suffix(url)) return *place;
    if (!url.starts_with("https://") && !url.starts_with("http://")) return {std::string(url), "", ""};
    const std::size_t host_begin = url.find("://") + 3;
    const std::size_t slash = url.find('/', host_begin);
    if (slash == std::string_view::npos) return {std::string(url), "", ""};
    std::string_view path = url.substr(slash + 1, url.find_first_of("?#", slash) - slash - 1);
    while (path.ends_with('/')) path.remove_suffix(1);
    const std::string_view host = url.substr(host_begin, slash - host_begin);
    if (auto place = shown_by_host(url.substr(0, slash + 1), host, split(path, '/'))) return *place;
    return {std::string(url), "", ""};
}

}  // namespace pintle::domain
