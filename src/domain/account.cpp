#include "domain/account.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "domain/label.hpp"

namespace pintle::domain {
namespace {

constexpr std::size_t kServerMost = 255;
constexpr std::size_t kUserMost = 255;
constexpr std::size_t kKnownHostsMost = 64 << 10;

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; });
}

bool is_host(std::string_view text) {
    return text.size() <= kServerMost && !text.starts_with('-') && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                      std::string_view(".-_:[]").find(c) != std::string_view::npos;
           });
}

Result<void> need(bool there, AccountKind kind, std::string_view what) {
    if (there) return {};
    return fail(ErrorCode::kInvalid, "an account of the kind {} needs {}", to_string(kind), what);
}

Result<void> refuse(bool there, AccountKind kind, std::string_view what) {
    if (!there) return {};
    return fail(ErrorCode::kInvalid, "an account of the kind {} has no {}", to_string(kind), what);
}

// Lines that ssh reads; of an empty line and a comment nothing is to be checked.
Result<void> check_known_hosts(const std::string& text) {
    if (text.size() > kKnownHostsMost)
        return fail(ErrorCode::kInvalid, "known_hosts may have at most {} bytes", kKnownHostsMost);
    int number = 0;
    for (const std::string& line : split(text, '\n')) {
        ++number;
        const std::string_view content = trim(line);
        if (content.empty() || content.starts_with('#')) continue;
        const auto words = split(content, ' ');
        if (words.size() >= 3) continue;
        return fail(ErrorCode::kInvalid,
                    "line {} of known_hosts is not of the form \"HOST TYPE KEY\"; ssh-keyscan HOST prints such lines",
                    number);
    }
    return {};
}

}  // namespace

std::string_view to_string(AccountKind kind) {
    switch (kind) {
        case AccountKind::kGitKey: return "git_key";
        case AccountKind::kGitToken: return "git_token";
        case AccountKind::kS3: return "s3";
        case AccountKind::kRegistry: return "registry";
    }
    unreachable();
}

std::optional<AccountKind> account_kind_from(std::string_view text) {
    for (const AccountKind kind : kAccountKinds) {
        if (to_string(kind) == text) return kind;
    }
    return std::nullopt;
}

std::string_view secret_word(AccountKind kind) {
    switch (kind) {
        case AccountKind::kGitKey: return "private key";
        case AccountKind::kGitToken: return "token";
        case AccountKind::kS3: return "secret key";
        case AccountKind::kRegistry: return "password";
    }
    unreachable();
}

Result<void> check_account(const Account& account) {
    const AccountKind kind = account.kind;
    if (std::string fault = label_fault("account", account.name); !fault.empty())
        return fail(ErrorCode::kInvalid, "{}", fault);
    if (!is_host(account.server)) {
        return fail(ErrorCode::kInvalid,
                    "expected a host such as github.com or git.example:8443 as the account's server, got \"{}\"",
                    to_valid_utf8(account.server.substr(0, 100)));
    }
    if (account.user.size() > kUserMost || !is_printable(account.user) || account.user.find(':') != std::string::npos) {
        return fail(ErrorCode::kInvalid,
                    "an account's user has at most {} printable characters, without blanks and colons", kUserMost);
    }
    if (kind == AccountKind::kGitKey)
        TRY(refuse(!account.user.empty(), kind, "user: who asks is part of the repository's URL"));
    if (kind != AccountKind::kGitKey) TRY(refuse(!account.known_hosts.empty(), kind, "known_hosts: those are for ssh"));
    if (kind == AccountKind::kS3) TRY(need(!account.user.empty(), kind, "a user, which is the access key"));
    if (kind == AccountKind::kRegistry) {
        TRY(need(!account.server.empty(), kind, "a server, such as registry.example"));
        TRY(need(!account.user.empty(), kind, "a user"));
    }
    return check_known_hosts(account.known_hosts);
}

std::string server_name_of(std::string_view text) {
    text = trim(text);
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
        text = text.substr(0, text.find('/'));
        if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
    }
    while (text.ends_with('/')) text.remove_suffix(1);
    return to_lower(text);
}

}  // namespace pintle::domain
