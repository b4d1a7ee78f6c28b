#include "store/store.hpp"

#include <fcntl.h>

#include <atomic>

#include "os/file.hpp"
#include "store/account_table.hpp"
#include "store/attempt_table.hpp"
#include "store/audit_table.hpp"
#include "store/change_log.hpp"
#include "store/chore_table.hpp"
#include "store/component_table.hpp"
#include "store/credential_table.hpp"
#include "store/group_table.hpp"
#include "store/job_event_table.hpp"
#include "store/job_table.hpp"
#include "store/key_table.hpp"
#include "store/migration.hpp"
#include "store/notice_table.hpp"
#include "store/pool_table.hpp"
#include "store/storage_quota_table.hpp"
#include "store/project_table.hpp"
#include "store/run_time_table.hpp"
#include "store/tag_table.hpp"
#include "store/user_table.hpp"

namespace pintle::store {
namespace {

constexpr std::int64_t kSweptAtOnce = 100;
constexpr Duration kSweepPause = std::chrono::minutes(1);
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
        TRY(counts_.write(connection_));
        const auto owner = TRY(delete_project(connection_, change.id));
        if (!owner) return {};
        notes_.project_deleted(change.id, *owner);
        deleted_project_ = true;
        return {};
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ProjectReset& change) {
        notes_.project(change.id);
        TRY(counts_.write(connection_));
        return reset_project(connection_, change.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::BuildCounted& change) {
        return save_next_build(connection_, change.id, change.next_build);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::JobSaved& change) {
        const domain::Job& job = *change.job;
        const std::int64_t seq = TRY(save_job(connection_, job, counts_));
        for (const domain::JobEvent& event : change.events) {
            TRY(add_event(connection_, seq, event));
            if (job.kind == domain::JobKind::kTask) TRY(record_attempts(connection_, seq, job, event));
        }
        notes_.job(job.id, job.project_id, job.state);
        return {};
    }
    [[nodiscard]] Result<void> operator()(const domain::change::JobDeleted& change) {
        TRY(counts_.write(connection_));
        if (const auto project = TRY(delete_job(connection_, change.id))) notes_.job_deleted(change.id, *project);
        return {};
    }
    // Those of a new job come before the job does.
    [[nodiscard]] Result<void> operator()(const domain::change::JobTagged& change) {
        tagged_.push_back(&change);
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
    [[nodiscard]] Result<void> operator()(const domain::change::UserSaved& change) {
        TRY(save_user(connection_, change.user));
        if (change.user.status != domain::UserStatus::kOffboarded) return {};
        return delete_credentials(connection_, change.user.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::GroupSaved& change) {
        return save_group(connection_, change.group);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::GroupDeleted& change) {
        return delete_group(connection_, change.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::PoolSaved& change) {
        return save_pool(connection_, change.pool);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::PoolDeleted& change) {
        return delete_pool(connection_, change.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::TokenSaved& change) {
        return save_token(connection_, change.token);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::TokenDeleted& change) {
        return delete_token(connection_, change.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::SessionSaved& change) {
        return save_session(connection_, change.session);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::SessionEnded& change) {
        return end_session(connection_, change.hash);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::SessionsEnded& change) {
        return end_sessions(connection_, change.user);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::InviteSaved& change) {
        return save_invite(connection_, change.invite);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::InviteDeleted& change) {
        return delete_invite(connection_, change.hash);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ComponentSaved& change) {
        notes_.project(change.record.project);
        return save_component(connection_, change.record);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ComponentDeleted& change) {
        notes_.project(change.project);
        return delete_component(connection_, change.project, change.name);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::Audited& change) {
        last_audit_ = TRY(add_audit(connection_, change.entry));
        return {};
    }
    // A batch of jobs of one task gives one of these for each of them; the last one says it all.
    [[nodiscard]] Result<void> operator()(const domain::change::RunTimesSaved& change) {
        run_times_[{change.times.project, change.times.task}] = &change.times;
        return {};
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ChoreAdded& change) {
        return save_chore(connection_, change.chore);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::ChoreDone& change) {
        return delete_chore(connection_, change.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::AccountSaved& change) {
        return save_account(connection_, change.account);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::AccountDeleted& change) {
        return delete_account(connection_, change.id);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::StorageQuotaSaved& change) {
        return save_storage_quota(connection_, change.quota);
    }
    [[nodiscard]] Result<void> operator()(const domain::change::StorageQuotaDeleted& change) {
        return delete_storage_quota(connection_, change.owner);
    }

    [[nodiscard]] Result<std::int64_t> finish(std::int64_t last_change, Time now) {
        for (const domain::change::JobTagged* tagged : tagged_) {
            if (const auto project = TRY(save_tags(connection_, tagged->id, tagged->tags)))
                notes_.job_touched(tagged->id, *project);
        }
        for (const domain::Notice* notice : notices_) {
            if (!TRY(add_notice(connection_, *notice))) continue;
            if (notice->job.empty()) {
                notes_.project(notice->project);
            } else {
                notes_.job_touched(notice->job, notice->project);
            }
        }
        TRY(counts_.write(connection_));
        for (const auto& [task, times] : run_times_) TRY(save_run_times(connection_, *times));
        return notes_.write(connection_, last_change, now);
    }
    /// The newest row of the audit log, or nothing when none was added.
    [[nodiscard]] std::optional<std::int64_t> last_audit() const { return last_audit_; }
    [[nodiscard]] bool deleted_project() const { return deleted_project_; }

private:
    Connection& connection_;
    bool deleted_project_ = false;
    ChangeNotes notes_;
    JobCounts counts_;
    std::vector<const domain::change::JobTagged*> tagged_;
    std::vector<const domain::Notice*> notices_;
    std::map<std::pair<domain::ProjectId, std::string>, const domain::RunTimes*> run_times_;
    std::optional<std::int64_t> last_audit_;
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
    // 16,000 pages are what the journal is kept at anyhow. Copying it back less often writes less: a page that many
    // commits have changed is copied once. After a crash up to that much is read.
    TRY(
        connection_->run_script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; "
                                "PRAGMA cache_size = -32000; PRAGMA journal_size_limit = 67108864; "
                                "PRAGMA wal_autocheckpoint = 16000"));
    TRY(migrate(*connection_, all_migrations(), in_memory ? "" : options_.path, options_.now));
    last_change_ = TRY(store::last_change(*connection_));
    last_audit_ = TRY(store::last_audit(*connection_));
    must_purge_ = TRY(must_purge(*connection_));
    return {};
}

Result<std::int64_t> Store::commit(const domain::Changes& changes, Time now) {
    if (changes.empty()) return last_change_;
    Transaction transaction = TRY(Transaction::begin(*connection_, Transaction::Kind::kWrite));
    Writer writer(*connection_);
    for (const domain::Change& change : changes) TRY(std::visit(writer, change));
    const std::int64_t last = TRY(writer.finish(last_change_, now));
    const std::int64_t last_audit = writer.last_audit().value_or(last_audit_);
    const Time next_sweep = TRY(sweep(now));
    TRY(trim_logs(last, last_audit));
    const bool more =
        must_purge_ || writer.deleted_project() ? TRY(purge_jobs(*connection_, kJobsPurgedAtOnce)) : false;
    TRY(meet_fault(FaultPoint::kBeforeCommit));
    TRY(transaction.commit());
    last_change_ = last;
    last_audit_ = last_audit;
    next_sweep_ = next_sweep;
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

Result<Time> Store::sweep(Time now) {
    if (now < next_sweep_) return next_sweep_;
    const bool more_keys = TRY(delete_old_keys(*connection_, now - options_.keys_kept, kSweptAtOnce)) == kSweptAtOnce;
    const bool more_credentials = TRY(delete_expired(*connection_, now, kSweptAtOnce));
    return more_keys || more_credentials ? now : now + kSweepPause;
}

Result<void> Store::trim_logs(std::int64_t last_change, std::int64_t last_audit) {
    if (last_change / kTrimEvery != last_change_ / kTrimEvery) {
        TRY(trim_changes(*connection_, last_change - options_.changes_kept));
    }
    if (last_audit / kTrimEvery != last_audit_ / kTrimEvery) {
        TRY(trim_audit(*connection_, last_audit - options_.audit_kept));
    }
    return {};
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
    live.users = TRY(load_users(*connection_));
    live.groups = TRY(load_groups(*connection_));
    live.pools = TRY(load_pools(*connection_));
    live.tokens = TRY(load_tokens(*connection_));
    live.invites = TRY(load_invites(*connection_));
    live.components = TRY(load_components(*connection_));
    live.run_times = TRY(load_run_times(*connection_));
    live.accounts = TRY(load_accounts(*connection_));
    live.storage_quotas = TRY(load_storage_quotas(*connection_));
    return live;
}

Result<void> Store::limit_pages(std::int64_t pages) {
    return connection_->run(fmt::format("PRAGMA max_page_count = {}", pages));
}

}  // namespace pintle::store
