#pragma once

#include <map>

#include "api/wait_history.hpp"
#include "domain/project.hpp"
#include "json/value.hpp"
#include "scheduling/explanation.hpp"
#include "store/records.hpp"

namespace pintle::api {

/// What the store and the core know, in the wire's words: every field is there, null where there is nothing. The
/// schemas of openapi_schemas.cpp describe these. Pure; any thread.

[[nodiscard]] store::JobSummary summary_of(const domain::Job& job);
/// JobShort. A job that still runs has lasted until `now`; `forecast` is of its start, while it waits. `group_name` is
/// of the group where its project is found; empty when the reader may not know of it.
[[nodiscard]] json::Value job_short_value(const store::JobSummary& job, const std::string& group_name, Time now,
                                          const std::optional<scheduling::Forecast>& forecast);
/// Job without `requeued`, under the name that its project has now; `waiting` is null for one that does not wait.
[[nodiscard]] json::Value job_value(const domain::Job& job, const std::string& project_name,
                                    const std::string& owner_name, const std::string& group_name,
                                    const std::string& pool_name, std::vector<std::string> tags, Time now,
                                    const std::optional<scheduling::Explanation>& waiting);
[[nodiscard]] json::Value explanation_value(const scheduling::Explanation& explanation);
[[nodiscard]] json::Value forecast_value(const std::optional<scheduling::Forecast>& forecast);
/// PoolNumbers.
[[nodiscard]] json::Value pool_numbers_value(const domain::Pool& pool, const scheduling::PoolUse& use);
/// Requeue, or null.
[[nodiscard]] json::Value requeued_value(const std::optional<RequeuedAt>& requeued);
[[nodiscard]] json::Value wait_history_value(const WaitHistory& history);
[[nodiscard]] json::Value job_spec_value(const domain::Job& job);
[[nodiscard]] json::Value attempt_value(const store::AttemptRecord& attempt, Time now);
[[nodiscard]] json::Value notice_value(const store::NoticeRecord& record, const std::string& job_name);

struct JobTotals {
    std::int64_t live = 0;
    std::int64_t total = 0;
};
[[nodiscard]] JobTotals totals_of(const store::StateCounts& counts);
[[nodiscard]] json::Value project_short_value(const store::ProjectSummary& project, const std::string& group_name,
                                              std::size_t sources, const store::StateCounts& counts);
/// ProjectFull.
[[nodiscard]] json::Value project_value(const domain::Project& project);
[[nodiscard]] json::Value warnings_value(const std::vector<Fault>& warnings);

[[nodiscard]] json::Value property_value(const domain::PropertyValue& value);

}  // namespace pintle::api
