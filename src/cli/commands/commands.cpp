#include "cli/commands/commands.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/project_file.hpp"
#include "cli/upload.hpp"
#include "cli/words.hpp"

namespace pintle::cli {

std::vector<Command> all_commands() {
    return {
        run_command(),
        jobs_command(),
        job_show_command(),
        job_follow_command(),
        job_stop_command(),
        job_clone_command(),
        job_delete_command(),
        job_hold_command(),
        job_release_command(),
        job_priority_command(),
        job_tag_command(),
        explain_command(),
        queue_command(),
        queue_move_command(),
        logs_command(),
        history_command(),
        events_command(),
        metrics_command(),
        top_command(),
        project_create_command(),
        project_validate_command(),
        project_list_command(),
        project_show_command(),
        project_edit_command(),
        project_update_command(),
        project_clone_command(),
        project_rename_command(),
        project_transfer_command(),
        project_disable_command(),
        project_enable_command(),
        project_reset_command(),
        project_delete_command(),
        project_export_command(),
        catalog_list_command(),
        catalog_show_command(),
        catalog_render_command(),
        catalog_install_command(),
        catalog_refresh_command(),
        form_show_command(),
        form_edit_command(),
        form_render_command(),
        form_build_command(),
        source_list_command(),
        source_show_command(),
        source_add_command(),
        source_remove_command(),
        source_revisions_command(),
        mount_check_command(),
        source_files_command(),
        source_upload_command(),
        source_download_command(),
        cp_command(),
        storage_list_command(),
        storage_quota_command(),
        storage_show_command(),
        component_list_command(),
        component_show_command(),
        component_enable_command(),
        component_disable_command(),
        component_restart_command(),
        component_pause_command(),
        component_open_command(),
        component_logs_command(),
        user_list_command(),
        user_show_command(),
        user_onboard_command(),
        user_offboard_command(),
        user_promote_command(),
        user_demote_command(),
        user_move_command(),
        user_invite_command(),
        group_list_command(),
        group_show_command(),
        group_create_command(),
        group_edit_command(),
        group_delete_command(),
        pool_list_command(),
        pool_show_command(),
        pool_create_command(),
        pool_edit_command(),
        pool_delete_command(),
        node_list_command(),
        node_show_command(),
        device_list_command(),
        device_show_command(),
        audit_command(),
        login_command(),
        logout_command(),
        whoami_command(),
        password_command(),
        token_create_command(),
        token_list_command(),
        token_revoke_command(),
        account_list_command(),
        account_show_command(),
        account_create_command(),
        account_update_command(),
        account_delete_command(),
        doctor_command(),
        status_command(),
        completion_command(),
        complete_command(),
        version_command(),
    };
}

Positional project_argument() { return {.name = "PROJECT", .help = "its name or id", .offer = Offer::kProject}; }
Positional job_argument() {
    return {.name = "JOB", .help = "PROJECT/TASK:BUILD, such as digits/train:3, or an id", .offer = Offer::kJob};
}

Positional user_argument() { return {.name = "USER", .help = "their name or id", .offer = Offer::kUser}; }
Positional group_argument() { return {.name = "GROUP", .help = "its name or id", .offer = Offer::kGroup}; }
Positional pool_argument() { return {.name = "POOL", .help = "its name or id", .offer = Offer::kPool}; }
Option yes_option() { return {.name = "yes", .help = "do not ask"}; }

std::string project_path(const Context& context) { return "/projects/" + segment(context.args.get("PROJECT")); }
std::string job_path(const Context& context) { return "/jobs/" + segment(context.args.get("JOB")); }

Option show_option() {
    return {.name = "show",
            .value = "WHOSE",
            .help = "owned, shared (by others of your group), all (both, the default), or everyone (operators)",
            .choices = {"owned", "shared", "all", "everyone"}};
}

bool shows_everyone(const Context& context) { return context.args.get("show") == "everyone"; }

Result<std::string> own_group_for(Context& context, const json::Value& items) {
    if (context.structured() && !context.quiet) return std::string();
    const bool tells_groups = std::any_of(items.as_array().begin(), items.as_array().end(),
                                          [](const json::Value& item) { return item["group"].is_string(); });
    if (!tells_groups) return std::string();
    return text_of(TRY(context.api.get("/session")), "group");
}

std::string name_to_type(const json::Value& item, const std::string& own_group) {
    const std::string group = text_of(item, "group");
    const std::string name = text_of(item, "name");
    return group.empty() || group == own_group ? name : fmt::format("{}:{}", group, name);
}

void print_place(Context& context, const json::Value& job) {
    context.term.line(
        fmt::format("{}  priority {}", context.term.plain(text_of(job, "name")), int_of(job, "priority")));
    context.term.line("see the queue: pintle queue");
}

std::string user_path(const Context& context) { return "/users/" + segment(context.args.get("USER")); }
std::string group_path(const Context& context) { return "/groups/" + segment(context.args.get("GROUP")); }
std::string pool_path(const Context& context) { return "/pools/" + segment(context.args.get("POOL")); }

Result<void> confirm(Context& context, const std::string& name, std::string_view doing, std::string_view done) {
    if (context.args.has("yes")) return {};
    if (!context.deps.in_is_terminal)
        return fail(ErrorCode::kInvalid, "nobody is here to confirm; to {} {} anyway, add --yes", doing, name);
    context.term.write(fmt::format("Type {} to {} it: ", context.term.plain(name), doing));
    const auto answer = context.deps.read_line();
    if (!answer || trim(*answer) != name)
        return fail(ErrorCode::kCancelled, "that is not {}; nothing was {}", name, done);
    return {};
}

void print_removal(Context& context, std::string_view doing, const json::Value& removal) {
    Terminal& term = context.term;
    term.line(fmt::format("{} {}", doing, term.plain(context.args.get("PROJECT"))));
    for (const auto& [key, word] : {std::pair{"removed", "removes"}, std::pair{"kept", "keeps  "}}) {
        if (!removal[key].is_array()) continue;
        for (const json::Value& each : removal[key].as_array())
            term.line(fmt::format("  {} {}", word, term.plain(each.scalar_text().value_or(""))));
    }
}

Error live_jobs_error(const std::string& project, std::int64_t live) {
    return {ErrorCode::kConflict,
            fmt::format("{} has {} that did not end; see them with: pintle jobs --project {} --live", project,
                        count_of(live, "job"), project),
            {},
            {}};
}

Result<json::Value> settings_of(const Arguments& args) {
    json::Value settings = json::Value::object();
    for (const std::string& each : args.all("set")) {
        const std::size_t equals = each.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorCode::kInvalid, "--set: expected KEY=VALUE, got \"{}\"", each);
        settings.set(each.substr(0, equals), each.substr(equals + 1));
    }
    return settings;
}

