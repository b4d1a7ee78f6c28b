#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/source.hpp"

namespace pintle::source {

/// A named storage of the server's configuration: a folder of this machine.
struct Storage {
    std::string name;
    std::string folder;
};

/// Folders on the operator's storages as sources. Which folder a sub path names, and who sees it, is in
/// domain/sub_path.hpp; here it is made, and held to where its sub path may reach: a link that somebody laid in a
/// project's own folder does not lead to another project's.
///
/// Threading: any thread; constant after construction.
/// Failure: errors name the storage and what to do.
class StorageSources {
public:
    StorageSources(std::vector<Storage> storages, std::string organisation)
        : storages_(std::move(storages)), organisation_(std::move(organisation)) {}

    /// The folder, made when it is not there, with links resolved. `sub_path` may be longer than the source's own.
    [[nodiscard]] Result<std::string> prepare(const domain::Source& source, const std::string& project,
                                              const std::string& sub_path) const;
    /// The folder's path as it would be, whether it is there or not.
    [[nodiscard]] Result<std::string> path_of(const domain::Source& source, const std::string& project) const;
    /// Moves the project's folder on every storage; those that have none are left as they are. kConflict, before
    /// anything is moved, when the new name already has a folder.
    [[nodiscard]] Result<void> rename_project(const std::string& from, const std::string& to) const;

    [[nodiscard]] const std::vector<Storage>& storages() const { return storages_; }

private:
    [[nodiscard]] Result<Storage> find(const std::string& name) const;

    const std::vector<Storage> storages_;
    const std::string organisation_;
};

}  // namespace pintle::source
