#include <algorithm>

#include "api/bodies.hpp"
#include "api/routes.hpp"
#include "api/source_files.hpp"
#include "base/text.hpp"
#include "runtime/uploads.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using runtime::Upload;
using CallPtr = std::shared_ptr<Call>;

/// Whatever is larger is checked and put in its place while nobody waits for the answer.
constexpr std::int64_t kQuickBytes = 64 << 20;
constexpr std::int64_t kSizeMost = std::int64_t{1} << 60;

Value upload_value(const Upload& upload) {
    return Value::object({{"id", upload.id},
                          {"path", to_valid_utf8(upload.path)},
                          {"encoded_path", encoded_name(upload.path)},
                          {"size_bytes", upload.size_bytes},
                          {"offset", upload.offset},
                          {"state", runtime::to_string(upload.state)},
                          {"fingerprint", text_or_null(upload.fingerprint)},
                          {"fault", text_or_null(upload.fault)},
                          {"ends_at", time_value(runtime::upload_ends_at(upload))}});
}

runtime::Uploads::Owner owner_of(const Call& call) {
    return {call.project->id, call.param("source"), call.identity.user};
}

Result<Upload> upload_of(Call& call) {
    TRY(source_of(call));
    return call.services.deps.uploads.find(call.param("upload"), owner_of(call));
}

// A disk that is full is told as such, and everything else as it is.
Error told(const Error& error) {
    if (error.code != ErrorCode::kExhausted) return error;
    return no_space(error.message + "; make room and go on with the upload, which keeps what has come");
}

Result<net::Response> list_uploads(Call& call) {
    TRY(source_of(call));
    json::Array items;
    for (const Upload& upload : call.services.deps.uploads.list(owner_of(call))) items.push_back(upload_value(upload));
    return json_answer(page_value(std::move(items), ""));
}

