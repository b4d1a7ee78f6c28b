#pragma once

#include <string>

#include "base/result.hpp"
#include "domain/ids.hpp"
#include "os/unique_fd.hpp"

namespace pintle::runtime {

/// The server's folder on disk, held by one server at a time.
///
///     state.db            all control state (module store)
///     token               the access token that the first start made; readable by its owner only
///     secret              signs the tokens of jobs
///     account-key         seals the secrets of accounts; without it they cannot be opened
///     welcome             how the first operator sets a password; gone when that is done
///     server.json         address and process id of the running server
///     lock                held while a server runs
///     logs/PROJECT/JOB/   one log stream per replica
///     metrics/PROJECT/JOB/   what was measured of the job's replicas, and what they reported
///     (series/sample_writer.hpp) metrics/nodes/NODE/    what was measured of a node files/PROJECT/JOB/  what was
///     uploaded with the form that started the job (form_files.hpp) uploads/            what is being sent into
///     sources, piece by piece (uploads.hpp) components/PROJECT/NAME/   what a component keeps from one start to the
///     next run/                the process engine's own; a link into memory where possible containers/         the
///     container engine's own scratch/            where replicas without a work folder begin work/JOB/ checkouts of a
///     running job cache/              git mirrors, Python environments; may be deleted while no server runs
///     storage/default/    the storage named "default", unless the configuration says otherwise
///     storage-use.json    how much the storages held when they were last counted; may be deleted
class DataFolder {
public:
    /// Makes the folder when it is new. Fails with kConflict while another server holds it.
    [[nodiscard]] static Result<DataFolder> open(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
    [[nodiscard]] std::string component_folder(const domain::ProjectId& project) const;
    [[nodiscard]] std::string component_folder(const domain::ProjectId& project, const std::string& component) const;
    [[nodiscard]] std::string log_folder(const domain::ProjectId& project) const;
    [[nodiscard]] std::string log_folder(const domain::ProjectId& project, const domain::JobId& job) const;
    [[nodiscard]] std::string log_folder(const domain::ProjectId& project, const domain::JobId& job,
                                         const std::string& replica) const;
    [[nodiscard]] std::string sample_folder(const domain::ProjectId& project) const;
    [[nodiscard]] std::string sample_folder(const domain::ProjectId& project, const domain::JobId& job) const;
    [[nodiscard]] std::string node_sample_folder(const std::string& node) const;

private:
    DataFolder(std::string path, os::UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

    std::string path_;
    os::UniqueFd lock_;
};

}  // namespace pintle::runtime
