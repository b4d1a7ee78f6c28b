#include "cli/file_sender.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "cli/transfer_meter.hpp"
#include "cli/words.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

constexpr std::int64_t kPieceFirst = 1 << 20;
constexpr std::int64_t kPieceMost = 8 << 20;
constexpr std::int64_t kPieceLeast = 64 << 10;
constexpr Duration kPieceTimeout = std::chrono::minutes(2);

struct stat look_at(int fd) {
    struct stat info {};
    ::fstat(fd, &info);
    return info;
}

Result<std::string> read_piece(int fd, std::int64_t offset, std::int64_t size, const std::string& name) {
    std::string piece(static_cast<std::size_t>(size), '\0');
    std::size_t have = 0;
    while (have < piece.size()) {
        const ssize_t got =
            ::pread(fd, piece.data() + have, piece.size() - have, offset + static_cast<std::int64_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(os::errno_error("read", to_valid_utf8(name), errno));
        if (got == 0) return fail(ErrorCode::kConflict, "{} became shorter while it was sent", to_valid_utf8(name));
        have += static_cast<std::size_t>(got);
    }
    return piece;
}

/// The place that the server wants, where that is what it says.
std::optional<std::int64_t> right_offset(const Error& error) {
    if (error.code != ErrorCode::kConflict || error.details.size() != 1 || error.details[0].path != "offset")
        return std::nullopt;
    return parse_int(error.details[0].message);
}

}  // namespace

struct FileSender::Source {
    int fd;
    std::string name;    ///< For people.
    std::string target;  ///< In the source.
    std::int64_t size_bytes;
    timespec changed;
    bool continues;  ///< Whether sending it again later may go on with it.

    [[nodiscard]] std::string fingerprint() const {
        return continues ? fmt::format("{}-{}.{:09}", size_bytes, changed.tv_sec, changed.tv_nsec) : std::string();
    }
    [[nodiscard]] Result<void> check_unchanged() const {
        const struct stat now = look_at(fd);
        const bool same =
            now.st_size == size_bytes && now.st_mtim.tv_sec == changed.tv_sec && now.st_mtim.tv_nsec == changed.tv_nsec;
        if (same) return {};
        return fail(ErrorCode::kConflict, "{} changed while it was sent; send it again", to_valid_utf8(name));
    }
};

FileSender::FileSender(Context& context, const std::string& project, const std::string& source)
    : context_(context), remote_(context, project, source) {}

Result<void> FileSender::send(const FileToSend& file) {
    // It was no link when it was found, and must not have become one since.
    const os::UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) return fail(os::errno_error("open", to_valid_utf8(file.path), errno));
    const struct stat info = look_at(fd.get());
    if (!S_ISREG(info.st_mode)) return fail(ErrorCode::kInvalid, "{} is not a file", to_valid_utf8(file.path));
    return send(Source{fd.get(), file.path, file.target, info.st_size, info.st_mtim, true});
}

Result<void> FileSender::send(int fd, const std::string& target) {
    const struct stat info = look_at(fd);
    return send(Source{fd, target, target, info.st_size, info.st_mtim, false});
}

Result<void> FileSender::send(const Source& source) {
    return source.size_bytes <= kSmallBytes ? send_at_once(source) : send_in_pieces(source);
}

Result<void> FileSender::send_at_once(const Source& source) {
    const std::string content = TRY(read_piece(source.fd, 0, source.size_bytes, source.name));
    TRY(source.check_unchanged());
    const Call call{.method = "PUT",
                    .path = remote_.api_path() + "/files" + query({path_param(source.target)}),
                    .body = content,
                    .content_type = "application/octet-stream",
                    .timeout = kPieceTimeout};
    Patience patience(context_.deps.sleep);
    // The same once more puts the same file in the same place.
    while (true) {
        const auto answer = context_.api.call(call);
        if (answer) return {};
        if (!is_passing(answer.error()) || !patience.wait()) return fail(answer.error());
        context_.api.forget();
    }
}

namespace {

template <class State>
State state_from(const json::Value& answer) {
    State upload;
    upload.id = text_of(answer, "id");
    upload.offset = int_of(answer, "offset");
    upload.state = text_of(answer, "state");
    upload.fault = text_of(answer, "fault");
    return upload;
}

}  // namespace

Result<FileSender::State> FileSender::begin(const Source& source) {
    json::Value wish = json::Value::object({{"size_bytes", source.size_bytes}});
    if (const std::string fingerprint = source.fingerprint(); !fingerprint.empty())
        wish.set("fingerprint", fingerprint);
    return state_from<State>(TRY(
        context_.api.send_json("POST", remote_.api_path() + "/uploads" + query({path_param(source.target)}), wish)));
}

