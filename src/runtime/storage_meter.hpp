#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "source/folder_size.hpp"
#include "source/measure_plan.hpp"
#include "source/storage_source.hpp"

namespace pintle::runtime {

/// What is known of one folder of a storage.
struct FolderUse {
    std::string folder;  ///< "org/GROUP/NAME", "shared/NAME"; "org/GROUP" and "shared" are the files right in them.
    source::FolderSize size;
    Time measured_at{};
};
/// What is known of several of them together.
struct StorageUse {
    source::FolderSize size;
    Time measured_at{};  ///< When the first of them was measured; zero: none was.
    int unmeasured = 0;  ///< How many were not measured yet.
};

/// Knows how much the folders of the storages take, by counting their files now and then: see source/measure_plan.hpp.
/// What it knows is kept over restarts.
///
/// Threading: any thread; counting is done on a thread of its own, of low priority, which rests after each portion of
/// work. Answers come from memory and never wait for a disk.
/// Ownership: borrows the clock. Failure: what cannot be counted is logged and stays unknown.
class StorageMeter {
public:
    struct Options {
        std::vector<source::Storage> storages;
        std::string file;  ///< Where what is known is kept.
        source::MeasureRhythm rhythm = {};
        Duration look = std::chrono::seconds(5);       ///< How often it is asked what jobs write to.
        Duration discover = std::chrono::minutes(10);  ///< How often new folders are looked for.
    };
    /// What the meter asks and tells on its thread.
    struct Callbacks {
        /// The folders that jobs write to now; see domain::counted_folder().
        std::function<std::set<source::MeasuredFolder>()> written;
        /// A folder was measured, or turned out to be gone, which was known to be there.
        std::function<void(const source::MeasuredFolder&)> measured;
    };
    StorageMeter(const Clock& clock, Options options);
    ~StorageMeter();
    StorageMeter(const StorageMeter&) = delete;
    StorageMeter& operator=(const StorageMeter&) = delete;

    /// Begins to measure.
    void start(Callbacks callbacks);
    /// Ends the thread. Idempotent.
    void stop();

    /// Something was done there: it is measured soon. Any folder below a counted one will do.
    void touch(const std::string& storage, const std::string& folder);
    /// So much was written there: it is counted at once, until it is measured.
    void add(const std::string& storage, const std::string& folder, std::int64_t bytes);
    /// Folders were made, moved or removed, or jobs have ended: looked for at once.
    void look_again();

    /// Of one storage, by folder. Only those that were measured.
    [[nodiscard]] std::vector<FolderUse> uses(const std::string& storage) const;
    /// Of a counted folder, or of everything of a group ("org/GROUP").
    [[nodiscard]] StorageUse use_of(const std::string& storage, const std::string& folder) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::runtime
