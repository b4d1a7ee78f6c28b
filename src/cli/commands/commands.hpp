#pragma once

#include "cli/command.hpp"

namespace pintle::cli {

/// The subcommands, one function and one file each; what they do is in their specs.

[[nodiscard]] Command project_create_command();
[[nodiscard]] Command project_validate_command();
[[nodiscard]] Command project_list_command();
[[nodiscard]] Command project_show_command();
[[nodiscard]] Command project_edit_command();
[[nodiscard]] Command project_update_command();
[[nodiscard]] Command project_clone_command();
[[nodiscard]] Command project_rename_command();
[[nodiscard]] Command project_transfer_command();
[[nodiscard]] Command project_disable_command();
[[nodiscard]] Command project_enable_command();
[[nodiscard]] Command project_reset_command();
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
[[nodiscard]] Command job_tag_command();
[[nodiscard]] Command job_release_command();
[[nodiscard]] Command job_priority_command();
[[nodiscard]] Command explain_command();
[[nodiscard]] Command queue_command();
[[nodiscard]] Command queue_move_command();
[[nodiscard]] Command history_command();
[[nodiscard]] Command events_command();
[[nodiscard]] Command metrics_command();
[[nodiscard]] Command top_command();
[[nodiscard]] Command form_show_command();
[[nodiscard]] Command form_edit_command();
[[nodiscard]] Command form_render_command();
[[nodiscard]] Command form_build_command();
[[nodiscard]] Command catalog_list_command();
[[nodiscard]] Command catalog_show_command();
[[nodiscard]] Command catalog_render_command();
[[nodiscard]] Command catalog_install_command();
[[nodiscard]] Command catalog_refresh_command();
[[nodiscard]] Command source_list_command();
[[nodiscard]] Command source_show_command();
[[nodiscard]] Command source_add_command();
[[nodiscard]] Command source_remove_command();
[[nodiscard]] Command source_revisions_command();
[[nodiscard]] Command mount_check_command();
[[nodiscard]] Command source_files_command();
[[nodiscard]] Command source_upload_command();
[[nodiscard]] Command source_download_command();
[[nodiscard]] Command cp_command();
[[nodiscard]] Command storage_list_command();
[[nodiscard]] Command storage_quota_command();
[[nodiscard]] Command storage_show_command();
[[nodiscard]] Command component_list_command();
[[nodiscard]] Command component_show_command();
[[nodiscard]] Command component_enable_command();
[[nodiscard]] Command component_disable_command();
[[nodiscard]] Command component_restart_command();
[[nodiscard]] Command component_pause_command();
[[nodiscard]] Command component_open_command();
[[nodiscard]] Command component_logs_command();
[[nodiscard]] Command user_list_command();
[[nodiscard]] Command user_show_command();
[[nodiscard]] Command user_onboard_command();
[[nodiscard]] Command user_offboard_command();
[[nodiscard]] Command user_promote_command();
[[nodiscard]] Command user_demote_command();
[[nodiscard]] Command user_move_command();
[[nodiscard]] Command user_invite_command();
[[nodiscard]] Command group_list_command();
[[nodiscard]] Command group_show_command();
[[nodiscard]] Command group_create_command();
[[nodiscard]] Command group_edit_command();
[[nodiscard]] Command group_delete_command();
[[nodiscard]] Command pool_list_command();
[[nodiscard]] Command pool_show_command();
[[nodiscard]] Command pool_create_command();
[[nodiscard]] Command pool_edit_command();
[[nodiscard]] Command pool_delete_command();
[[nodiscard]] Command node_list_command();
[[nodiscard]] Command node_show_command();
[[nodiscard]] Command device_list_command();
[[nodiscard]] Command device_show_command();
[[nodiscard]] Command audit_command();
[[nodiscard]] Command doctor_command();
[[nodiscard]] Command status_command();
[[nodiscard]] Command completion_command();
[[nodiscard]] Command complete_command();
[[nodiscard]] Command version_command();
[[nodiscard]] Command login_command();
[[nodiscard]] Command logout_command();
[[nodiscard]] Command whoami_command();
[[nodiscard]] Command password_command();
[[nodiscard]] Command token_create_command();
[[nodiscard]] Command token_list_command();
[[nodiscard]] Command token_revoke_command();
[[nodiscard]] Command account_list_command();
[[nodiscard]] Command account_show_command();
[[nodiscard]] Command account_create_command();
[[nodiscard]] Command account_update_command();
[[nodiscard]] Command account_delete_command();

/// All of them, in the order of --help.
[[nodiscard]] std::vector<Command> all_commands();

/// What several commands share.
[[nodiscard]] Positional project_argument();
[[nodiscard]] Positional job_argument();
[[nodiscard]] Positional user_argument();
[[nodiscard]] Positional group_argument();
[[nodiscard]] Positional pool_argument();
[[nodiscard]] Positional storage_argument();
/// "1.2 GB" of something that was measured, or "more than 1.2 GB".
[[nodiscard]] std::string used_in_words(const json::Value& use);
[[nodiscard]] Option yes_option();
/// "/projects/digits", "/jobs/digits%2Ftrain%3A3"
[[nodiscard]] std::string project_path(const Context& context);
[[nodiscard]] std::string job_path(const Context& context);
[[nodiscard]] std::string user_path(const Context& context);
[[nodiscard]] std::string group_path(const Context& context);
[[nodiscard]] std::string pool_path(const Context& context);
/// Lets somebody type the name before what cannot be taken back, unless --yes was given: `doing` is "delete", `done`
/// "deleted". kInvalid when nobody is there to type, kCancelled when something else is typed.
[[nodiscard]] Result<void> confirm(Context& context, const std::string& name, std::string_view doing,
                                   std::string_view done);
/// "Deleting digits", and what that removes and keeps.
void print_removal(Context& context, std::string_view doing, const json::Value& removal);
/// That so many of the project's jobs have not ended, and how to see them.
[[nodiscard]] Error live_jobs_error(const std::string& project, std::int64_t live);
/// The GPUs of a device list as a table: what they are, how they are, who uses them.
void print_devices(Context& context, const json::Value& devices, std::size_t indent);
/// A name as one types it: quoted where a shell needs that.
[[nodiscard]] std::string as_typed(const std::string& name);
/// NODE/UUID as the API takes them.
[[nodiscard]] Result<json::Value> device_keys(const std::vector<std::string>& names);
/// "6 of 8 A100 in use, 1 free, 1 unhealthy"
[[nodiscard]] std::string pool_in_words(const json::Value& pool);
/// The people of a list as a table.
void print_users(Context& context, const json::Value& users, bool with_group, std::size_t indent);
/// Who was invited, and the link that lets them in.
void print_invitation(Context& context, const json::Value& invitation);
/// The flags of `group create` and `group edit`, and what they say as the API takes it.
[[nodiscard]] std::vector<Option> group_options();
[[nodiscard]] Result<json::Value> group_wish(const Arguments& args);
/// The values of --set as the API takes them; kInvalid for one without "=".
[[nodiscard]] Result<json::Value> settings_of(const Arguments& args);
[[nodiscard]] Positional account_argument();
[[nodiscard]] std::string account_path(const Context& context);
/// The flags that `account create` and `account update` have both; none of them takes the secret itself, which
/// other people of the machine could read in the list of processes.
[[nodiscard]] std::vector<Option> account_options();
/// What they say, as the API takes it.
[[nodiscard]] Result<json::Value> account_wish(const Arguments& args);
/// From --secret-file, or asked for; `word` is what it is, "token".
[[nodiscard]] Result<std::string> read_account_secret(Context& context, const std::string& word);
/// Of the kind "git_key": "private key".
[[nodiscard]] std::string secret_word_of(const std::string& kind);
/// An account on a few lines.
void print_account(Context& context, const json::Value& account);
/// --show: whose things a list has.
[[nodiscard]] Option show_option();
/// --show everyone: the list has things of every group.
[[nodiscard]] bool shows_everyone(const Context& context);
/// The group of the caller where a list may have things of several groups, so that names of others' can be written
/// as one types them; empty where none has a group, or the answer is for programs.
[[nodiscard]] Result<std::string> own_group_for(Context& context, const json::Value& items);
/// "digits/train:3", or of another group "research:digits/train:3".
[[nodiscard]] std::string name_to_type(const json::Value& item, const std::string& own_group);
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
