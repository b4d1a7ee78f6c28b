#include "api/source_files.hpp"

#include <sys/statvfs.h>

#include <cerrno>

#include "api/storages.hpp"
#include "base/text.hpp"
#include "net/url.hpp"
#include "os/file.hpp"

namespace pintle::api {

Result<const domain::Source*> source_of(const Call& call) {
    const domain::Source* found = call.project->spec.find_source(call.param("source"));
    if (found != nullptr) return found;
    return fail(ErrorCode::kNotFound, "the project {} has no source \"{}\"", call.project->spec.name,
                to_valid_utf8(call.param("source").substr(0, 100)));
}

FileDesk::Where where_of(const domain::Source& source) {
    return std::holds_alternative<domain::ClusterStorageSource>(source.origin) ? FileDesk::Where::kDisk
                                                                               : FileDesk::Where::kServer;
}

Result<std::unique_ptr<source::SourceFiles>> files_of(const Call& call, const domain::Source& source) {
    const domain::Project& project = *call.project;
    TRY(check_storage_of(call, source));
    return call.services.deps.sources.files_of(source, {project.home.str(), project.spec.name}, call.identity.user);
}

Result<std::string> path_asked(const Call& call) {
    if (!call.has_query("encoded_path")) return call.query("path");
    if (call.has_query("path")) return fail(ErrorCode::kInvalid, "give either path or encoded_path");
    auto decoded = net::percent_decode_bytes(call.query("encoded_path"));
    if (!decoded) return fail(decoded.error().context("the parameter encoded_path"));
    return decoded;
}

Result<std::string> file_asked(const Call& call) {
    std::string path = TRY(path_asked(call));
    if (!path.empty()) return path;
    return fail(ErrorCode::kInvalid,
                "the parameter path is missing; it names a file in the source, such as data/train.csv");
}

std::vector<QueryParam> path_params(std::vector<QueryParam> more) {
    more.insert(more.begin(),
                {{"path", "Of a file or folder, relative to the source's folder."},
                 {"encoded_path", "The same for names that are not UTF-8: its bytes in percent encoding."}});
    return more;
}

json::Value encoded_name(const std::string& name) {
    return to_valid_utf8(name) == name ? json::Value() : json::Value(net::percent_encode(name));
}

Result<void> check_quota(const Call& call, const domain::Source& source, std::int64_t bytes) {
    const auto room = call.services.deps.runtime.storage_room().check_room(*call.project, source, bytes);
    if (!room) return fail(no_space(room.error().message));
    return {};
}

Result<void> check_room(const Call& call, const domain::Source& source, const source::SourceFiles& files,
                        std::int64_t size_bytes) {
    TRY(check_quota(call, source, size_bytes));
    const std::string folder = TRY(files.staging_folder());
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) return fail(os::errno_error("look at the disk of", folder, errno));
    const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (static_cast<std::uint64_t>(size_bytes) <= free_bytes) return {};
    return fail(
        no_space(fmt::format("the file has {}, and there is {} free for the source {}", bytes_in_words(size_bytes),
                             bytes_in_words(static_cast<std::int64_t>(free_bytes)), source.name)));
}

void note_written(const Call& call, const domain::Source& source, std::int64_t bytes) {
    call.services.deps.runtime.storage_room().wrote(*call.project, source, bytes);
}

}  // namespace pintle::api
