#include "source/git_access.hpp"

#include <utility>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/git_command.hpp"

namespace pintle::source {
namespace {

using domain::AccountKind;

/// The parts of a repository's address that decide how it is reached.
struct Address {
    enum class Way { kHttp, kSsh, kOther };
    Way way = Way::kOther;
    std::string scheme;  ///< "https"
    std::string host;    ///< With its port, unless that is the usual one; in small letters.
};

Address address_of(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) {
        if (url.starts_with('/')) return {};
        const std::size_t colon = url.find(':');
        const std::string_view before = url.substr(0, colon);
        return {Address::Way::kSsh, "ssh", to_lower(before.substr(before.rfind('@') + 1))};
    }
    const std::string scheme = to_lower(url.substr(0, scheme_end));
    const Address::Way way = scheme == "http" || scheme == "https" ? Address::Way::kHttp
                             : scheme == "ssh"                     ? Address::Way::kSsh
                                                                   : Address::Way::kOther;
    std::string_view host = url.substr(scheme_end + 3);
    host = host.substr(0, host.find('/'));
    host.remove_prefix(host.rfind('@') + 1);
    const std::string_view usual = scheme == "https" ? ":443" : scheme == "http" ? ":80" : ":22";
    if (host.ends_with(usual)) host.remove_suffix(usual.size());
    return {way, scheme, to_lower(host)};
}

// Within a quoted value of git's configuration.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

/// Where the files are, as git's helpers find them: quoted for a shell.
struct Place {
    std::string folder;  ///< For us.
    std::string seen;    ///< For a shell that git starts.
};

Result<void> write_private(const std::string& path, const std::string& content) {
    return os::write_file_atomic(path, content, 0600, false);
}

// ~/.ssh is nobody's business here: neither keys nor settings of whoever runs the server.
std::string ssh_with(const std::string& key, const std::string& known_hosts, bool strict) {
    return fmt::format(
        "ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=30 "
        "-o IdentitiesOnly=yes -o IdentityAgent=none "
        "-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking={} -o UserKnownHostsFile={} -i {}",
        strict ? "yes" : "accept-new", known_hosts, key);
}

Result<void> write_credential(const Place& place, const Address& address, const domain::OpenAccount& account) {
    TRY(write_private(place.folder + "/credential",
                      fmt::format("username={}\npassword={}\n", account.user, account.secret)));
    // Only for this host, also when the server sends us on to another.
    const std::string helper = fmt::format("!f() {{ test \"$1\" = get && cat {}; }}; f", place.seen + "/credential");
    return write_private(
        place.folder + "/config",
        fmt::format("[credential {}]\n\thelper = {}\n", quoted(address.scheme + "://" + address.host), quoted(helper)));
}

}  // namespace

Result<void> check_fits(const domain::OpenAccount& account, const std::string& url) {
    const Address address = address_of(url);
    const std::string shown = mask_secrets(url);
    if (address.way == Address::Way::kOther) {
        return fail(ErrorCode::kInvalid, "{} is reached without an account; take the account {} from the source", shown,
                    account.name);
    }
    const bool is_http = address.way == Address::Way::kHttp;
    if (account.kind != (is_http ? AccountKind::kGitToken : AccountKind::kGitKey)) {
        return fail(
            ErrorCode::kInvalid,
            "the account {} is of the kind {}, and {} is reached by {}, which takes an account of the kind {}{}",
            account.name, domain::to_string(account.kind), shown, is_http ? "http" : "ssh",
            is_http ? "git_token" : "git_key",
            account.kind == AccountKind::kGitKey     ? "; keys open addresses such as git@host:team/repo"
            : account.kind == AccountKind::kGitToken ? "; tokens open addresses such as https://host/team/repo"
                                                     : "");
    }
    if (account.server.empty() || account.server == address.host) return {};
    return fail(ErrorCode::kDenied, "the account {} is for {} alone, and {} is elsewhere; its secret is not sent there",
                account.name, account.server, shown);
}

Result<GitAccess> GitAccess::open(const std::string& folder, const std::string& url, const domain::OpenAccount& account,
                                  const std::string& known_hosts) {
    TRY(check_fits(account, url));
    const Address address = address_of(url);
    TRY(os::remove_tree(folder));
    TRY(os::make_folders(folder, 0700));
    GitAccess access;
    access.folder_ = folder;
    access.account_ = account.name;
    access.secret_ = account.secret;
    if (address.way == Address::Way::kHttp) {
        TRY(write_credential({folder, shell_quote(folder)}, address, account));
        return access;
    }
    TRY(write_private(folder + "/config", ""));
    TRY(write_private(folder + "/key", account.secret));
    const bool strict = !account.known_hosts.empty();
    const std::string hosts = strict ? folder + "/known_hosts" : known_hosts;
    if (strict) TRY(write_private(hosts, account.known_hosts + "\n"));
    access.ssh_command_ = ssh_with(shell_quote(folder + "/key"), shell_quote(quoted(hosts)), strict);
    return access;
}

GitAccess::GitAccess(GitAccess&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), account_(std::move(other.account_)), secret_(std::move(other.secret_)),
      ssh_command_(std::move(other.ssh_command_)) {}

GitAccess::~GitAccess() {
    if (!folder_.empty()) static_cast<void>(os::remove_tree(folder_));
}

std::vector<std::string> GitAccess::settings() const { return {"-c", fmt::format("include.path={}/config", folder_)}; }

std::string GitAccess::masked(std::string text) const {
    if (ssh_command_ || secret_.empty()) return text;
    for (std::size_t at = text.find(secret_); at != std::string::npos; at = text.find(secret_, at + 3))
        text.replace(at, secret_.size(), "***");
    return text;
}

Result<void> give_access(const std::string& clone, const std::string& url, const domain::OpenAccount& account,
                         const std::string& known_hosts) {
    TRY(check_fits(account, url));
    const Address address = address_of(url);
    const std::string folder = clone + "/.git/pintle";
    TRY(os::make_folders(folder, 0700));
    // The clone is seen at another place by the job, so nothing here may name it.
    const std::string seen = "\"$(git rev-parse --git-common-dir)\"/pintle";
    if (address.way == Address::Way::kHttp) return write_credential({folder, seen}, address, account);
    const bool strict = !account.known_hosts.empty();
    const auto known = strict ? Result<std::string>(account.known_hosts + "\n") : os::read_file(known_hosts);
    TRY(write_private(folder + "/known_hosts", known ? *known : std::string()));
    TRY(write_private(folder + "/key", account.secret));
    const std::string command = ssh_with(seen + "/key", seen + "/known_hosts", strict);
    return write_private(folder + "/config", fmt::format("[core]\n\tsshCommand = {}\n", quoted(command)));
}

}  // namespace pintle::source
