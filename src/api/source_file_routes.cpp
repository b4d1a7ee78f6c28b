#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "api/byte_range.hpp"
#include "api/event_stream.hpp"
#include "api/routes.hpp"
#include "api/source_files.hpp"
#include "base/text.hpp"
#include "net/url.hpp"
#include "os/file.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

/// Sends a file piece by piece, so that neither its size nor a slow client costs memory.
class FileDownload final : public Producer {
public:
    FileDownload(std::shared_ptr<net::Stream> stream, os::UniqueFd fd, std::int64_t size_bytes)
        : stream_(std::move(stream)), fd_(std::move(fd)), left_(size_bytes) {}

    [[nodiscard]] Duration step() override {
        if (stream_->closed()) return kDone;
        if (stream_->queued_bytes() > kQueuedMost) return kPause;
        std::string piece(static_cast<std::size_t>(std::min<std::int64_t>(left_, kPieceBytes)), '\0');
        const ssize_t got = piece.empty() ? 0 : ::read(fd_.get(), piece.data(), piece.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return kPause;
        // Where it ends before all has come, the client sees that by the length it was told.
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

// Whoever goes on with a file that was fetched in part sees by it that it is still the same.
template <class File>
std::string tag_of(const File& file) {
    if (!file.tag.empty()) return fmt::format("\"{}\"", file.tag);
    return fmt::format("\"{}-{}\"", file.size_bytes, to_ms(file.modified_at));
}

Value entry_value(const source::FileEntry& entry) {
    const bool is_file = entry.kind == source::FileEntry::Kind::kFile;
    return Value::object({{"name", to_valid_utf8(entry.name)},
                          {"encoded_name", encoded_name(entry.name)},
                          {"kind", source::to_string(entry.kind)},
                          {"size_bytes", entry.size_bytes},
                          {"modified_at", time_value(entry.modified_at)},
                          {"tag", is_file ? Value(tag_of(entry)) : Value()}});
}

Value listing_value(json::Array items, const std::string& next_cursor, const std::string& commit) {
    Value value = page_value(std::move(items), next_cursor);
    value.set("commit", text_or_null(commit));
    return value;
}

// The cursor is a name, which may be any bytes.
Result<net::Response> listing_answer(Call& call, const source::SourceFiles& files, const std::string& path) {
    const store::PageRequest page = call.page();
    const std::string after = TRY(net::percent_decode_bytes(page.cursor));
    const source::FileListing listing = TRY(files.list(path, after, page.limit));
    json::Array items;
    for (const source::FileEntry& entry : listing.entries) items.push_back(entry_value(entry));
    return json_answer(listing_value(std::move(items), net::percent_encode(listing.next), listing.commit));
}

void send_file(const CallPtr& call, source::OpenFile file, std::optional<ByteRange> range, const std::string& path) {
    net::Headers headers;
    const std::string name = path.substr(path.find_last_of('/') + 1);
    // Content of others must never run in the pages of this server, so it is bytes whatever it looks like.
    if (call->query_flag("download")) headers.set("Content-Disposition", attachment(name));
    headers.set("Content-Security-Policy", "sandbox; default-src 'none'");
    headers.set("Accept-Ranges", "bytes");
    headers.set("ETag", tag_of(file));
    const ByteRange sent = range.value_or(ByteRange{0, file.size_bytes});
    headers.set("Content-Length", std::to_string(sent.end - sent.first));
    if (range) headers.set("Content-Range", fmt::format("bytes {}-{}/{}", sent.first, sent.end - 1, file.size_bytes));
    auto stream = call->stream("application/octet-stream", std::move(headers), range ? 206 : 200);
    call->services.pump.add(
        std::make_unique<FileDownload>(std::move(stream), std::move(file.fd), sent.end - sent.first),
        call->services.pump.make_poke());
}

void refuse_range(Call& call, const source::OpenFile& file) {
    net::Response answer =
        error_answer(Error{ErrorCode::kInvalid,
                           fmt::format("the file has {} bytes; none of those that are asked for", file.size_bytes),
                           {},
                           {}},
                     call.request.request_id);
    answer.status = 416;
    answer.headers.set("Content-Range", fmt::format("bytes */{}", file.size_bytes));
    call.answer(std::move(answer));
}

void refuse_changed(Call& call) {
    net::Response answer =
        error_answer(Error{ErrorCode::kConflict, "the file has changed since", {}, {}}, call.request.request_id);
    answer.status = 412;
    call.answer(std::move(answer));
}

/// What the path itself is, links followed, as a list of one.
Result<net::Response> itself_answer(const source::SourceFiles& files, const std::string& path) {
    source::FileEntry entry;
    entry.name = path.substr(path.find_last_of('/') + 1);
    entry.kind = source::FileEntry::Kind::kFolder;
    const auto listing = files.list(path, "", 1);
    if (!listing) {
        source::OpenFile file = TRY(files.open(path, 0));
        entry.kind = source::FileEntry::Kind::kFile;
        entry.size_bytes = file.size_bytes;
        entry.modified_at = file.modified_at;
        entry.tag = std::move(file.tag);
    }
    json::Array items;
    items.push_back(entry_value(entry));
    return json_answer(listing_value(std::move(items), "", listing ? listing->commit : ""));
}

void read_file(const CallPtr& call, const source::SourceFiles& files, const std::string& path) {
    const std::string wish(call->request.headers.get("Range"));
    auto file = files.open(path, first_byte(wish));
    if (!file) return call->answer(fail(file.error()));
    const std::string_view wanted = call->request.headers.get("If-Match");
    if (!wanted.empty() && wanted != tag_of(*file)) return refuse_changed(*call);
    std::optional<ByteRange> range = byte_range(wish, file->size_bytes);
    const std::string_view known = call->request.headers.get("If-Range");
    if (range && !known.empty() && known != tag_of(*file)) range.reset();
    if (range && range->first >= range->end) return refuse_range(*call, *file);
    // Where it was opened is not where it must begin: it is another file now, or only its end is wanted.
    const std::int64_t first = range ? range->first : 0;
    if (first != std::min(first_byte(wish), file->size_bytes)) {
        file = files.open(path, first);
        if (!file) return call->answer(fail(file.error()));
        if (range && file->size_bytes < range->end) return refuse_range(*call, *file);
    }
    send_file(call, std::move(*file), range, path);
}

void read_files_of(const CallPtr& call, const source::SourceFiles& files) {
    const auto path = path_asked(*call);
    if (!path) return call->answer(fail(path.error()));
    if (call->query_flag("itself")) return call->answer(itself_answer(files, *path));
    auto listing = listing_answer(*call, files, *path);
    // What is neither a folder nor a file is told as a file that is not there.
    const bool may_be_file =
        !listing && (listing.error().code == ErrorCode::kInvalid || listing.error().code == ErrorCode::kNotFound);
    if (!may_be_file || path->empty()) return call->answer(std::move(listing));
    read_file(call, files, *path);
}

/// Does something with the source's files, on a thread that may wait for them.
void with_files(const CallPtr& call, void (*use)(const CallPtr&, const source::SourceFiles&)) {
    const auto source = source_of(*call);
    if (!source) return call->answer(fail(source.error()));
    call->services.files.post(call, where_of(**source), [call, use, source = *source] {
        const auto files = files_of(*call, *source);
        if (!files) return call->answer(fail(files.error()));
        use(call, **files);
    });
}

Result<net::Response> put_asked(Call& call, const source::SourceFiles& files) {
    const std::string path = TRY(file_asked(call));
    const auto size_bytes = static_cast<std::int64_t>(call.request.body.size());
    const domain::Source& source = *TRY(source_of(call));
    TRY(check_room(call, source, files, size_bytes));
    TRY(source::put(files, path, call.request.body));
    note_written(call, source, size_bytes);
    return json_answer(Value::object({{"path", to_valid_utf8(path)}, {"size_bytes", size_bytes}}), 201);
}

Result<net::Response> remove_asked(Call& call, const source::SourceFiles& files) {
    const std::string path = TRY(file_asked(call));
    TRY(files.remove(path));
    note_written(call, *TRY(source_of(call)), 0);
    return json_answer(Value::object({{"deleted", to_valid_utf8(path)}}));
}

void read_files(const CallPtr& call) { with_files(call, read_files_of); }

void put_file(const CallPtr& call) {
    with_files(call,
               [](const CallPtr& asked, const source::SourceFiles& files) { asked->answer(put_asked(*asked, files)); });
}

void remove_file(const CallPtr& call) {
    with_files(call, [](const CallPtr& asked, const source::SourceFiles& files) {
        asked->answer(remove_asked(*asked, files));
    });
}

}  // namespace

std::vector<Route> source_file_routes() {
    return {
        {.method = "GET",
         .path = "/projects/{project}/sources/{source}/files",
         .operation = "readFiles",
         .permission = Permission::kSeeProject,
         .handler = read_files,
         .summary = "a folder of a source, or a file's content; of that a part, where a Range header asks for one. "
                    "With If-Match only the file that has that tag. Of a git source at `commit`, whose time all of it "
                    "has",
         .query =
             page_params(path_params({{"download", "Send a file as an attachment.", QueryParam::Type::kFlag},
                                      {"itself", "What the path itself is, as a list of one, instead of its content.",
                                       QueryParam::Type::kFlag}})),
         .answer = {200, "FileListing", AnswerShape::Media::kJsonOrBytes}},
        {.method = "PUT",
         .path = "/projects/{project}/sources/{source}/files",
         .operation = "putFile",
         .permission = Permission::kEditProject,
         .handler = put_file,
         .summary = "put a file of at most 16 MiB into a source; folders on the way are made. Larger ones are sent in "
                    "pieces: POST …/uploads",
         .query = path_params(),
         .body = {BodyShape::Kind::kBytes, {}, true, kPieceLimitBytes},
         .answer = {201, "FilePut"}},
        {.method = "DELETE",
         .path = "/projects/{project}/sources/{source}/files",
         .operation = "removeFile",
         .permission = Permission::kEditProject,
         .handler = remove_file,
         .summary = "remove a file, or a folder with everything in it",
         .query = path_params(),
         .answer = {200, "FileDeleted"}},
    };
}

}  // namespace pintle::api
