#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

namespace pintle::domain {

/// A repository that git can clone: file, http(s) or ssh URL.
struct GitSource {
    std::string repository;
    std::string revision;   ///< Branch, tag or commit; empty: the remote's HEAD.
    std::string account{};  ///< The name of an account that may read it; empty: without one.
    bool operator==(const GitSource&) const = default;
};

/// A folder that an NFS server exports.
struct NfsSource {
    std::string server;      ///< HOST or HOST:PORT; an IPv6 address in brackets.
    std::string path = "/";  ///< Absolute, as the server names it.
    bool operator==(const NfsSource&) const = default;
};

/// How the objects of a bucket become files.
enum class S3Mode {
    kMount,  ///< As a file system; where the machine cannot mount one, as kCopy.
    kCopy,   ///< Copied before the job starts, and what it changed copied back when it ended.
};
[[nodiscard]] std::string_view to_string(S3Mode mode);  ///< "mount", "copy".

/// A bucket on Amazon S3 or on a server that speaks its protocol.
struct S3Source {
    std::string server;     ///< HOST, HOST:PORT or an http(s) URL of one; empty: Amazon.
    std::string bucket;
    std::string region{};   ///< Empty: the server's default.
    std::string account{};  ///< The name of an account; empty: a public bucket.
    S3Mode mode = S3Mode::kMount;
    bool operator==(const S3Source&) const = default;
};

/// A folder on one of the operator's named storages.
struct ClusterStorageSource {
    std::string storage;  ///< A name from the server's configuration, such as "default".
    bool operator==(const ClusterStorageSource&) const = default;
};

/// Where a project's data comes from. Every kind of source is an alternative here, a preparer in module
/// `source` and a reader in module `document`; those three places make a new kind.
using SourceOrigin = std::variant<GitSource, ClusterStorageSource, NfsSource, S3Source>;

/// A named piece of data or code that tasks mount.
struct Source {
    std::string name;
    std::string sub_path;    ///< A part of the origin; its rules depend on the kind, see sub_path.hpp.
    std::string mount_path;  ///< Absolute, or under the default mount path; empty: the name.
    SourceOrigin origin;
    bool read_only = false;
    bool library_dir = false;  ///< Its mount path joins PYTHONPATH.
    std::string upload;        ///< A folder of the creating client whose files are sent into the source; may be empty.
    bool operator==(const Source&) const = default;
};

/// "git", "cluster storage", "NFS" or "S3".
[[nodiscard]] std::string_view kind_of(const Source& source);
/// The account that its origin names, or nothing.
[[nodiscard]] std::string_view account_of(const Source& source);
/// What it stands for in one line: a URL, `storage default`, `SERVER:/PATH`, `s3://BUCKET`; holds no secret.
[[nodiscard]] std::string origin_in_words(const Source& source);

/// The name that git gives a clone's folder: the last part of the URL without ".git".
[[nodiscard]] std::string repository_name(std::string_view url);
/// Refuses URLs that git would take for an option or a program: only file, http, https, ssh and git URLs,
/// scp-like `user@host:path` and absolute paths.
[[nodiscard]] Result<void> check_repository(std::string_view url);

/// HOST or HOST:PORT taken apart; an IPv6 address loses its brackets.
struct ServerAddress {
    std::string host;
    int port = 0;  ///< 0: none is written.
    bool operator==(const ServerAddress&) const = default;
};
/// The host as URLs have it: an IPv6 address in brackets.
[[nodiscard]] std::string host_in_url(const ServerAddress& address);
/// Refuses what is no host name or address and could be taken for an option, a path or a second address.
[[nodiscard]] Result<ServerAddress> parse_server(std::string_view text);
/// The server of a repository's URL or of `user@host:path`; an empty host for a file. Refuses what one program could
/// take for another host than the next one does, such as https://one#@two/repo.
[[nodiscard]] Result<ServerAddress> repository_server(std::string_view url);
/// An S3 server, where a URL's `http://` or `https://` may stand before the address and one `/` behind it.
struct S3Endpoint {
    ServerAddress address;
    bool is_secure = true;  ///< Unless the text begins with http://.
    bool operator==(const S3Endpoint&) const = default;
};
[[nodiscard]] Result<S3Endpoint> parse_s3_server(std::string_view text);
/// The path of an export: absolute, without "..".
[[nodiscard]] Result<void> check_nfs_path(std::string_view path);
/// Amazon's rules: 3 to 63 lower-case letters, digits, dots and dashes; a letter or digit at both ends; no address.
[[nodiscard]] Result<void> check_bucket(std::string_view bucket);
[[nodiscard]] Result<void> check_region(std::string_view region);
/// Names of accounts have no control characters or spaces at their ends and at most 128 bytes.
[[nodiscard]] Result<void> check_account_name(std::string_view account);

}  // namespace pintle::domain
