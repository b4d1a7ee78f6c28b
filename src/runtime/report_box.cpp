#include "runtime/report_box.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/text.hpp"
#include "domain/name.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "runtime/python_module.hpp"

namespace pintle::runtime {
namespace {

using json::Value;

std::string root_of(const DataFolder& data) { return data.file("reported"); }

std::uint64_t number(const Value& object, std::string_view name) {
    const Value* value = object.find(name);
    return value != nullptr && value->is_int() && value->as_int() > 0 ? static_cast<std::uint64_t>(value->as_int()) : 0;
}

std::string text(const Value& object, std::string_view name) {
    const Value* value = object.find(name);
    return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

bool flag(const Value& object, std::string_view name) {
    const Value* value = object.find(name);
    return value != nullptr && value->is_bool() && value->as_bool();
}

Value written(const std::map<std::string, std::uint64_t>& table) {
    Value out = Value::object();
    for (const auto& [name, value] : table) out.add(name, static_cast<std::int64_t>(value));
    return out;
}

std::map<std::string, std::uint64_t> read_table(const Value& object) {
    std::map<std::string, std::uint64_t> table;
    if (!object.is_object()) return table;
    for (const json::Member& member : object.as_object()) table[member.key] = number(object, member.key);
    return table;
}

Value written(const ReportPlaces& places) {
    return Value::object({{"values", static_cast<std::int64_t>(places.values)},
                          {"values_file", static_cast<std::int64_t>(places.values_file)},
                          {"values_within", places.values_within},
                          {"log", static_cast<std::int64_t>(places.log)},
                          {"events", written(places.events)}});
}

ReportPlaces read_places(const Value& object) {
    return {number(object, "values"), number(object, "values_file"), flag(object, "values_within"),
            number(object, "log"), read_table(object["events"])};
}

std::vector<std::string> folders_in(const std::string& path) {
    return os::exists(path) ? os::list_folder(path).value_or(std::vector<std::string>()) : std::vector<std::string>();
}

std::string value_of(const engine::ReplicaLaunch& launch, std::string_view name) {
    for (const auto& [existing, value] : launch.environment) {
        if (existing == name) return value;
    }
    return {};
}

// "$DATA_DIR/logs" and "${DATA_DIR}/logs", as a shell would read them.
std::string expanded(const std::string& text, const engine::ReplicaLaunch& launch) {
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '$') {
            out += text[at++];
            continue;
        }
        const bool braced = at + 1 < text.size() && text[at + 1] == '{';
        const std::size_t begin = at + (braced ? 2 : 1);
        std::size_t end = begin;
        while (end < text.size() && is_name(text[end])) ++end;
        out += value_of(launch, std::string_view(text).substr(begin, end - begin));
        at = end + (braced && end < text.size() && text[end] == '}' ? 1 : 0);
    }
    return out;
}

// The mount that a path of the replica's lies in. Without mounts of its own it sees this machine's paths.
void find_events(ReportPlan& plan, const domain::Job& job, const engine::ReplicaLaunch& launch,
                 const std::string& wanted) {
    const std::string path = std::filesystem::path(wanted).lexically_normal().string();
    std::size_t longest = 0;
    const auto consider = [&](const std::string& seen, const std::string& host) {
        const std::string top = std::filesystem::path(seen).lexically_normal().string();
        const bool is_within = path == top || path.starts_with(top.ends_with('/') ? top : top + "/");
        if (top.empty() || !is_within || top.size() < longest) return;
        longest = top.size();
        plan.events_root = host;
        plan.events_path =
            path.size() > top.size() ? path.substr(top.size() + (top.ends_with('/') ? 0 : 1)) : std::string();
    };
    for (const engine::Mount& mount : launch.mounts) consider(mount.mount_path, mount.host_path);
    if (!launch.mounts.empty() || !job.preparation) return;
    for (const domain::PreparedVolume& volume : job.preparation->volumes) consider(volume.host_path, volume.host_path);
}

}  // namespace

ReportBox ReportBox::of(const DataFolder& data, const domain::ProjectId& project, const domain::JobId& job,
                        const std::string& replica) {
    return ReportBox(fmt::format("{}/{}/{}/{}", root_of(data), project.str(), job.str(), replica));
}

std::vector<ReportBox> ReportBox::all(const DataFolder& data, const domain::ProjectId& project,
                                      const domain::JobId& job) {
    std::vector<ReportBox> boxes;
    const std::string folder = fmt::format("{}/{}/{}", root_of(data), project.str(), job.str());
    for (const std::string& replica : folders_in(folder)) boxes.emplace_back(folder + "/" + replica);
    return boxes;
}

std::vector<ReportBox> ReportBox::all(const DataFolder& data) {
    std::vector<ReportBox> boxes;
    for (const std::string& project : folders_in(root_of(data))) {
        for (const std::string& job : folders_in(root_of(data) + "/" + project)) {
            for (ReportBox& box : all(data, domain::ProjectId(project), domain::JobId(job)))
                boxes.push_back(std::move(box));
        }
    }
    return boxes;
}

