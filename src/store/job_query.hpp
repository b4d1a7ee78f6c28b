#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "store/cursor.hpp"
#include "store/records.hpp"
#include "store/sqlite.hpp"
#include "store/text_match.hpp"
#include "store/user_table.hpp"
#include "store/visibility.hpp"

/// What every list of jobs is made of: which jobs are meant, and the walks over indexes that meet all of them. Private
/// to this module.
///
/// An index gives the order (submitted_at, seq) only while its other columns are fixed, so a filter with several
/// projects or states becomes a walk for each combination, and the walks are merged. What no walk narrows (text, most
/// of all) is checked row by row.
namespace pintle::store {

/// What is read of a row. What filters and orders ask for comes first, so that rows that nobody will see cost less.
enum JobColumn {
    kSeq,
    kSubmitted,
    kProject,
    kTask,
    kState,
    kOwner,
    kPool,
    kTags,
    kStarted,
    kEnded,
    kBuild,
    kProjectName,
    kReason,
    kBy,
    kId,
    kKind,
    kClonedFrom,
    kGroup,
    kPriority,
    kHeld,
    kReplicas,
    kGpus,
    kGpusHeld,
    kProperties,
    kRevision,
    kRunning
};
inline constexpr std::string_view kFilterColumns =
    "seq, jobs.submitted_at, project_id, task, state, owner, pool_id, tags, started_at, ended_at, build, "
    "project_name, reason, submitted_by, id";
inline constexpr std::string_view kAllColumns =
    "seq, jobs.submitted_at, project_id, task, state, owner, pool_id, tags, started_at, ended_at, build, "
    "project_name, reason, submitted_by, id, kind, cloned_from, group_id, priority, held, replicas, gpus, gpus_held, "
    "properties, revision, running_at";

[[nodiscard]] Result<JobSummary> read_summary(const Statement& row, UserNames& names);

/// Which index is walked: where it is, the conditions on its first columns (?5 and ?6), and its columns for the place
/// in the order.
struct JobPath {
    std::string_view from;
    std::string_view condition;
    std::string_view time = "submitted_at";
    std::string_view number = "seq";
};
struct JobWalk {
    JobPath path;
    std::vector<std::string> keys;
};

/// The places between which a walk goes, without both.
struct JobBounds {
    Cursor low{std::numeric_limits<std::int64_t>::min(), 0};
    Cursor high{std::numeric_limits<std::int64_t>::max(), 0};
};

/// How many rows a page looks at.
inline constexpr std::size_t kExaminedMost = 5000;

/// A filter with all that was found out about it once.
class JobQuery {
public:
    [[nodiscard]] static Result<JobQuery> of(Connection& connection, const JobFilter& filter);

    /// Those that together meet every job that is meant, and maybe others; some jobs by two of them.
    [[nodiscard]] std::vector<JobWalk> walks() const { return walks_of_states(states); }
    /// Of these states only; without `may_use_tags` never walks that meet jobs of others.
    [[nodiscard]] std::vector<JobWalk> walks_of_states(const std::vector<domain::JobState>& wanted,
                                                       bool may_use_tags = true) const;
    [[nodiscard]] bool accepts(const Statement& row) const;
    /// As far as project and owner decide.
    [[nodiscard]] bool means(std::string_view project, std::string_view owner) const;
    /// The times that are asked for.
    [[nodiscard]] JobBounds bounds() const;

    JobFilter filter;
    std::vector<std::string> projects;     ///< Sorted, each once; empty: all.
    std::vector<domain::JobState> states;  ///< In the order of the enum.
    Visibility sees;

private:
    /// Where the jobs are to be found.
    struct Places {
        bool anywhere = false;
        std::vector<std::string> projects;
        std::optional<std::string> owner;
    };
    /// The tag that fewest jobs have, and whether a single page can look at all of them.
    struct RareTag {
        std::string tag;
        bool is_rare = false;
    };
    [[nodiscard]] Places places() const;
    [[nodiscard]] static Result<RareTag> rarest(Connection& connection, const std::vector<std::string>& tags);
    [[nodiscard]] bool has_text(const Statement& row) const;
    [[nodiscard]] bool has_state(std::string_view text) const;

    explicit JobQuery(TextMatch text) : text_(std::move(text)) {}
    TextMatch text_;
    std::vector<std::string> hidden_;
    RareTag tag_;
};

/// The merged walks; gives the rows of all of them in their order.
class JobMerge {
public:
    JobMerge(Connection& connection, bool newest_first, std::string_view columns, const JobBounds& bounds)
        : connection_(connection), newest_first_(newest_first), columns_(columns), bounds_(bounds) {}

    [[nodiscard]] Result<void> add(const std::vector<JobWalk>& walks);
    /// The next row, or a null pointer at the end. Valid until advance().
    [[nodiscard]] const Statement* front();
    [[nodiscard]] Result<void> advance();

private:
    [[nodiscard]] std::size_t first() const;
    [[nodiscard]] bool before(const Cursor& a, const Cursor& b) const;

    Connection& connection_;
    bool newest_first_;
    std::string_view columns_;
    JobBounds bounds_;
    std::vector<Statement> walks_;  // each stands on a row
};

[[nodiscard]] inline Cursor place_of(const Statement& row) { return {row.integer(kSubmitted), row.integer(kSeq)}; }

/// How many rows the walks meet, but at most about `most`, from indexes alone.
[[nodiscard]] Result<std::size_t> count_rows(Connection& connection, const std::vector<JobWalk>& walks,
                                             const JobBounds& bounds, std::size_t most);

}  // namespace pintle::store
