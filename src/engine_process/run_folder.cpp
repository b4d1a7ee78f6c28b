#include "engine_process/run_folder.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>

#include "engine_process/fields.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::string_view kRunning = ".running";
constexpr std::string_view kExited = ".exited";
constexpr std::size_t kSmallFile = 64 << 10;
constexpr std::size_t kPlanMax = 16 << 20;
constexpr std::int64_t kMaxGraceMs = 7LL * 24 * 3600 * 1000;

Result<std::string> encode(const ProcessId& process) {
    Fields fields;
    fields.add("pid", process.pid);
    fields.add("start time", static_cast<std::int64_t>(process.start_time));
    fields.add("boot", process.boot);
    return fields.encode();
}

std::optional<Fields> read_fields(const std::string& path) {
    const auto bytes = os::read_file(path, kSmallFile);
    if (!bytes) return std::nullopt;
    auto fields = Fields::decode(*bytes);
    return fields ? std::optional(std::move(*fields)) : std::nullopt;
}

std::optional<ProcessId> read_process(const std::string& path) {
    const auto fields = read_fields(path);
    if (!fields) return std::nullopt;
    return ProcessId{static_cast<pid_t>(fields->number("pid")),
                     static_cast<std::uint64_t>(fields->number("start time")), fields->text("boot")};
}

/// The attempt that a file in reports/ belongs to, also one that is not in place yet.
std::string attempt_of(const std::string& file_name) {
    for (const std::string_view suffix : {kExited, kRunning}) {
        if (const std::size_t at = file_name.find(suffix); at != std::string::npos) return file_name.substr(0, at);
    }
    return file_name;
}

}  // namespace

std::optional<ReportName> parse_report_name(std::string_view file_name) {
    const bool exited =
        file_name.size() > kExited.size() && file_name.substr(file_name.size() - kExited.size()) == kExited;
    const std::string_view suffix = exited ? kExited : kRunning;
    if (file_name.size() <= suffix.size() || file_name.substr(file_name.size() - suffix.size()) != suffix) {
        return std::nullopt;
    }
    std::string id(file_name.substr(0, file_name.size() - suffix.size()));
    if (!engine::AttemptId::parse(id)) return std::nullopt;
    return ReportName{std::move(id), exited};
}

Result<void> RunFolder::prepare() const {
    for (const char* part : {"/attempts", "/reports", "/scratch", "/scratch/trash"}) {
        TRY(os::make_folders(root_ + part, 0755));
    }
    TRY(os::remove_tree(root_ + "/trash"));
    TRY(os::make_folders(root_ + "/trash"));
    // A report outlives its attempt's folder only when forgetting was interrupted between the two. Others, also those
    // that a supervisor is about to put in place, are left alone.
    for (const std::string& name : TRY(os::list_folder(reports()))) {
        if (!has_attempt(attempt_of(name))) ::unlink((reports() + "/" + name).c_str());
    }
    return {};
}

Result<std::vector<std::string>> RunFolder::attempts() const {
    std::vector<std::string> ids;
    for (std::string& name : TRY(os::list_folder(root_ + "/attempts"))) {
        if (engine::AttemptId::parse(name)) ids.push_back(std::move(name));
    }
    return ids;
}

bool RunFolder::has_attempt(std::string_view id) const { return os::exists(attempt(id)); }

Result<void> RunFolder::write_plan(std::string_view id, const LaunchPlan& plan) const {
    const std::string bytes = TRY(engine_process::encode(plan));
    if (bytes.size() > kPlanMax) {
        return fail(ErrorCode::kExhausted, "the command and environment of {} are larger than {} bytes", id, kPlanMax);
    }
    TRY(os::make_folders(attempt(id)));
    // The environment may hold secrets. Not durable: a machine that goes down takes the replica with it.
    return os::write_file_atomic(attempt(id) + "/launch", bytes, 0600, false);
}

Result<LaunchPlan> RunFolder::read_plan(std::string_view id) const {
    return decode_plan(TRY(os::read_file(attempt(id) + "/launch", kPlanMax)));
}

