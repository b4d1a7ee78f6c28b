#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/source.hpp"

namespace pintle::source {

/// A named storage of the server's configuration: a folder of this machine.
struct Storage {
    std::string name;
    std::string folder;
    std::string group{};        ///< Unless empty, it is that group's alone: its name or id.
    std::string description{};  ///< For people.
    std::optional<std::int64_t> project_quota{};  ///< What a project may keep there unless an operator says otherwise.
    std::optional<std::int64_t> group_quota{};    ///< The same for a group, with all its projects.
};

/// Whose folder of the storages is meant: the organisation is a group's id, the project its name.
struct ProjectPlace {
    std::string organisation;
    std::string project;
    bool operator==(const ProjectPlace&) const = default;
};

/// Folders on the operator's storages as sources. Which folder a sub path names, and who sees it, is in
/// domain/sub_path.hpp; here it is made, and held to where its sub path may reach: a link that somebody laid in a
/// project's own folder does not lead to another project's.
///
/// Threading: any thread; constant after construction.
/// Failure: errors name the storage and what to do.
class StorageSources {
public:
    explicit StorageSources(std::vector<Storage> storages) : storages_(std::move(storages)) {}

    /// The folder, made when it is not there, with links resolved. `sub_path` may be longer than the source's own.
    [[nodiscard]] Result<std::string> prepare(const domain::Source& source, const ProjectPlace& project,
                                              const std::string& sub_path) const;
    /// The folder's path as it would be, whether it is there or not.
    [[nodiscard]] Result<std::string> path_of(const domain::Source& source, const ProjectPlace& project) const;
    /// Where files for it gather until they are whole: on the storage itself, so that they get to their place by a
    /// rename, but beside "org" and "shared", where no sub path and therefore no job reaches.
    [[nodiscard]] Result<std::string> staging_folder_of(const domain::Source& source) const;
    [[nodiscard]] static std::string staging_folder(const Storage& storage);
    /// Moves the project's folder on every storage; those that have none are left as they are. kConflict, before
    /// anything is moved, when there is a folder at the new place already.
    [[nodiscard]] Result<void> move_project(const ProjectPlace& from, const ProjectPlace& to) const;

    [[nodiscard]] const std::vector<Storage>& storages() const { return storages_; }

private:
    [[nodiscard]] Result<Storage> find(const std::string& name) const;

    const std::vector<Storage> storages_;
};

}  // namespace pintle::source