bool is_sha256(const std::string& text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(),
                                            [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<runtime::UploadWish> read_wish(Call& call) {
    constexpr std::size_t kFingerprintMost = 200;
    runtime::UploadWish wish;
    TRY(read_body(call.request, [&](json::Reader& body) {
        wish.size_bytes = body.integer("size_bytes", 0, kSizeMost, json::kRequired);
        wish.sha256 = to_lower(body.text("sha256", ""));
        wish.fingerprint = body.text("fingerprint", "");
    }));
    if (!wish.sha256.empty() && !is_sha256(wish.sha256))
        return fail(ErrorCode::kInvalid, "sha256 is 64 hexadecimal digits");
    if (wish.fingerprint.size() > kFingerprintMost)
        return fail(ErrorCode::kInvalid, "a fingerprint has at most {} bytes", kFingerprintMost);
    wish.path = TRY(file_asked(call));
    wish.project = call.project->id;
    wish.source = call.param("source");
    wish.user = call.identity.user;
    return wish;
}

// Many files that are begun together must not pass a quota that each of them alone would not.
Result<void> check_room_beside(const Call& call, const domain::Source& source, const std::vector<Upload>& others,
                               std::int64_t size_bytes) {
    std::int64_t coming = size_bytes;
    for (const Upload& other : others) {
        if (other.state != Upload::State::kDone) coming += std::min(other.size_bytes, kSizeMost - coming);
    }
    return check_quota(call, source, coming);
}

Result<net::Response> begun(Call& call, const domain::Source& source, const runtime::UploadWish& wish) {
    const auto files = TRY(files_of(call, source));
    TRY(files->check_place(wish.path));
    const Services& services = call.services;
    const Time now = services.deps.clock.now();
    const auto own = services.deps.uploads.list(owner_of(call));
    const bool is_known =
        std::any_of(own.begin(), own.end(), [&](const Upload& upload) { return runtime::continues(upload, wish); });
    if (!is_known) {
        TRY(check_room_beside(call, source, own, wish.size_bytes));
        TRY(check_room(call, source, *files, wish.size_bytes));
    }
    const Upload upload = TRY(services.deps.uploads.begin(services.deps.runtime.make_id(), wish, *files, now));
    return json_answer(upload_value(upload), 201);
}

void begin_upload(const CallPtr& call) {
    const auto source = source_of(*call);
    if (!source) return call->answer(fail(source.error()));
    auto wish = read_wish(*call);
    if (!wish) return call->answer(fail(wish.error()));
    call->services.files.post(call, where_of(**source), [call, source = *source, wish = std::move(*wish)] {
        call->answer(begun(*call, *source, wish));
    });
}

Result<net::Response> show_upload(Call& call) { return json_answer(upload_value(TRY(upload_of(call)))); }

Result<std::unique_ptr<source::SourceFiles>> files_asked(const Call& call) {
    return files_of(call, *TRY(source_of(call)));
}

Result<Upload> deliver(const Call& call, const std::string& id) {
    const Services& services = call.services;
    auto done =
        services.deps.uploads.deliver(id, files_asked(call), services.files.stopping(), services.deps.clock.now());
    const auto source = source_of(call);
    if (done && source) note_written(call, **source, done->size_bytes);
    return done;
}

net::Response upload_answer(const Upload& upload) { return json_answer(upload_value(upload)); }

// All of the file is there.
void complete(const CallPtr& call, const std::string& id, std::int64_t size_bytes) {
    // Once more: others may have filled the place since it was begun.
    const auto room =
        call->services.deps.runtime.storage_room().check_room(*call->project, **source_of(*call), size_bytes);
    if (!room) return call->answer(fail(told(room.error())));
    const auto sealed = call->services.deps.uploads.seal(id);
    if (!sealed) return call->answer(fail(told(sealed.error())));
    if (sealed->state == Upload::State::kDone) return call->answer(upload_answer(*sealed));
    const bool is_disk = where_of(**source_of(*call)) == FileDesk::Where::kDisk;
    if (is_disk && (sealed->sha256.empty() || sealed->size_bytes <= kQuickBytes)) {
        const auto done = deliver(*call, id);
        return call->answer(done ? Result<net::Response>(upload_answer(*done)) : fail(told(done.error())));
    }
    // Whoever asks for the upload is told how it went. Where too many wait, it is delivered here and now.
    const auto work = [call, id] { static_cast<void>(deliver(*call, id)); };
    if (!call->services.files.store(work)) work();
    call->answer(upload_answer(*sealed));
}

void write_piece(const CallPtr& call, const std::string& id) {
    const std::int64_t offset = *call->query_whole("offset");
    const auto written =
        call->services.deps.uploads.write(id, offset, call->request.body, call->services.deps.clock.now());
    if (!written) return call->answer(fail(told(written.error())));
    call->request.body = {};
    const bool is_whole = written->offset == written->size_bytes && written->state == Upload::State::kReceiving;
    if (is_whole) return complete(call, written->id, written->size_bytes);
    call->answer(upload_answer(*written));
}

void send_piece(const CallPtr& call) {
    const auto upload = upload_of(*call);
    if (!upload) return call->answer(fail(upload.error()));
    if (!call->query_whole("offset"))
        return call->answer(
            fail(ErrorCode::kInvalid,
                 "the parameter offset is missing; it says at which byte of the file the piece begins"));
    // Pieces gather on this machine, whatever the source is.
    call->services.files.post(call, FileDesk::Where::kDisk, [call, id = upload->id] { write_piece(call, id); });
}

Result<net::Response> cancel_upload(Call& call) {
    const Upload upload = TRY(upload_of(call));
    TRY(call.services.deps.uploads.remove(upload.id));
    return json_answer(Value::object({{"deleted", upload.id}}));
}

}  // namespace

std::vector<Route> source_upload_routes() {
    const std::string_view all = "/projects/{project}/sources/{source}/uploads";
    const std::string_view one = "/projects/{project}/sources/{source}/uploads/{upload}";
    return {
        {.method = "GET",
         .path = all,
         .operation = "listUploads",
         .permission = Permission::kSeeProject,
         .handler = list_uploads,
         .summary = "your own uploads into a source that are on their way",
         .answer = {200, "[Upload]"}},
        {.method = "POST",
         .path = all,
         .operation = "beginUpload",
         .permission = Permission::kEditProject,
         .handler = begin_upload,
         .summary =
             "begin to send a file in pieces, or go on with one: with the same path, size_bytes and fingerprint, the "
             "answer is your unfinished upload, whose offset says how much of it has come",
         .query = path_params(),
         .body = {BodyShape::Kind::kJson, "UploadWish"},
         .answer = {201, "Upload"}},
        {.method = "GET",
         .path = one,
         .operation = "showUpload",
         .permission = Permission::kEditProject,
         .handler = show_upload,
         .summary = "how much of an upload is on disk",
         .answer = {200, "Upload"}},
        {.method = "PATCH",
         .path = one,
         .operation = "sendPiece",
         .permission = Permission::kEditProject,
         .handler = send_piece,
         .summary = "send the next piece of a file, of at most 16 MiB. A wrong offset is refused with 409, whose only "
                    "detail has "
                    "the right one. The last piece puts the file in its place, as a whole; when its state is then "
                    "\"storing\", "
                    "ask for the upload until it is \"done\". An empty piece at the end tries it again",
         .query = {{"offset", "At which byte of the file the piece begins.", QueryParam::Type::kWhole, 0, kSizeMost}},
         .body = {BodyShape::Kind::kBytes, {}, false, kPieceLimitBytes},
         .answer = {200, "Upload"}},
        {.method = "DELETE",
         .path = one,
         .operation = "cancelUpload",
         .permission = Permission::kEditProject,
         .handler = cancel_upload,
         .summary = "give up an upload; what has come of it is removed",
         .answer = {200, "FileDeleted"}},
    };
}

}  // namespace pintle::api
