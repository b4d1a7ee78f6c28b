#include "domain/source.hpp"

#include <array>

#include "base/text.hpp"

namespace pintle::domain {

std::string_view kind_of(const Source& source) {
    struct Names {
        std::string_view operator()(const GitSource&) const { return "git"; }
        std::string_view operator()(const ClusterStorageSource&) const { return "cluster storage"; }
    };
    return std::visit(Names{}, source.origin);
}

std::string repository_name(std::string_view url) {
    while (!url.empty() && url.back() == '/') url.remove_suffix(1);
    if (url.ends_with(".git")) url.remove_suffix(4);
    while (!url.empty() && url.back() == '/') url.remove_suffix(1);
    const std::size_t cut = url.find_last_of("/:");
    return std::string(cut == std::string_view::npos ? url : url.substr(cut + 1));
}

namespace {

// user@host:path, the form that scp and git share.
bool is_scp_like(std::string_view url) {
    const std::size_t at = url.find('@'), colon = url.find(':');
    return at != std::string_view::npos && at > 0 && colon != std::string_view::npos && at < colon && url.find('/') != 0 &&
           url.substr(colon, 3) != "://" && url.front() != '-' && url[at + 1] != '-';
}

}  // namespace

Result<void> check_repository(std::string_view url) {
    constexpr std::array<std::string_view, 5> kSchemes{"https://", "http://", "ssh://", "git://", "file://"};
    if (url.find_first_of(std::string_view("\0\r\n\t ", 5)) != std::string_view::npos) {
        return fail(ErrorCode::kInvalid, "a repository URL has no spaces or control characters");
    }
    const std::string name = repository_name(url);
    bool known = url.starts_with("/") || is_scp_like(url);
    for (const std::string_view scheme : kSchemes) {
        // A host that begins with a dash would reach ssh as an option.
        known = known || (url.starts_with(scheme) && url.size() > scheme.size() && url[scheme.size()] != '-');
    }
    if (!known || name.empty() || name == "." || name == "..") {
        return fail(ErrorCode::kInvalid, "expected a git repository like https://host/team/repo, ssh://…, git@host:team/repo or file:///path, got \"{}\"",
                    to_valid_utf8(url.substr(0, 200)));
    }
    return {};
}

}  // namespace pintle::domain
