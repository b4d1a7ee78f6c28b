#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::domain {

/// Where a cluster storage's sub path lies on the storage's volume, and who sees it:
///
///     sub path      folder on the volume                       visible to
///     /shared/x     shared/x                                   everybody with access to the storage
///     /x            org/ORGANISATION/x                         every project of the organisation
///     /             org/ORGANISATION/PROJECT                   this project
///     x             org/ORGANISATION/PROJECT/x                 this project
///     (empty)       org/ORGANISATION/PROJECT/SOURCE            this project and this source
///
/// The organisation is the owner's group. `..` is refused, so is anything that would leave the folder.
struct StoragePlace {
    std::string organisation;
    std::string project;
    std::string source;
    /// The storage is one group's alone: "/shared/x" means there what "/x" means elsewhere, the group's own folder.
    bool is_local = false;
};

[[nodiscard]] Result<std::string> storage_folder(std::string_view sub_path, const StoragePlace& place);
/// Whether only this project sees it, so that deleting the project may delete it.
[[nodiscard]] bool is_private_sub_path(std::string_view sub_path);

/// Joins a source's sub path and a mount's own, which goes below it: ("a", "b") is "a/b", ("/x", "/b") is "/x/b".
[[nodiscard]] std::string join_sub_path(std::string_view base, std::string_view below);
/// The same for cluster storage, whose sub paths begin at different folders: below an empty one is below the
/// source's own folder, below "/" is below the project's, and nothing appended changes who sees it.
[[nodiscard]] std::string storage_sub_path_below(std::string_view base, std::string_view below,
                                                 std::string_view source_name);
/// Refuses "..", NUL and empty parts that could be mistaken; returns the path with single slashes.
[[nodiscard]] Result<std::string> clean_sub_path(std::string_view path);

/// The absolute path of a mount: absolute ones as they are, others below the default mount path; an empty one
/// is the source's name there. Fails on "..", and on "/" and the system's own folders, which cannot be covered.
[[nodiscard]] Result<std::string> resolve_mount_path(std::string_view mount_path, std::string_view default_mount_path,
                                                     std::string_view source_name);

}  // namespace pintle::domain
