#include "engine_container/attempt_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

namespace pintle::engine_container {
namespace {

using json::Value;

Result<void> make_pipe(const std::string& path, mode_t mode) {
    if (::mkfifo(path.c_str(), mode) != 0 && errno != EEXIST)
        return fail(os::errno_error("make the pipe", path, errno));
    // Whoever the container's user is must be able to open it; nobody else reaches the folder.
    if (::chmod(path.c_str(), mode) != 0) return fail(os::errno_error("make the pipe", path, errno));
    return {};
}

Value pairs(const std::vector<std::pair<std::string, std::string>>& from) {
    Value list = Value::array();
    for (const auto& [first, second] : from) list.push(Value::array({first, second}));
    return list;
}

std::vector<std::pair<std::string, std::string>> pairs(const Value& list) {
    std::vector<std::pair<std::string, std::string>> into;
    for (std::size_t i = 0; i < list.size(); ++i) {
        into.emplace_back(list[i][0].scalar_text().value_or(""), list[i][1].scalar_text().value_or(""));
    }
    return into;
}

std::string text(const Value& value, std::string_view key) { return value[key].scalar_text().value_or(""); }
std::int64_t number(const Value& value, std::string_view key) { return value[key].is_int() ? value[key].as_int() : 0; }

}  // namespace

std::string encode(const engine::ReplicaLaunch& launch) {
    Value mounts = Value::array(), devices = Value::array();
    for (const engine::Mount& mount : launch.mounts) {
        mounts.push(Value::array({mount.host_path, mount.mount_path, mount.read_only}));
    }
    for (const int device : launch.devices) devices.push(device);
    return json::to_json(Value::object({{"attempt", launch.id.str()},
                                        {"command", launch.command},
                                        {"work_dir", launch.work_dir},
                                        {"environment", pairs(launch.environment)},
                                        {"image", launch.image},
                                        {"mounts", mounts},
                                        {"host_name", launch.host_name},
                                        {"address", launch.address},
                                        {"hosts", pairs(launch.hosts)},
                                        {"cpu_millis", launch.limits.cpu_millis},
                                        {"memory_bytes", launch.limits.memory_bytes},
                                        {"devices", devices},
                                        {"log_folder", launch.log_folder}}));
}

Result<engine::ReplicaLaunch> decode_launch(std::string_view encoded) {
    const Value value = TRY(json::parse_json(encoded));
    const auto id = engine::AttemptId::parse(text(value, "attempt"));
    if (!id) return fail(ErrorCode::kCorrupt, "it names no attempt");
    engine::ReplicaLaunch launch;
    launch.id = *id;
    launch.command = text(value, "command");
    launch.work_dir = text(value, "work_dir");
    launch.environment = pairs(value["environment"]);
    launch.image = text(value, "image");
    for (std::size_t i = 0; i < value["mounts"].size(); ++i) {
        const Value& mount = value["mounts"][i];
        launch.mounts.push_back({mount[0].scalar_text().value_or(""), mount[1].scalar_text().value_or(""),
                                 mount[2].is_bool() && mount[2].as_bool()});
    }
    launch.host_name = text(value, "host_name");
    launch.address = text(value, "address");
    launch.hosts = pairs(value["hosts"]);
    launch.limits = {number(value, "cpu_millis"), number(value, "memory_bytes")};
    for (std::size_t i = 0; i < value["devices"].size(); ++i) {
        if (value["devices"][i].is_int()) launch.devices.push_back(static_cast<int>(value["devices"][i].as_int()));
    }
    launch.log_folder = text(value, "log_folder");
    return launch;
}

Report read_report(std::string_view said) {
    Report report;
    for (const std::string& line : split(said, '\n')) {
        const std::size_t space = line.find(' ');
        if (space == std::string::npos) continue;
        const std::string word = line.substr(0, space), rest = line.substr(space + 1);
        const auto count = parse_int(rest);
        if (word == "setup") report.setup_failure = to_valid_utf8(rest);
        if (word == "status" && count) report.wait_status = static_cast<int>(*count & 0xffff);
        if (word == "oom" && count) report.oom_kills = *count;
        if (word == "cpu" && count && *count >= 0) report.cpu_us = *count;
    }
    return report;
}

Result<void> AttemptFolder::prepare() const {
    TRY(os::make_folders(root_, 0700));
    TRY(os::make_folders(root_ + "/attempts", 0700));
    TRY(os::make_folders(root_ + "/scratch", 0700));
    return make_pipe(bell(), 0600);
}

Result<std::vector<std::string>> AttemptFolder::attempts() const {
    std::vector<std::string> ids;
    for (std::string& name : TRY(os::list_folder(root_ + "/attempts"))) {
        if (engine::AttemptId::parse(name)) ids.push_back(std::move(name));
    }
    return ids;
}

std::string AttemptFolder::scratch(const engine::AttemptId& id) const {
    return fmt::format("{}/scratch/{}.{}", root_, id.job.str(), id.replica);
}

Result<void> AttemptFolder::accept(const engine::ReplicaLaunch& launch, const std::string& init_program) const {
    const std::string id = launch.id.str();
    TRY(os::make_folders(box(id), 0755));
    TRY(make_pipe(box(id) + "/output", 0666));
    TRY(make_pipe(box(id) + "/report", 0666));
    const std::string init = box(id) + "/init";
    if (::link(init_program.c_str(), init.c_str()) != 0 && errno != EEXIST) {
        return fail(os::errno_error("make", init, errno));
    }
    // Last, because it makes the attempt one.
    return os::write_file_atomic(path(id) + "/launch", encode(launch), 0600, false);
}

Result<engine::ReplicaLaunch> AttemptFolder::launch(const std::string& id) const {
    auto decoded = decode_launch(TRY(os::read_file(path(id) + "/launch")));
    if (!decoded) return fail(decoded.error().context(path(id) + "/launch"));
    return decoded;
}

Result<void> AttemptFolder::note_started(const std::string& id) const {
    return os::write_file_atomic(path(id) + "/started", "", 0600, false);
}

bool AttemptFolder::started(const std::string& id) const { return os::exists(path(id) + "/started"); }

Result<void> AttemptFolder::write_stop(const std::string& id, Duration grace) const {
    TRY(os::make_folders(path(id), 0700));
    return os::write_file_atomic(path(id) + "/stop", fmt::format("{}", grace.count()), 0600, false);
}

std::optional<Duration> AttemptFolder::stop(const std::string& id) const {
    const auto content = os::read_file(path(id) + "/stop", 64);
    if (!content) return std::nullopt;
    return Duration(parse_int(*content).value_or(0));
}

Result<void> AttemptFolder::write_exit(const std::string& id, const domain::ReplicaExit& exit) const {
    TRY(os::make_folders(path(id), 0700));
    const Value value = Value::object({{"code", exit.exit_code},
                                       {"out_of_memory", exit.out_of_memory},
                                       {"message", exit.message},
                                       {"at", to_ms(exit.at)}});
    return os::write_file_atomic(path(id) + "/exit", json::to_json(value), 0600);
}

std::optional<domain::ReplicaExit> AttemptFolder::exit(const std::string& id) const {
    const auto content = os::read_file(path(id) + "/exit", 1 << 20);
    if (!content) return std::nullopt;
    const auto value = json::parse_json(*content);
    if (!value) return domain::ReplicaExit{-1, false, "how it ended is not known: its record is damaged", {}};
    const bool out_of_memory = (*value)["out_of_memory"].is_bool() && (*value)["out_of_memory"].as_bool();
    return domain::ReplicaExit{static_cast<int>(number(*value, "code")), out_of_memory, text(*value, "message"),
                               time_from_ms(number(*value, "at"))};
}

Result<void> AttemptFolder::remove(const std::string& id) const { return os::remove_tree(path(id)); }

}  // namespace pintle::engine_container