Result<bool> RunFolder::claim(std::string_view id, const ProcessId& process) const {
    const std::string path = attempt(id) + "/started";
    std::string temporary = path + ".XXXXXX";
    const std::string bytes = TRY(encode(process));
    const os::UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return fail(os::errno_error("create a file beside", path, errno));
    const bool written = ::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    // link() never replaces: whoever comes second fails.
    const int linked = written ? ::link(temporary.c_str(), path.c_str()) : -1;
    const int error = errno;
    ::unlink(temporary.c_str());
    if (linked == 0) return true;
    if (written && error == EEXIST) return false;
    return fail(os::errno_error("create", path, error));
}

std::optional<ProcessId> RunFolder::claimed_by(std::string_view id) const {
    return read_process(attempt(id) + "/started");
}

Result<void> RunFolder::write_stop(std::string_view id, Duration grace) const {
    Fields fields;
    fields.add("grace", std::clamp<std::int64_t>(grace.count(), 0, kMaxGraceMs));
    return os::write_file_atomic(attempt(id) + "/stop", TRY(fields.encode()), 0644, false);
}

std::optional<Duration> RunFolder::read_stop(std::string_view id) const {
    const auto fields = read_fields(attempt(id) + "/stop");
    return fields ? std::optional(Duration(std::clamp<std::int64_t>(fields->number("grace"), 0, kMaxGraceMs)))
                  : std::nullopt;
}

Result<void> RunFolder::report_running(std::string_view id, const ProcessId& main_process) const {
    return os::write_file_atomic(fmt::format("{}/{}{}", reports(), id, kRunning), TRY(encode(main_process)), 0644,
                                 false);
}

std::optional<ProcessId> RunFolder::running(std::string_view id) const {
    return read_process(fmt::format("{}/{}{}", reports(), id, kRunning));
}

Result<void> RunFolder::report_exit(std::string_view id, const domain::ReplicaExit& exit,
                                    const engine::Usage& used) const {
    Fields fields;
    fields.add("exit code", exit.exit_code);
    fields.add("out of memory", exit.out_of_memory ? 1 : 0);
    fields.add("message", exit.message.substr(0, exit.message.find('\0')));
    fields.add("at", to_ms(exit.at));
    if (used.cpu_us) fields.add("cpu us", *used.cpu_us);
    if (used.disk_read_bytes) fields.add("disk read", *used.disk_read_bytes);
    if (used.disk_written_bytes) fields.add("disk written", *used.disk_written_bytes);
    return os::write_file_atomic(fmt::format("{}/{}{}", reports(), id, kExited), TRY(fields.encode()));
}

std::optional<domain::ReplicaExit> RunFolder::exited(std::string_view id) const {
    const auto fields = read_fields(fmt::format("{}/{}{}", reports(), id, kExited));
    if (!fields) return std::nullopt;
    return domain::ReplicaExit{static_cast<int>(fields->number("exit code")), fields->number("out of memory") == 1,
                               fields->text("message"), time_from_ms(fields->number("at"))};
}

std::optional<engine::Usage> RunFolder::used(std::string_view id) const {
    const auto fields = read_fields(fmt::format("{}/{}{}", reports(), id, kExited));
    if (!fields) return std::nullopt;
    const auto number = [&](std::string_view name) {
        return fields->find(name) != nullptr ? std::optional(fields->number(name)) : std::nullopt;
    };
    engine::Usage used;
    used.cpu_us = number("cpu us");
    used.disk_read_bytes = number("disk read");
    used.disk_written_bytes = number("disk written");
    used.ended_at = time_from_ms(fields->number("at"));
    return used;
}

Result<void> RunFolder::remove(std::string_view id) const {
    const std::string trash = fmt::format("{}/trash/{}", root_, id);
    TRY(os::remove_tree(trash));
    // The folder goes first and at once: an attempt without its reports would look like one whose supervisor died.
    if (::rename(attempt(id).c_str(), trash.c_str()) != 0 && errno != ENOENT) {
        return fail(os::errno_error("remove", attempt(id), errno));
    }
    for (const std::string_view suffix : {kRunning, kExited}) {
        ::unlink(fmt::format("{}/{}{}", reports(), id, suffix).c_str());
    }
    return os::remove_tree(trash);
}

Result<void> RunFolder::discard_scratch(const engine::AttemptId& id) const {
    const std::string folder = scratch(id.job.str(), id.replica);
    if (::rename(folder.c_str(), fmt::format("{}/{}", scratch_trash(), id.str()).c_str()) == 0 || errno == ENOENT) {
        return {};
    }
    return fail(os::errno_error("remove", folder, errno));
}

}  // namespace pintle::engine_process
