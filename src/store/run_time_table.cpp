#include "store/run_time_table.hpp"

#include "base/text.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO run_times (project_id, task, samples_ms) SELECT ?1, ?2, ?3 "
    "WHERE EXISTS (SELECT 1 FROM projects WHERE id = ?1) "
    "ON CONFLICT (project_id, task) DO UPDATE SET samples_ms = ?3";
constexpr std::string_view kLoad = "SELECT project_id, task, samples_ms FROM run_times";

std::string write_samples(const std::vector<std::int64_t>& samples_ms) {
    std::string text;
    for (const std::int64_t sample : samples_ms) text += fmt::format("{}{}", text.empty() ? "" : ",", sample);
    return text;
}

std::vector<std::int64_t> read_samples(std::string_view text) {
    std::vector<std::int64_t> samples;
    if (text.empty()) return samples;
    for (const std::string& number : split(text, ',')) samples.push_back(parse_int(number).value_or(0));
    return samples;
}

}  // namespace

Result<void> save_run_times(Connection& connection, const domain::RunTimes& times) {
    return connection.run(kSave, times.project.str(), times.task, write_samples(times.samples_ms));
}

Result<std::vector<domain::RunTimes>> load_run_times(Connection& connection) {
    Statement rows = TRY(connection.prepare(kLoad));
    std::vector<domain::RunTimes> all;
    while (TRY(rows.step())) {
        all.push_back({domain::ProjectId(rows.text(0)), rows.text(1), read_samples(rows.view(2))});
    }
    return all;
}

}  // namespace pintle::store
