#include "domain/source.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "domain/sub_path.hpp"

namespace pintle::domain {

std::string_view kind_of(const Source& source) {
    struct Names {
        std::string_view operator()(const GitSource&) const { return "git"; }
        std::string_view operator()(const ClusterStorageSource&) const { return "cluster storage"; }
        std::string_view operator()(const NfsSource&) const { return "NFS"; }
        std::string_view operator()(const S3Source&) const { return "S3"; }
    };
    return std::visit(Names{}, source.origin);
}

std::string_view to_string(S3Mode mode) {
    switch (mode) {
        case S3Mode::kMount: return "mount";
        case S3Mode::kCopy: return "copy";
    }
    return "";
}

std::string_view account_of(const Source& source) {
    struct Accounts {
        std::string_view operator()(const GitSource& git) const { return git.account; }
        std::string_view operator()(const ClusterStorageSource&) const { return {}; }
        std::string_view operator()(const NfsSource&) const { return {}; }
        std::string_view operator()(const S3Source& s3) const { return s3.account; }
    };
    return std::visit(Accounts{}, source.origin);
}

std::string repository_name(std::string_view url) {
    while (!url.empty() && url.back() == '/') url.remove_suffix(1);
    if (url.ends_with(".git")) url.remove_suffix(4);
    while (!url.empty() && url.back() == '/') url.remove_suffix(1);
    const std::size_t cut = url.find_last_of("/:");
    return std::string(cut == std::string_view::npos ? url : url.substr(cut + 1));
}

namespace {

// Only for the error text: whatever stands before the last "@" could hold a password.
std::string without_secrets(const std::string& url) {
    const std::size_t scheme = url.find("://"), at = url.rfind('@');
    const bool may_hold_one = scheme != std::string::npos && at != std::string::npos && at > scheme;
    return may_hold_one ? url.substr(0, scheme + 3) + "***" + url.substr(at) : url;
}

constexpr std::size_t kUrlMost = 2048;

// A host name or an IPv4 address: what could mean anything else to a program that gets it is refused.
bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    if (host.front() == '-' || host.front() == '.' || host.back() == '-') return false;
    return host.find("..") == std::string_view::npos && std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '.' || c == '_';
           });
}

bool is_ipv6_address(std::string_view host) {
    return host.find(':') != std::string_view::npos && host.size() <= 45 &&
           std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
                      c == '.';
           });
}

tl::unexpected<Error> no_server(std::string_view text) {
    // What stands before an "@" could hold a password.
    const std::size_t at = text.rfind('@');
    const std::string shown = at == std::string_view::npos ? std::string(text) : "***" + std::string(text.substr(at));
    return fail(ErrorCode::kInvalid, "expected a server like storage.example, 10.0.0.5 or [fd00::5]:2049, got \"{}\"",
                to_valid_utf8(std::string_view(shown).substr(0, 200)));
}

bool is_ipv4_shaped(std::string_view text) {
    const std::vector<std::string> parts = split(text, '.');
    return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
    });
}

}  // namespace

std::string origin_in_words(const Source& source) {
    struct Words {
        std::string operator()(const GitSource& git) const { return without_secrets(git.repository); }
        std::string operator()(const ClusterStorageSource& storage) const { return "storage " + storage.storage; }
        std::string operator()(const NfsSource& nfs) const { return nfs.server + ":" + nfs.path; }
        std::string operator()(const S3Source& s3) const {
            return "s3://" + s3.bucket + (s3.server.empty() ? std::string() : " on " + s3.server);
        }
    };
    return std::visit(Words{}, source.origin);
}

std::string host_in_url(const ServerAddress& address) {
    return address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
}

Result<ServerAddress> parse_server(std::string_view text) {
    if (text.find('@') != std::string_view::npos) return no_server(text);
    std::string_view host = text, port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return no_server(text);
        host = text.substr(1, end - 1), port = text.substr(end + 1);
        if (!is_ipv6_address(host) || (!port.empty() && port.front() != ':')) return no_server(text);
        has_port = !port.empty();
        if (has_port) port.remove_prefix(1);
    } else {
        const std::size_t colon = text.find(':');
        has_port = colon != std::string_view::npos;
        if (has_port) host = text.substr(0, colon), port = text.substr(colon + 1);
        if (!is_host_name(host)) return no_server(text);
    }
    if (!has_port) return ServerAddress{std::string(host), 0};
    const auto number = parse_int(port);
    if (!number || *number < 1 || *number > 65535 || port.find_first_not_of("0123456789") != std::string_view::npos) {
        return fail(ErrorCode::kInvalid, "expected a port from 1 to 65535 after the server's name, got \"{}\"",
                    to_valid_utf8(port.substr(0, 80)));
    }
    return ServerAddress{std::string(host), static_cast<int>(*number)};
}