Result<void> ReportBox::remove(const DataFolder& data, const domain::ProjectId& project) {
    return os::remove_tree(root_of(data) + "/" + project.str());
}

Result<void> ReportBox::remove(const DataFolder& data, const domain::ProjectId& project, const domain::JobId& job) {
    return os::remove_tree(fmt::format("{}/{}/{}", root_of(data), project.str(), job.str()));
}

Result<void> ReportBox::prepare(const ReportPlan& plan) const {
    TRY(os::make_folders(folder_, 0700));
    TRY(os::make_folders(box()));
    // The program of a container may run as anybody.
    if (::chmod(box().c_str(), 01777) != 0) return fail(os::errno_error("open", box(), errno));
    TRY(os::write_file_atomic(box() + "/pintle.py", python_module(), 0644, false));
    const Value written = Value::object({{"project", plan.project.str()},
                                         {"job", plan.job.str()},
                                         {"replica", plan.replica},
                                         {"begun", to_ms(plan.begun)},
                                         {"log_folder", plan.log_folder},
                                         {"pattern", plan.pattern},
                                         {"events_root", plan.events_root},
                                         {"events_path", plan.events_path}});
    // A replica that is started again goes on where its first attempt began.
    if (os::exists(folder_ + "/plan")) return {};
    return os::write_file_atomic(folder_ + "/plan", json::to_json(written), 0600, false);
}

Result<ReportPlan> ReportBox::plan() const {
    const Value read = TRY(json::parse_json(TRY(os::read_file(folder_ + "/plan", 1 << 20))));
    ReportPlan plan;
    plan.project = domain::ProjectId(text(read, "project"));
    plan.job = domain::JobId(text(read, "job"));
    plan.replica = text(read, "replica");
    plan.begun = time_from_ms(static_cast<std::int64_t>(number(read, "begun")));
    plan.log_folder = text(read, "log_folder");
    plan.pattern = text(read, "pattern");
    plan.events_root = text(read, "events_root");
    plan.events_path = text(read, "events_path");
    return plan;
}

ReportState ReportBox::state() const {
    ReportState state;
    const auto bytes = os::read_file(folder_ + "/state");
    const auto read = bytes ? json::parse_json(*bytes) : Result<Value>(Value());
    if (!read || !read->is_object()) return state;
    state.from = read_places((*read)["from"]);
    if (read->has("to")) state.to = read_places((*read)["to"]);
    state.ended = flag(*read, "ended");
    state.before = read_table((*read)["before"]);
    return state;
}

Result<void> ReportBox::write_state(const ReportState& state) const {
    Value out = Value::object({{"from", written(state.from)}});
    if (state.to) {
        out.add("to", written(*state.to));
        out.add("ended", state.ended);
        out.add("before", written(state.before));
    }
    return os::write_file_atomic(folder_ + "/state", json::to_json(out), 0600, false);
}

Result<void> ReportBox::remove() const {
    TRY(os::remove_tree(folder_));
    // The job's own folder, and the project's, when this was the last in it.
    for (std::string parent = folder_.substr(0, folder_.rfind('/'));
         ::rmdir(parent.c_str()) == 0 && !parent.ends_with("/reported");) {
        parent = parent.substr(0, parent.rfind('/'));
    }
    return {};
}

ReportPlan plan_reports(const domain::Job& job, const domain::Replica& replica, const engine::ReplicaLaunch& launch,
                        Time now) {
    ReportPlan plan;
    plan.project = job.project_id;
    plan.job = job.id;
    plan.replica = replica.name();
    plan.begun = now;
    plan.log_folder = launch.log_folder;
    plan.pattern = job.spec.task.metrics_pattern;
    // All replicas see the same folder, so that one of them is asked for it: the first, or the first that is given one.
    const std::string& named = job.spec.task.tensorboard_folder;
    const auto gives = [&](const domain::Replica& other) {
        const auto& env = job.resource_of(other).env;
        if (!named.empty() ||
            std::any_of(env.begin(), env.end(), [](const auto& variable) { return variable.first == "TRAINING_DIR"; }))
            return true;
        if (!job.preparation) return false;
        // As the variable of a source that is called so.
        const auto& volumes = job.preparation->volumes;
        return std::any_of(volumes.begin(), volumes.end(), [&](const domain::PreparedVolume& volume) {
            return volume.resource == other.resource && domain::variable_stem(volume.source) == "TRAINING";
        });
    };
    const auto first = std::find_if(job.replicas.begin(), job.replicas.end(), gives);
    if (first == job.replicas.end() || first->name() != replica.name()) return plan;
    find_events(plan, job, launch, named.empty() ? value_of(launch, "TRAINING_DIR") : expanded(named, launch));
    return plan;
}

}  // namespace pintle::runtime