Result<FileSender::State> FileSender::ask(const std::string& id) {
    return state_from<State>(TRY(context_.api.get(remote_.api_path() + "/uploads/" + segment(id))));
}

Result<FileSender::State> FileSender::send_piece(const State& upload, std::string piece) {
    const Call call{
        .method = "PATCH",
        .path = fmt::format("{}/uploads/{}?offset={}", remote_.api_path(), segment(upload.id), upload.offset),
        .body = std::move(piece),
        .content_type = "application/octet-stream",
        .timeout = kPieceTimeout};
    return state_from<State>(TRY(context_.api.call(call)));
}

// The next one; before the last, which puts the file in its place, the file must be what it was.
Result<std::string> FileSender::next_piece(const Source& source, const State& upload, std::int64_t piece_bytes) {
    const std::int64_t size = std::min(piece_bytes, source.size_bytes - upload.offset);
    auto piece = read_piece(source.fd, upload.offset, size, source.name);
    if (piece && upload.offset + size == source.size_bytes) {
        if (auto same = source.check_unchanged(); !same) piece = fail(same.error());
    }
    // Nobody can go on with it.
    if (!piece)
        static_cast<void>(
            context_.api.call({.method = "DELETE", .path = remote_.api_path() + "/uploads/" + segment(upload.id)}));
    return piece;
}

// The server checks the file and puts it in its place, which takes a while for large ones.
Result<FileSender::State> FileSender::wait_for_place(State upload) {
    while (upload.state == "storing") {
        context_.deps.sleep(std::chrono::milliseconds(500));
        upload = TRY(ask(upload.id));
    }
    if (upload.state == "receiving" && !upload.fault.empty()) return fail(ErrorCode::kConflict, "{}", upload.fault);
    return upload;
}

Result<void> FileSender::send_in_pieces(const Source& source) {
    Patience patience(context_.deps.sleep);
    std::optional<State> upload;
    std::optional<TransferMeter> meter;
    std::int64_t piece_bytes = kPieceFirst, done = 0;
    while (true) {
        const bool begins = !upload;
        const Time began = context_.deps.now();
        auto next = begins ? begin(source) : send_piece(*upload, TRY(next_piece(source, *upload, piece_bytes)));
        if (next && next->state == "storing") {
            if (meter) meter->pause(source.size_bytes, "the server puts it in its place");
            next = wait_for_place(*next);
        }
        if (next) {
            if (begins && next->offset > 0)
                context_.term.error_line(context_.term.shown_as_error(
                    fmt::format("going on with {} at {} of {}", to_valid_utf8(source.name),
                                bytes_in_words(next->offset), bytes_in_words(source.size_bytes))));
            if (!meter) meter.emplace(context_, to_valid_utf8(source.target), next->offset, source.size_bytes);
            if (next->state == "done") return {};
            upload = std::move(*next);
            done = upload->offset;
            meter->show(done);
            patience.restore();
            // Slow lines get small pieces: a piece must arrive within the server's patience.
            const Duration took = context_.deps.now() - began;
            if (!begins && took < std::chrono::seconds(3)) piece_bytes = std::min(piece_bytes * 2, kPieceMost);
            if (took > std::chrono::seconds(10)) piece_bytes = std::max(piece_bytes / 2, kPieceLeast);
            continue;
        }
        const Error& error = next.error();
        if (const auto right = right_offset(error); right && upload && *right != upload->offset) {
            upload->offset = *right;
            continue;
        }
        if (upload && error.code == ErrorCode::kNotFound) {
            // It ended meanwhile, or the source is gone, which beginning anew tells.
            upload.reset();
            if (!patience.wait()) return fail(error);
            continue;
        }
        // An earlier piece that we gave up may still be on its way; a fault is for good.
        const auto there = upload && error.code == ErrorCode::kConflict ? std::optional(ask(upload->id)) : std::nullopt;
        const bool is_busy = there && *there && (*there)->fault.empty();
        if (!is_passing(error) && !is_busy) return fail(error);
        if (meter) meter->pause(done, "no answer from the server; trying again");
        piece_bytes = std::max(piece_bytes / 2, kPieceLeast);
        if (!patience.wait()) {
            return fail(
                Error{error.code,
                      fmt::format("{}; {} of {} have arrived, and sending the same file again goes on from there",
                                  error.message, bytes_in_words(done), bytes_in_words(source.size_bytes)),
                      error.details,
                      {}});
        }
        context_.api.forget();
        if (upload) {
            if (const auto now = ask(upload->id); now) upload = *now;
            if (upload->state == "done") return {};
        }
    }
}

}  // namespace pintle::cli