Result<S3Endpoint> parse_s3_server(std::string_view text) {
    std::string_view rest = text;
    const bool is_http = rest.starts_with("http://"), is_https = rest.starts_with("https://");
    if (is_http || is_https) rest.remove_prefix(is_http ? 7 : 8);
    if ((is_http || is_https) && rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.find('/') != std::string_view::npos) {
        return fail(ErrorCode::kInvalid,
                    "an S3 server is an address without a path; the bucket has a field of its own");
    }
    ServerAddress address = TRY(parse_server(rest));
    return S3Endpoint{std::move(address), !is_http};
}

Result<void> check_nfs_path(std::string_view path) {
    if (!path.starts_with('/')) {
        return fail(ErrorCode::kInvalid,
                    "expected an absolute path as the NFS server names it, like /exports/data, got \"{}\"",
                    to_valid_utf8(path.substr(0, 200)));
    }
    TRY(clean_sub_path(path));
    if (std::any_of(path.begin(), path.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
        return fail(ErrorCode::kInvalid, "the path of an NFS export has no control characters");
    }
    return {};
}

Result<void> check_bucket(std::string_view bucket) {
    const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool is_plain = std::all_of(bucket.begin(), bucket.end(),
                                      [&](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; });
    if (bucket.size() < 3 || bucket.size() > 63 || !is_plain || !is_letter_or_digit(bucket.front()) ||
        !is_letter_or_digit(bucket.back()) || bucket.find("..") != std::string_view::npos) {
        return fail(
            ErrorCode::kInvalid,
            "\"{}\" is not the name of a bucket: it has 3 to 63 lower-case letters, digits, dots and dashes, and a "
            "letter or digit at both ends",
            to_valid_utf8(bucket.substr(0, 80)));
    }
    if (is_ipv4_shaped(bucket)) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not the name of a bucket: it looks like an address", bucket);
    }
    return {};
}

Result<void> check_region(std::string_view region) {
    const bool is_plain = std::all_of(region.begin(), region.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!is_plain || region.size() > 64 || region.starts_with('-')) {
        return fail(ErrorCode::kInvalid, "expected a region like eu-central-1, got \"{}\"",
                    to_valid_utf8(region.substr(0, 80)));
    }
    return {};
}

Result<void> check_account_name(std::string_view account) {
    const bool has_control = std::any_of(account.begin(), account.end(),
                                         [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
    if (account.size() > 128 || has_control || trim(account) != account) {
        return fail(ErrorCode::kInvalid, "expected the name of an account, got \"{}\"",
                    to_valid_utf8(account.substr(0, 80)));
    }
    return {};
}

Result<ServerAddress> repository_server(std::string_view url) {
    constexpr std::array<std::string_view, 4> kSchemes{"https://", "http://", "ssh://", "git://"};
    if (url.starts_with("/") || url.starts_with("file://")) return ServerAddress{};
    const auto scheme = std::find_if(kSchemes.begin(), kSchemes.end(),
                                     [&](std::string_view known) { return url.starts_with(known); });
    const bool is_scp_like = scheme == kSchemes.end();
    std::string_view authority = is_scp_like ? url : url.substr(scheme->size());
    const std::size_t at = authority.find('@');
    std::size_t end = authority.find('/');
    if (is_scp_like) {
        // user@host:path, the form that scp and git share. An IPv6 address has colons of its own.
        const std::size_t host = at == std::string_view::npos ? 0 : at + 1;
        const bool has_brackets = authority.substr(host).starts_with('[');
        end = authority.find(':', has_brackets ? authority.find(']', host) : 0);
        if (host <= 1 || end == std::string_view::npos || end < host || authority.substr(end, 3) == "://")
            return no_server(url);
    }
    authority = authority.substr(0, end);
    if (authority.starts_with('-') || authority.find_first_of(is_scp_like ? "/?#\\" : "?#\\") != std::string_view::npos)
        return no_server(url);
    return parse_server(at < authority.size() ? authority.substr(at + 1) : authority);
}

Result<void> check_repository(std::string_view url) {
    if (url.size() > kUrlMost) return fail(ErrorCode::kInvalid, "a repository URL has at most {} characters", kUrlMost);
    if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
        return fail(ErrorCode::kInvalid, "a repository URL has no spaces or control characters");
    }
    const std::string name = repository_name(url);
    const std::size_t scheme = url.find("://");
    const std::size_t path = scheme == std::string_view::npos ? 0 : url.find('/', scheme + 3);
    if (path >= url.size() - 1 || !repository_server(url) || name.empty() || name == "." || name == "..") {
        return fail(ErrorCode::kInvalid,
                    "expected a git repository like https://host/team/repo, ssh://…, git@host:team/repo or "
                    "file:///path, got \"{}\"",
                    without_secrets(to_valid_utf8(url.substr(0, 200))));
    }
    return {};
}

}  // namespace pintle::domain
