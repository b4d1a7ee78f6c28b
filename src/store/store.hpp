#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "domain/change.hpp"

namespace pintle::store {

class Connection;

/// The control state on disk: writes what each step of the core changed, and gives back what is alive after a
/// restart. Reading for people goes through StoreReader, on connections of its own.
///
/// Threading: the core thread owns it; opening and closing may happen elsewhere.
/// Ownership: owns its connection. A store in memory lives as long as it or a reader of it does.
/// Failure: a commit that fails leaves nothing behind, and the next one may succeed: kExhausted for a full disk,
/// kUnavailable for a disk that errs or a database in use, kCorrupt for a damaged one.
///
/// Nothing here reads a clock: equal changes at equal times give equal databases.
class Store {
public:
    /// Where a commit can be made to fail, for tests and the simulator.
    enum class FaultPoint {
        kBeforeCommit,  ///< Everything is written, nothing is on disk: a failure here rolls it back.
        kAfterCommit,   ///< It is on disk: a failure here is a crash before anybody heard of it.
    };
    struct Options {
        std::string path = ":memory:";  ///< Of the database file, in a folder that exists.
        Time now{};                     ///< Recorded with the migrations that opening applies.
        Duration busy_timeout = std::chrono::seconds(5);
        Duration keys_kept = std::chrono::hours(24);
        std::int64_t keys_most = 20'000;  ///< How many idempotency keys are loaded.
        std::int64_t changes_kept = 100'000;
        std::int64_t audit_kept = 100'000;
        std::function<Result<void>(FaultPoint)> fault;
    };

    /// Creates the database or brings it up to date (docs/state-db.sql). Refuses one that a newer Pintle wrote.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(Options options);
    ~Store();

    /// Writes all changes, or none, in one transaction that is on disk on return. Returns the number of the newest
    /// row of the change log. Many changes in one commit cost one sync of the disk.
    [[nodiscard]] Result<std::int64_t> commit(const domain::Changes& changes, Time now);
    /// What the core starts from. Costs what is alive, however long the history.
    [[nodiscard]] Result<domain::LiveState> load_live();
    /// A portion of what deletions left for later, of which every commit does one too. True while there is more: call
    /// it again when there is nothing better to do.
    [[nodiscard]] Result<bool> tidy();
    [[nodiscard]] std::int64_t last_change() const { return last_change_; }

    /// What StoreReader::open() takes.
    [[nodiscard]] const std::string& location() const { return location_; }
    /// The file may not grow over this many pages of 4 KiB; commits that need more fail as on a full disk.
    [[nodiscard]] Result<void> limit_pages(std::int64_t pages);
    /// For tests of this module.
    [[nodiscard]] Connection& connection() { return *connection_; }

private:
    Store(Options options, std::string location, std::unique_ptr<Connection> connection);
    [[nodiscard]] Result<void> set_up();
    [[nodiscard]] Result<void> meet_fault(FaultPoint point) const;
    /// Small portions of what has grown old go with every commit.
    [[nodiscard]] Result<Time> sweep(Time now);
    [[nodiscard]] Result<void> trim_logs(std::int64_t last_change, std::int64_t last_audit);

    const Options options_;
    const std::string location_;
    const std::unique_ptr<Connection> connection_;
    std::int64_t last_change_ = 0;
    std::int64_t last_audit_ = 0;
    Time next_sweep_{};
    bool must_purge_ = false;  // there may be jobs of deleted projects
};

}  // namespace pintle::store
