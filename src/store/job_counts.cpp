#include "store/job_counts.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kChange =
    "INSERT INTO job_counts (project_id, state, count) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (project_id, state) DO UPDATE SET count = count + ?3";

}  // namespace

void JobCounts::change(const domain::ProjectId& project, std::string_view state, std::int64_t by) {
    changes_[{project, std::string(state)}] += by;
}

Result<void> JobCounts::write(Connection& connection) {
    for (const auto& [what, by] : changes_) {
        if (by != 0) TRY(connection.run(kChange, what.first.str(), what.second, by));
    }
    changes_.clear();
    return {};
}

}  // namespace pintle::store
