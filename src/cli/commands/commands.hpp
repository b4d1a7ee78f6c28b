#pragma once

#include "cli/command.hpp"

namespace pintle::cli {

/// The subcommands, one function and one file each; what they do is in their specs.

[[nodiscard]] Command project_create_command();
[[nodiscard]] Command project_list_command();
[[nodiscard]] Command project_show_command();
[[nodiscard]] Command project_edit_command();
[[nodiscard]] Command project_update_command();
[[nodiscard]] Command project_clone_command();
[[nodiscard]] Command project_rename_command();
[[nodiscard]] Command project_delete_command();
[[nodiscard]] Command project_export_command();
[[nodiscard]] Command run_command();
[[nodiscard]] Command jobs_command();
[[nodiscard]] Command job_show_command();
[[nodiscard]] Command job_follow_command();
[[nodiscard]] Command job_stop_command();
[[nodiscard]] Command job_clone_command();
[[nodiscard]] Command job_delete_command();
[[nodiscard]] Command logs_command();
[[nodiscard]] Command job_hold_command();
[[nodiscard]] Command job_release_command();
[[nodiscard]] Command job_priority_command();
[[nodiscard]] Command explain_command();
[[nodiscard]] Command queue_command();
[[nodiscard]] Command queue_move_command();
[[nodiscard]] Command history_command();
[[nodiscard]] Command events_command();
[[nodiscard]] Command source_list_command();
[[nodiscard]] Command source_show_command();
[[nodiscard]] Command source_add_command();
[[nodiscard]] Command source_remove_command();
[[nodiscard]] Command source_files_command();
[[nodiscard]] Command source_upload_command();
[[nodiscard]] Command source_download_command();
[[nodiscard]] Command storage_list_command();
[[nodiscard]] Command node_list_command();
[[nodiscard]] Command doctor_command();
[[nodiscard]] Command status_command();
[[nodiscard]] Command completion_command();
[[nodiscard]] Command complete_command();
[[nodiscard]] Command version_command();

/// All of them, in the order of --help.
[[nodiscard]] std::vector<Command> all_commands();

/// What several commands share.
[[nodiscard]] Positional project_argument();
[[nodiscard]] Positional job_argument();
/// "/projects/digits", "/jobs/digits%2Ftrain%3A3"
[[nodiscard]] std::string project_path(const Context& context);
[[nodiscard]] std::string job_path(const Context& context);
/// The values of --set as the API takes them; kInvalid for one without "=".
[[nodiscard]] Result<json::Value> settings_of(const Arguments& args);
/// --show: whose things a list has.
[[nodiscard]] Option show_option();
/// Where a job, which waits, is now in its queue: "digits/train:3  priority 20", and how to see the rest.
void print_place(Context& context, const json::Value& job);
/// Sends a project file; on faults prints them with their places and `nothing` ("Nothing was created."), and returns
/// no answer but the exit code.
struct SentProject {
    json::Value project;  ///< ProjectFull; null when it was refused.
    int exit_code = 0;
};
struct ProjectFile;
[[nodiscard]] Result<SentProject> send_project(Context& context, const ProjectFile& file, Call call,
                                               std::string_view nothing);
/// Sends the folders that the file wants in its sources, and says so.
[[nodiscard]] Result<void> send_uploads(Context& context, const ProjectFile& file, const std::string& project);
/// "digits: 5 tasks, 3 sources"
[[nodiscard]] std::string project_in_words(const json::Value& project);

}  // namespace pintle::cli
