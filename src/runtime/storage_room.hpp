#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/core.hpp"
#include "domain/project.hpp"
#include "domain/storage_quota.hpp"
#include "runtime/storage_meter.hpp"
#include "source/storage_source.hpp"

namespace pintle::runtime {

/// A quota that holds for a folder of a storage.
struct StorageLimit {
    domain::StorageOwner owner;
    std::string folder;  ///< Everything that it is about: "org/GROUP/PROJECT" or "org/GROUP".
    std::string whose;   ///< "the project digits", "its group".
    domain::QuotaInForce quota;
    StorageUse use;
    [[nodiscard]] std::optional<domain::StorageFill> fill() const;  ///< Nothing: there is no limit.
};

/// Whether there is room for what somebody wants to write to a storage. Quotas are the core's, what is there is the
/// meter's: a folder that was not measured yet is taken to be empty, and what is written between two measurings is not
/// stopped.
///
/// Threading: any thread but the core's. Ownership: borrows the meter.
/// Failure: kExhausted, saying which storage is full, how much of how much, and what to do.
class StorageRoom {
public:
    using Ask = std::function<void(const std::function<void(const core::Core&)>&)>;
    StorageRoom(StorageMeter& meter, std::vector<source::Storage> storages, Ask ask)
        : meter_(meter), storages_(std::move(storages)), ask_(std::move(ask)) {}

    /// Before so many bytes more are put into a source of the project. Sources that lie elsewhere have no quota here.
    [[nodiscard]] Result<void> check_room(const domain::Project& project, const domain::Source& source,
                                          std::int64_t bytes) const;
    /// After they were.
    void wrote(const domain::Project& project, const domain::Source& source, std::int64_t bytes);
    /// Before a job begins: none of the folders that it may write to is full.
    [[nodiscard]] Result<void> check_job(const domain::Job& job);
    /// The quotas that hold for a source, that of the project before that of its group.
    [[nodiscard]] std::vector<StorageLimit> limits_of(const domain::Project& project,
                                                      const domain::Source& source) const;
    /// Of a source on a storage: what is counted with it, "org/GROUP/PROJECT" for all of the project's own.
    [[nodiscard]] std::optional<source::MeasuredFolder> folder_of(const domain::Project& project,
                                                                  const domain::Source& source) const;

    /// A job has ended, however short it was: what it may have written to is measured soon. Any thread, the core's too.
    void ended(const domain::Job& job);
    /// The folders that jobs write to now.
    [[nodiscard]] std::set<source::MeasuredFolder> written() const;
    /// What those who write to a folder that has just been measured are told; nothing while there is room.
    [[nodiscard]] std::vector<core::input::StorageOverQuota> overfull(const source::MeasuredFolder& folder) const;

private:
    struct Place {
        const source::Storage* storage = nullptr;
        domain::GroupId home;
        domain::ProjectId project;  ///< Empty: the folder is no project's own.
        std::string project_name;
    };
    [[nodiscard]] std::vector<StorageLimit> limits_at(const Place& place) const;
    [[nodiscard]] const source::Storage* storage_named(const std::string& name) const;
    [[nodiscard]] std::set<std::string> local() const;

    StorageMeter& meter_;
    const std::vector<source::Storage> storages_;
    const Ask ask_;
};

}  // namespace pintle::runtime
