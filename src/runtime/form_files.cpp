#include "runtime/form_files.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::runtime {

namespace {

namespace fs = std::filesystem;

// Ids are ULIDs of ours: digits and capitals.
bool is_id(std::string_view id) {
    return id.size() == 26 && id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string_view::npos;
}

// The last part of what the client called it, without what a path or a line could end at.
std::string file_name_of(const std::string& name) {
    std::string out =
        to_valid_utf8(name.substr(name.find_last_of("/\\") == std::string::npos ? 0 : name.find_last_of("/\\") + 1));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '_');
    while (out.size() > 200) out.pop_back();
    out = to_valid_utf8(out);
    return out.empty() || out == "." || out == ".." ? "file" : out;
}

Time written_at(const fs::path& path) {
    std::error_code error;
    const auto at = fs::last_write_time(path, error);
    if (error) return {};
    return Time(std::chrono::duration_cast<Duration>(fs::file_time_type::clock::to_sys(at).time_since_epoch()));
}

}  // namespace

std::string form_mount_path(const std::string& default_mount_path) { return default_mount_path + "/.form"; }

std::string FormFiles::staging(const domain::ProjectId& project) const {
    return root_ + "/" + project.str() + "/staging";
}

std::string FormFiles::folder(const domain::ProjectId& project, const domain::JobId& job) const {
    return root_ + "/" + project.str() + "/" + job.str();
}

Result<void> FormFiles::stage(const domain::ProjectId& project, const std::string& id, const std::string& name,
                              std::string_view content, Time now) const {
    const std::string waiting = staging(project);
    TRY(os::make_folders(waiting, 0700));
    std::size_t count = 0;
    for (const std::string& other : TRY(os::list_folder(waiting))) {
        if (written_at(waiting + "/" + other) + kStagedFor < now) TRY(os::remove_tree(waiting + "/" + other));
        else ++count;
    }
    if (count >= kStagedMost)
        return fail(
            ErrorCode::kExhausted,
            "{} uploaded files wait to be built with this project's form, the most there may be; they go after a day",
            count);
    const std::string folder = waiting + "/" + id;
    TRY(os::make_folders(folder, 0755));
    return os::write_file_atomic(folder + "/" + file_name_of(name), content);
}

Result<std::string> FormFiles::find(const domain::ProjectId& project, const std::string& id,
                                    const domain::JobId& from) const {
    if (is_id(id)) {
        const std::string waiting = staging(project) + "/" + id;
        if (os::exists(waiting)) return waiting;
        const std::string earlier = folder(project, from) + "/" + id;
        if (is_id(from.str()) && os::exists(earlier)) return earlier;
    }
    return fail(ErrorCode::kNotFound, "the file \"{}\" was not uploaded, or is gone; send it again",
                to_valid_utf8(id.substr(0, 50)));
}

Result<std::string> FormFiles::name_of(const domain::ProjectId& project, const std::string& id,
                                       const domain::JobId& from) const {
    const std::vector<std::string> names = TRY(os::list_folder(TRY(find(project, id, from))));
    if (names.empty()) return fail(ErrorCode::kNotFound, "the file \"{}\" has not arrived; send it again", id);
    return names.front();
}

Result<void> FormFiles::give(const domain::ProjectId& project, const std::vector<std::string>& ids,
                             const domain::JobId& from, const domain::JobId& to) const {
    for (const std::string& id : ids) {
        const std::string name = TRY(name_of(project, id, from));
        const std::string target = folder(project, to) + "/" + id;
        TRY(os::make_folders(target));
        std::error_code error;
        fs::create_hard_link(TRY(find(project, id, from)) + "/" + name, target + "/" + name, error);
        if (error && error != std::errc::file_exists)
            return fail(os::errno_error("keep", target + "/" + name, error.value()));
    }
    return {};
}

Result<void> FormFiles::remove(const domain::ProjectId& project) const {
    return os::remove_tree(root_ + "/" + project.str());
}
Result<void> FormFiles::remove(const domain::ProjectId& project, const domain::JobId& job) const {
    return os::remove_tree(folder(project, job));
}

}  // namespace pintle::runtime
