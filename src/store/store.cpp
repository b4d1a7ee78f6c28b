#include "store/store.hpp"

#include <fcntl.h>

#include <atomic>

#include "os/file.hpp"
#include "store/attempt_table.hpp"
#include "store/change_log.hpp"
#include "store/chore_table.hpp"
#include "store/job_event_table.hpp"
#include "store/job_table.hpp"
#include "store/key_table.hpp"
#include "store/migration.hpp"
#include "store/notice_table.hpp"
#include "store/project_table.hpp"

namespace pintle::store {
namespace {

constexpr std::int64_t kKeysSweptAtOnce = 100;
constexpr Duration kKeySweepPause = std::chrono::minutes(1);
constexpr std::int64_t kTrimEvery = 1000;
constexpr std::int64_t kJobsPurgedAtOnce = 20;

// Databases in memory have names, so that readers can open them as well.
std::string memory_location() {
    static std::atomic<std::uint64_t> count{0};
    return fmt::format("file:/pintle-{}?vfs=memdb", count.fetch_add(1));
}

// SQLite would make the file readable for everybody. One that exists is left alone.
Result<void> create_private(const std::string& path) {
    const os::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd && errno != EEXIST) return fail(os::errno_error("create the database", path, errno));
    return {};
}

/// Writes the changes of one commit.
class Writer {
public:
    explicit Writer(Connection& connection) : connection_(connection) {}

    [[nodiscard]] Result<void> operator()(const domain::change::ProjectSaved& change) {
        notes_.project(change.project.id);
        return save_project(connection_, change.project);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ProjectDeleted& change) {
        if (!TRY(delete_project(connection_, change.id))) return {};
        notes_.project(change.id, true);
        deleted_project_ = true;
        return {};
    }
    [[nodiscard]] Result<void> operator()(const domain::change::BuildCounted& change) {
        return save_next_build(connection_, change.id, change.next_build);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::JobSaved& change) {
        const std::int64_t seq = TRY(save_job(connection_, change.job));
        for (const domain::JobEvent& event : change.events) {
            TRY(add_event(connection_, seq, event));
            TRY(record_attempts(connection_, seq, change.job, event));
        }
        notes_.job(change.job.id, change.job.project_id, change.job.state);
        return {};
    }
    [[nodiscard]] Result<void> operator()(const domain::change::JobDeleted& change) {
        if (const auto project = TRY(delete_job(connection_, change.id))) notes_.job_deleted(change.id, *project);
        return {};
    }
    // A notice can come before the job that it speaks of, so notices wait for the end.
    [[nodiscard]] Result<void> operator()(const domain::change::NoticeAdded& change) {
        notices_.push_back(&change.notice);
        return {};
    }
    [[nodiscard]] Result<void> operator()(const domain::change::KeyUsed& change) {
        return save_key(connection_, change);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ChoreAdded& change) {
        return save_chore(connection_, change.chore);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ChoreDone& change) {
        return delete_chore(connection_, change.id);
    }

    [[nodiscard]] Result<std::int64_t> finish(std::int64_t last_change, Time now) {
        for (const domain::Notice* notice : notices_) {
            if (!TRY(add_notice(connection_, *notice))) continue;
            if (notice->job.empty()) {
                notes_.project(notice->project);
            } else {
                notes_.job_touched(notice->job, notice->project);
            }
        }
        return notes_.write(connection_, last_change, now);
    }

    [[nodiscard]] bool deleted_project() const { return deleted_project_; }

private:
    Connection& connection_;
    bool deleted_project_ = false;
    ChangeNotes notes_;
    std::vector<const domain::Notice*> notices_;
};

}  // namespace

Store::Store(Options options, std::string location, std::unique_ptr<Connection> connection)
    : options_(std::move(options)), location_(std::move(location)), connection_(std::move(connection)) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(Options options) {
    const bool in_memory = options.path == ":memory:";
    if (!in_memory) TRY(create_private(options.path));
    std::string location = in_memory ? memory_location() : options.path;
    std::unique_ptr<Connection> connection =
        TRY(Connection::open(location, Connection::Mode::kReadWrite, options.busy_timeout));
    const std::string path = options.path;
    std::unique_ptr<Store> store(new Store(std::move(options), std::move(location), std::move(connection)));
    auto status = store->set_up();
    if (!status) return fail(status.error().context(path));
    return store;
}

Result<void> Store::set_up() {
    const bool in_memory = options_.path == ":memory:";
    if (!in_memory) TRY(connection_->run("PRAGMA journal_mode = WAL"));
    TRY(
        connection_->run_script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; "
                                "PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864"));
    TRY(migrate(*connection_, all_migrations(), in_memory ? "" : options_.path, options_.now));
    last_change_ = TRY(store::last_change(*connection_));
    must_purge_ = TRY(must_purge(*connection_));
    return {};
}

Result<std::int64_t> Store::commit(const domain::Changes& changes, Time now) {
    if (changes.empty()) return last_change_;
    Transaction transaction = TRY(Transaction::begin(*connection_, Transaction::Kind::kWrite));
    Writer writer(*connection_);
    for (const domain::Change& change : changes) TRY(std::visit(writer, change));
    const std::int64_t last = TRY(writer.finish(last_change_, now));
    const Time next_sweep = TRY(sweep_keys(now));
    TRY(trim_change_log(last));
    const bool more =
        must_purge_ || writer.deleted_project() ? TRY(purge_jobs(*connection_, kJobsPurgedAtOnce)) : false;
    TRY(meet_fault(FaultPoint::kBeforeCommit));
    TRY(transaction.commit());
    last_change_ = last;
    next_key_sweep_ = next_sweep;
    must_purge_ = more;
    TRY(meet_fault(FaultPoint::kAfterCommit));
    return last;
}

Result<bool> Store::tidy() {
    if (!must_purge_) return false;
    Transaction transaction = TRY(Transaction::begin(*connection_, Transaction::Kind::kWrite));
    const bool more = TRY(purge_jobs(*connection_, kJobsPurgedAtOnce));
    TRY(meet_fault(FaultPoint::kBeforeCommit));
    TRY(transaction.commit());
    must_purge_ = more;
    TRY(meet_fault(FaultPoint::kAfterCommit));
    return more;
}

Result<Time> Store::sweep_keys(Time now) {
    if (now < next_key_sweep_) return next_key_sweep_;
    const bool more =
        TRY(delete_old_keys(*connection_, now - options_.keys_kept, kKeysSweptAtOnce)) == kKeysSweptAtOnce;
    return more ? now : now + kKeySweepPause;
}

Result<void> Store::trim_change_log(std::int64_t last) {
    if (last / kTrimEvery == last_change_ / kTrimEvery) return {};
    return trim_changes(*connection_, last - options_.changes_kept);
}

Result<void> Store::meet_fault(FaultPoint point) const {
    return options_.fault ? options_.fault(point) : Result<void>();
}

Result<domain::LiveState> Store::load_live() {
    const Transaction snapshot = TRY(Transaction::begin(*connection_, Transaction::Kind::kRead));
    domain::LiveState live;
    live.projects = TRY(load_projects(*connection_));
    live.jobs = TRY(load_live_jobs(*connection_));
    live.keys = TRY(load_keys(*connection_, options_.keys_most));
    live.chores = TRY(load_chores(*connection_));
    return live;
}

Result<void> Store::limit_pages(std::int64_t pages) {
    return connection_->run(fmt::format("PRAGMA max_page_count = {}", pages));
}

}  // namespace pintle::store
