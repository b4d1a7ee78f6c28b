#include "runtime/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "os/file.hpp"

namespace pintle::runtime {

Result<DataFolder> DataFolder::open(const std::string& path) {
    TRY(os::make_folders(path, 0700));
    std::error_code error;
    const std::string whole = std::filesystem::canonical(path, error).string();
    if (error) return fail(os::errno_error("open the data folder", path, error.value()));
    os::UniqueFd lock(::open((whole + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return fail(os::errno_error("open", whole + "/lock", errno));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorCode::kConflict,
                    "another Pintle server is using the data folder {}; stop it first (pintle serve --stop), or choose "
                    "another with --data",
                    whole);
    }
    for (const char* part : {"logs", "work", "cache", "storage", "components", "metrics"})
        TRY(os::make_folders(whole + "/" + part, 0700));
    return DataFolder(whole, std::move(lock));
}

std::string DataFolder::component_folder(const domain::ProjectId& project) const {
    return file("components/") + project.str();
}

std::string DataFolder::component_folder(const domain::ProjectId& project, const std::string& component) const {
    return component_folder(project) + "/" + component;
}

std::string DataFolder::log_folder(const domain::ProjectId& project) const { return file("logs/") + project.str(); }

std::string DataFolder::log_folder(const domain::ProjectId& project, const domain::JobId& job) const {
    return log_folder(project) + "/" + job.str();
}

std::string DataFolder::log_folder(const domain::ProjectId& project, const domain::JobId& job,
                                   const std::string& replica) const {
    return log_folder(project, job) + "/" + replica;
}

std::string DataFolder::sample_folder(const domain::ProjectId& project) const {
    return file("metrics/") + project.str();
}

std::string DataFolder::sample_folder(const domain::ProjectId& project, const domain::JobId& job) const {
    return sample_folder(project) + "/" + job.str();
}

std::string DataFolder::node_sample_folder(const std::string& node) const { return file("metrics/nodes/") + node; }

}  // namespace pintle::runtime
