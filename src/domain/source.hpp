#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

namespace pintle::domain {

/// A repository that git can clone: file, http(s) or ssh URL. Reached without an account.
struct GitSource {
    std::string repository;
    std::string revision;  ///< Branch, tag or commit; empty: the remote's HEAD.
    bool operator==(const GitSource&) const = default;
};

/// A folder on one of the operator's named storages.
struct ClusterStorageSource {
    std::string storage;  ///< A name from the server's configuration, such as "default".
    bool operator==(const ClusterStorageSource&) const = default;
};

/// Where a project's data comes from. Every kind of source is an alternative here, a preparer in module
/// `source` and a reader in module `document`; those three places make a new kind.
using SourceOrigin = std::variant<GitSource, ClusterStorageSource>;

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

/// "git" or "cluster storage".
[[nodiscard]] std::string_view kind_of(const Source& source);

/// The name that git gives a clone's folder: the last part of the URL without ".git".
[[nodiscard]] std::string repository_name(std::string_view url);
/// Refuses URLs that git would take for an option or a program: only file, http, https, ssh and git URLs,
/// scp-like `user@host:path` and absolute paths.
[[nodiscard]] Result<void> check_repository(std::string_view url);

}  // namespace pintle::domain
