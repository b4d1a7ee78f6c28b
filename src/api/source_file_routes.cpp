#include <unistd.h>

#include <algorithm>

#include "api/event_stream.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "source/storage_files.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

/// Sends a file piece by piece, so that neither its size nor a slow client costs memory.
class FileDownload final : public Producer {
public:
    FileDownload(std::shared_ptr<net::Stream> stream, source::StorageFile file)
        : stream_(std::move(stream)), fd_(std::move(file.fd)), left_(file.size_bytes) {}

    [[nodiscard]] Duration step() override {
        if (stream_->closed()) return kDone;
        if (stream_->queued_bytes() > kQueuedMost) return kPause;
        std::string piece(static_cast<std::size_t>(std::min<std::int64_t>(left_, kPieceBytes)), '\0');
        const ssize_t got = piece.empty() ? 0 : ::read(fd_.get(), piece.data(), piece.size());
        if (got <= 0) {
            stream_->close();
            return kDone;
        }
        piece.resize(static_cast<std::size_t>(got));
        left_ -= got;
        return stream_->write(std::move(piece)) ? Duration(0) : kDone;
    }

private:
    static constexpr std::int64_t kPieceBytes = 128 << 10;
    const std::shared_ptr<net::Stream> stream_;
    const os::UniqueFd fd_;
    std::int64_t left_;
};

Result<source::StorageFiles> files_of(Call& call) {
    const domain::Source* found = call.project->spec.find_source(call.param("source"));
    if (found == nullptr) {
        return fail(ErrorCode::kNotFound, "the project {} has no source \"{}\"", call.project->spec.name,
                    to_valid_utf8(call.param("source").substr(0, 100)));
    }
    if (!std::holds_alternative<domain::ClusterStorageSource>(found->origin)) {
        return fail(ErrorCode::kInvalid,
                    "the source {} is {}; only the files of cluster storage can be seen and changed here", found->name,
                    domain::kind_of(*found));
    }
    return source::StorageFiles(TRY(call.services.deps.sources.folder_of(
        *found, {call.project->home.str(), call.project->spec.name})));
}

Value entry_value(const source::StorageEntry& entry) {
    return Value::object({{"name", to_valid_utf8(entry.name)},
                          {"kind", source::to_string(entry.kind)},
                          {"size_bytes", entry.size_bytes},
                          {"modified_at", time_value(entry.modified_at)}});
}

Result<net::Response> listing_answer(Call& call, const source::StorageFiles& files, const std::string& path) {
    const store::PageRequest page = call.page();
    const source::StorageListing listing = TRY(files.list(path, page.cursor, page.limit));
    json::Array items;
    for (const source::StorageEntry& entry : listing.entries) items.push_back(entry_value(entry));
    return json_answer(page_value(std::move(items), listing.next));
}

void send_file(const CallPtr& call, source::StorageFile file, const std::string& path) {
    net::Headers headers;
    const std::string name = path.substr(path.find_last_of('/') + 1);
    // Content of others must never run in the pages of this server, so it is bytes whatever it looks like.
    if (call->query_flag("download")) headers.set("Content-Disposition", attachment(name));
    headers.set("Content-Security-Policy", "sandbox; default-src 'none'");
    auto stream = call->stream("application/octet-stream", std::move(headers));
    call->services.pump.add(std::make_unique<FileDownload>(std::move(stream), std::move(file)),
                            call->services.pump.make_poke());
}

void read_files(const CallPtr& call) {
    const auto files = files_of(*call);
    if (!files) return call->answer(fail(files.error()));
    const std::string path = call->query("path");
    auto listing = listing_answer(*call, *files, path);
    if (listing || path.empty()) return call->answer(std::move(listing));
    auto file = files->open(path);
    // What is neither a folder nor a file is told as a file that is not there.
    if (!file) return call->answer(fail(file.error()));
    send_file(call, std::move(*file), path);
}

Result<std::string> path_of(Call& call) {
    std::string path = call.query("path");
    if (path.empty())
        return fail(ErrorCode::kInvalid,
                    "the parameter path is missing; it names a file in the source, such as data/train.csv");
    return path;
}

Result<net::Response> put_file(Call& call) {
    const std::string path = TRY(path_of(call));
    TRY(TRY(files_of(call)).put(path, call.request.body));
    return json_answer(Value::object({{"path", path}, {"size_bytes", call.request.body.size()}}), 201);
}

Result<net::Response> remove_file(Call& call) {
    const std::string path = TRY(path_of(call));
    TRY(TRY(files_of(call)).remove(path));
    return json_answer(Value::object({{"deleted", path}}));
}

}  // namespace

std::vector<Route> source_file_routes() {
    const QueryParam path{"path", "Of a file or folder, relative to the source's folder."};
    return {
        {.method = "GET",
         .path = "/projects/{project}/sources/{source}/files",
         .operation = "readFiles",
         .permission = Permission::kSeeProject,
         .handler = read_files,
         .summary = "a folder of a source, or a file's content",
         .query = page_params({path, {"download", "Send a file as an attachment.", QueryParam::Type::kFlag}}),
         .answer = {200, "[FileEntry]", AnswerShape::Media::kJsonOrBytes}},
        {.method = "PUT",
         .path = "/projects/{project}/sources/{source}/files",
         .operation = "putFile",
         .permission = Permission::kEditProject,
         .handler = put_file,
         .summary = "put a file into a source; folders on the way are made",
         .query = {path},
         .body = {BodyShape::Kind::kBytes, {}},
         .answer = {201, "FilePut"}},
        {.method = "DELETE",
         .path = "/projects/{project}/sources/{source}/files",
         .operation = "removeFile",
         .permission = Permission::kEditProject,
         .handler = remove_file,
         .summary = "remove a file, or a folder with everything in it",
         .query = {path},
         .answer = {200, "FileDeleted"}},
    };
}

}  // namespace pintle::api