Result<SentProject> send_project(Context& context, const ProjectFile& file, Call call, std::string_view nothing) {
    call.body = file.body;
    call.content_type = file.content_type;
    const auto answer = context.api.call(call);
    if (!answer && answer.error().code == ErrorCode::kInvalid && !answer.error().details.empty()) {
        print_faults(context.term, file.name, answer.error().details);
        context.term.error_line(nothing);
        return SentProject{{}, exit_code(ErrorCode::kInvalid)};
    }
    if (!answer) return fail(answer.error());
    print_faults(context.term, file.name, faults_in((*answer)["warnings"]), "warning: ");
    return SentProject{(*answer)["project"], 0};
}

Result<void> send_uploads(Context& context, const ProjectFile& file, const std::string& project) {
    for (const WantedUpload& upload : file.uploads) {
        const std::size_t sent = TRY(send_folder(context, project, upload.source, upload.folder, ""));
        if (context.quiet || context.structured()) continue;
        context.term.line(fmt::format("{}: {} uploaded from {}", context.term.plain(upload.source),
                                      count_of(static_cast<std::int64_t>(sent), "file"),
                                      context.term.plain(upload.written)));
    }
    return {};
}

std::string project_in_words(const json::Value& project) {
    const json::Value& document = project["document"];
    return fmt::format("{}: {}, {}", text_of(project, "name"),
                       count_of(static_cast<std::int64_t>(document["tasks"].size()), "task"),
                       count_of(static_cast<std::int64_t>(document["sources"].size()), "source"));
}

}  // namespace pintle::cli
