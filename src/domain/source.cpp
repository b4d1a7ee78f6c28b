#include "domain/source.hpp"

#include <algorithm>
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

// The part between "//" and the path must name a host that ssh cannot take for an option, and a path must follow.
bool has_fit_host_and_path(std::string_view url, std::string_view scheme) {
    std::string_view rest = url.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) return false;
    std::string_view host = rest.substr(0, slash);
    if (host.starts_with('-')) return false;
    if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
    return !host.starts_with('-') && (scheme == "file://" || !host.empty());
}

// Only for the error text: whatever stands before the last "@" could hold a password.
std::string without_secrets(const std::string& url) {
    const std::size_t scheme = url.find("://"), at = url.rfind('@');
    const bool may_hold_one = scheme != std::string::npos && at != std::string::npos && at > scheme;
    return may_hold_one ? url.substr(0, scheme + 3) + "***" + url.substr(at) : url;
}

constexpr std::size_t kUrlMost = 2048;

}  // namespace

Result<void> check_repository(std::string_view url) {
    constexpr std::array<std::string_view, 5> kSchemes{"https://", "http://", "ssh://", "git://", "file://"};
    if (url.size() > kUrlMost) return fail(ErrorCode::kInvalid, "a repository URL has at most {} characters", kUrlMost);
    if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
        return fail(ErrorCode::kInvalid, "a repository URL has no spaces or control characters");
    }
    const std::string name = repository_name(url);
    bool known = url.starts_with("/") || is_scp_like(url);
    for (const std::string_view scheme : kSchemes) {
        known = known || (url.starts_with(scheme) && has_fit_host_and_path(url, scheme));
    }
    if (!known || name.empty() || name == "." || name == "..") {
        return fail(ErrorCode::kInvalid, "expected a git repository like https://host/team/repo, ssh://…, git@host:team/repo or file:///path, got \"{}\"",
                    without_secrets(to_valid_utf8(url.substr(0, 200))));
    }
    return {};
}

}  // namespace pintle::domain
