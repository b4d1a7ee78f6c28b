#pragma once

#include "api/route.hpp"

namespace pintle::api {

/// The routes of each resource, one function per file.
[[nodiscard]] std::vector<Route> server_routes();
[[nodiscard]] std::vector<Route> node_routes();
[[nodiscard]] std::vector<Route> storage_routes();
[[nodiscard]] std::vector<Route> pool_routes();
[[nodiscard]] std::vector<Route> group_routes();
[[nodiscard]] std::vector<Route> user_routes();
[[nodiscard]] std::vector<Route> audit_routes();
[[nodiscard]] std::vector<Route> project_routes();
[[nodiscard]] std::vector<Route> project_import_routes();
[[nodiscard]] std::vector<Route> project_life_routes();
[[nodiscard]] std::vector<Route> project_validation_routes();
[[nodiscard]] std::vector<Route> catalog_routes();
[[nodiscard]] std::vector<Route> component_open_routes();
[[nodiscard]] std::vector<Route> component_routes();
[[nodiscard]] std::vector<Route> status_routes();
[[nodiscard]] std::vector<Route> repository_routes();
[[nodiscard]] std::vector<Route> source_routes();
[[nodiscard]] std::vector<Route> source_file_routes();
[[nodiscard]] std::vector<Route> source_upload_routes();
[[nodiscard]] std::vector<Route> run_routes();
[[nodiscard]] std::vector<Route> form_routes();
[[nodiscard]] std::vector<Route> job_list_routes();
[[nodiscard]] std::vector<Route> job_routes();
[[nodiscard]] std::vector<Route> job_event_routes();
[[nodiscard]] std::vector<Route> queue_routes();
[[nodiscard]] std::vector<Route> explanation_routes();
[[nodiscard]] std::vector<Route> log_routes();
[[nodiscard]] std::vector<Route> history_routes();
[[nodiscard]] std::vector<Route> prometheus_routes();
[[nodiscard]] std::vector<Route> report_routes();
[[nodiscard]] std::vector<Route> metric_routes();
[[nodiscard]] std::vector<Route> usage_routes();
[[nodiscard]] std::vector<Route> change_routes();
[[nodiscard]] std::vector<Route> session_routes();
[[nodiscard]] std::vector<Route> password_routes();
[[nodiscard]] std::vector<Route> provider_routes();
[[nodiscard]] std::vector<Route> token_routes();
[[nodiscard]] std::vector<Route> account_routes();

/// All of them, in the order of the documentation. Made once.
[[nodiscard]] const std::vector<Route>& all_routes();

}  // namespace pintle::api
