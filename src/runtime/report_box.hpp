#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/job.hpp"
#include "engine/engine.hpp"
#include "json/value.hpp"
#include "runtime/data_folder.hpp"

namespace pintle::runtime {

/// What is known of the values that one replica reports, on disk, from its start until all of them are in its job's
/// samples, so that neither a kill of the server loses one nor does it count one twice:
///
///     reported/PROJECT/JOB/REPLICA/plan    where they come from
///     reported/PROJECT/JOB/REPLICA/state   how far they were read (ReportState)
///     reported/PROJECT/JOB/REPLICA/box/    what the replica sees: values.jsonl, which it writes, and the module pintle
///
/// Threading: a value; functions may be called from any thread, but one box is one thread's at a time.
struct ReportPlan {
    domain::ProjectId project;
    domain::JobId job;
    std::string replica;
    Time begun{};
    std::string log_folder;
    std::string pattern;         ///< domain/metrics_pattern.hpp
    std::string events_root;     ///< The source in which event files are looked for; empty: none are.
    std::string events_path;     ///< Below it.
};

/// How far the reports of a replica were read.
struct ReportPlaces {
    std::uint64_t values = 0;      ///< Bytes of values.jsonl.
    std::uint64_t values_file = 0; ///< Which file that was.
    bool values_within = false;    ///< In the middle of a line that is left out.
    std::uint64_t log = 0;
    std::map<std::string, std::uint64_t> events;  ///< By the file's path below the folder.
    bool operator==(const ReportPlaces&) const = default;
};

/// `from` is read and in the samples. Where there is a `to`, what lies between was being given to them, of whose series
/// `before` tells how many samples each had.
struct ReportState {
    ReportPlaces from;
    std::optional<ReportPlaces> to;
    bool ended = false;  ///< Lines without an end were taken up to `to`.
    std::map<std::string, std::uint64_t> before;
};

class ReportBox {
public:
    /// The variable that names the file for values.
    static constexpr const char* kVariable = "PINTLE_METRICS_FILE";
    static constexpr const char* kFileName = "values.jsonl";
    /// Where containers see the box.
    static constexpr const char* kInContainers = "/run/pintle-metrics";

    explicit ReportBox(std::string folder) : folder_(std::move(folder)) {}
    [[nodiscard]] static ReportBox of(const DataFolder& data, const domain::ProjectId& project,
                                      const domain::JobId& job, const std::string& replica);
    /// Those that are there.
    [[nodiscard]] static std::vector<ReportBox> all(const DataFolder& data);
    [[nodiscard]] static std::vector<ReportBox> all(const DataFolder& data, const domain::ProjectId& project,
                                                    const domain::JobId& job);
    static Result<void> remove(const DataFolder& data, const domain::ProjectId& project);
    static Result<void> remove(const DataFolder& data, const domain::ProjectId& project, const domain::JobId& job);

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string box() const { return folder_ + "/box"; }
    /// Makes the folders, the module and the plan; what was reported before stays. Idempotent.
    [[nodiscard]] Result<void> prepare(const ReportPlan& plan) const;
    [[nodiscard]] Result<ReportPlan> plan() const;
    /// Of a box that was never read, an empty one.
    [[nodiscard]] ReportState state() const;
    [[nodiscard]] Result<void> write_state(const ReportState& state) const;
    [[nodiscard]] Result<void> remove() const;

    friend bool operator<(const ReportBox& a, const ReportBox& b) { return a.folder_ < b.folder_; }

private:
    std::string folder_;
};

/// Where the launch's reports come from. Pure.
[[nodiscard]] ReportPlan plan_reports(const domain::Job& job, const domain::Replica& replica,
                                      const engine::ReplicaLaunch& launch, Time now);

}  // namespace pintle::runtime
