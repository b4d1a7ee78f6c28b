#include "runtime/uploads.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "base/log.hpp"
#include "base/text.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace pintle::runtime {
namespace {

using json::Value;
using State = Upload::State;

constexpr std::string_view kStagedPrefix = "upload-";

std::string to_hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

std::string from_hex(std::string_view hex) {
    std::string out(hex.size() / 2, '\0');
    std::size_t size = 0;
    ::sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), hex.data(), hex.size(), nullptr, &size,
                     nullptr);
    out.resize(size);
    return out;
}

// Paths may be any bytes, JSON may not.
Value record_value(const Upload& upload) {
    return Value::object({{"id", upload.id},
                          {"project", upload.project.str()},
                          {"source", upload.source},
                          {"user", upload.user.str()},
                          {"path", to_hex(upload.path)},
                          {"size_bytes", upload.size_bytes},
                          {"sha256", upload.sha256},
                          {"fingerprint", upload.fingerprint},
                          {"staged", to_hex(upload.staged)},
                          {"state", to_string(upload.state)},
                          {"touched_ms", to_ms(upload.touched_at)}});
}

std::string text_of(const Value& value, std::string_view name) {
    return value[name].is_string() ? value[name].as_string() : std::string();
}
std::int64_t whole_of(const Value& value, std::string_view name) {
    return value[name].is_int() ? value[name].as_int() : 0;
}

Upload record_from(const Value& value) {
    Upload upload;
    upload.id = text_of(value, "id");
    upload.project = domain::ProjectId(text_of(value, "project"));
    upload.source = text_of(value, "source");
    upload.user = domain::UserId(text_of(value, "user"));
    upload.path = from_hex(text_of(value, "path"));
    upload.size_bytes = whole_of(value, "size_bytes");
    upload.sha256 = text_of(value, "sha256");
    upload.fingerprint = text_of(value, "fingerprint");
    upload.staged = from_hex(text_of(value, "staged"));
    const std::string state = text_of(value, "state");
    for (const State known : {State::kReceiving, State::kStoring, State::kDone}) {
        if (state == to_string(known)) upload.state = known;
    }
    upload.touched_at = time_from_ms(whole_of(value, "touched_ms"));
    return upload;
}

Time written_at(const struct stat& info) {
    return time_from_ms(info.st_mtim.tv_sec * 1000LL + info.st_mtim.tv_nsec / 1'000'000);
}

Result<os::UniqueFd> open_staged(const Upload& upload, int flags) {
    os::UniqueFd fd(::open(upload.staged.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0664));
    if (!fd) return fail(os::errno_error("open", "what has come of the file", errno));
    return fd;
}

Result<std::int64_t> size_of(const os::UniqueFd& fd) {
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return fail(os::errno_error("look at", "what has come of the file", errno));
    return info.st_size;
}

Error wrong_offset(std::int64_t asked, std::int64_t right) {
    return Error{ErrorCode::kConflict,
                 fmt::format("the piece begins at byte {}, and the next one must begin at byte {}", asked, right),
                 {{"offset", std::to_string(right), 0, 0}},
                 {}};
}

Result<std::string> sha256_of(const Upload& upload, const std::atomic<bool>* give_up) {
    const os::UniqueFd fd = TRY(open_staged(upload, O_RDONLY));
    crypto_hash_sha256_state state;
    ::crypto_hash_sha256_init(&state);
    std::vector<unsigned char> buffer(1 << 20);
    while (true) {
        if (give_up != nullptr && *give_up) return fail(ErrorCode::kCancelled, "the server is stopping");
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(os::errno_error("read", "what has come of the file", errno));
        if (got == 0) break;
        ::crypto_hash_sha256_update(&state, buffer.data(), static_cast<std::size_t>(got));
    }
    std::array<char, crypto_hash_sha256_BYTES> hash{};
    ::crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char*>(hash.data()));
    return to_hex(std::string_view(hash.data(), hash.size()));
}

// Of a server that was killed, and of tools that are gone.
void remove_unknown(const std::string& folder, const std::set<std::string>& known, Time now) {
    const auto names = os::list_folder(folder);
    if (!names) return;
    for (const std::string& name : *names) {
        const std::string path = folder + "/" + name;
        struct stat info {};
        if (known.count(path) > 0 || ::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        if (written_at(info) + kUploadPatience < now) ::unlink(path.c_str());
    }
}

}  // namespace

std::string_view to_string(State state) {
    switch (state) {
        case State::kReceiving: return "receiving";
        case State::kStoring: return "storing";
        case State::kDone: break;
    }
    return "done";
}

Time upload_ends_at(const Upload& upload) {
    return upload.touched_at + (upload.state == State::kDone ? kUploadMemory : kUploadPatience);
}

bool continues(const Upload& upload, const UploadWish& wish) {
    return !wish.fingerprint.empty() && upload.state != State::kDone && upload.project == wish.project &&
           upload.source == wish.source && upload.user == wish.user && upload.path == wish.path &&
           upload.size_bytes == wish.size_bytes && upload.sha256 == wish.sha256 &&
           upload.fingerprint == wish.fingerprint;
}

/// An upload that only its holder works on. What the holder changes of it is seen by others when it lets go.
class Uploads::Lease {
public:
    static Result<Lease> take(Uploads& uploads, const std::string& id) {
        return uploads.entries_.with([&](Entries& entries) -> Result<Lease> {
            const auto found = entries.find(id);
            if (found == entries.end()) return fail(ErrorCode::kNotFound, "there is no such upload; it may have ended");
            if (found->second.upload.state == State::kStoring)
                return fail(ErrorCode::kConflict, "all of the file has come, and it is being put in its place");
            if (found->second.busy)
                return fail(ErrorCode::kConflict, "another piece of it is being written; ask for its offset");
            found->second.busy = true;
            return Lease(uploads, found->second.upload);
        });
    }
    /// One that seal() has kept.
    static Result<Lease> take_sealed(Uploads& uploads, const std::string& id) {
        return uploads.entries_.with([&](Entries& entries) -> Result<Lease> {
            const auto found = entries.find(id);
            const bool is_sealed = found != entries.end() && found->second.upload.state == State::kStoring;
            if (!is_sealed) return fail(ErrorCode::kInternal, "an upload is delivered that was not sealed");
            return Lease(uploads, found->second.upload);
        });
    }
    Lease(Lease&& other) noexcept : upload(std::move(other.upload)), uploads_(std::exchange(other.uploads_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
        if (uploads_ == nullptr) return;
        show(false);
    }
    /// Shows what it is now and keeps it for who delivers it.
    void keep() {
        show(true);
        uploads_ = nullptr;
    }
    void forget() {
        uploads_->entries_.with([&](Entries& entries) { entries.erase(upload.id); });
        uploads_ = nullptr;
    }
    Upload upload;

private:
    void show(bool busy) {
        uploads_->entries_.with([&](Entries& entries) {
            const auto found = entries.find(upload.id);
            if (found != entries.end()) found->second = {upload, busy};
        });
    }
    Lease(Uploads& uploads, Upload seen) : upload(std::move(seen)), uploads_(&uploads) {}
    Uploads* uploads_;
};

Result<std::unique_ptr<Uploads>> Uploads::open(std::string folder, const std::vector<std::string>& staging, Time now) {
    if (::sodium_init() < 0) return fail(ErrorCode::kInternal, "the library libsodium cannot be used");
    TRY(os::make_folders(folder, 0700));
    std::unique_ptr<Uploads> uploads(new Uploads(std::move(folder)));
    TRY(uploads->load(staging, now));
    return uploads;
}

std::string Uploads::record_of(const std::string& id) const { return folder_ + "/" + id + ".json"; }

Result<void> Uploads::save(const Upload& upload) const {
    return os::write_file_atomic(record_of(upload.id), json::to_json(record_value(upload)) + "\n", 0600);
}

// The record goes last: as long as it is there, what it speaks of is found and removed.
void Uploads::drop(const Upload& upload) const {
    if (upload.state != State::kDone) ::unlink(upload.staged.c_str());
    ::unlink(record_of(upload.id).c_str());
}

Result<void> Uploads::load(const std::vector<std::string>& staging, Time now) {
    std::set<std::string> known;
    for (const std::string& name : TRY(os::list_folder(folder_))) {
        if (!name.ends_with(".json")) continue;
        const auto value = json::parse_json(os::read_file(folder_ + "/" + name).value_or(""));
        Upload upload = value ? record_from(*value) : Upload();
        if (upload.id + ".json" != name || upload.staged.empty()) {
            log::warn("upload.bad_record", {{"file", name}});
            continue;
        }
        struct stat info {};
        const bool is_there = ::lstat(upload.staged.c_str(), &info) == 0 && S_ISREG(info.st_mode);
        // What was being stored and is not there any more got to its place before the server ended.
        if (upload.state == State::kStoring) upload.state = is_there ? State::kReceiving : State::kDone;
        if (upload.state == State::kReceiving && !is_there) {
            drop(upload);
            continue;
        }
        upload.offset = is_there ? info.st_size : upload.size_bytes;
        if (is_there) upload.touched_at = std::max(upload.touched_at, written_at(info));
        if (upload.state == State::kReceiving) known.insert(upload.staged);
        entries_.with([&](Entries& entries) { entries[upload.id] = {upload, false}; });
    }
    for (const std::string& folder : staging) remove_unknown(folder, known, now);
    sweep(now);
    return {};
}

Result<Upload> Uploads::begin(const std::string& id, const UploadWish& wish, const source::SourceFiles& files,
                              Time now) {
    Upload upload;
    upload.id = id;
    upload.project = wish.project;
    upload.source = wish.source;
    upload.user = wish.user;
    upload.path = wish.path;
    upload.size_bytes = wish.size_bytes;
    upload.sha256 = wish.sha256;
    upload.fingerprint = wish.fingerprint;
    upload.touched_at = now;
    upload.staged = TRY(files.staging_folder()) + "/" + std::string(kStagedPrefix) + id;
    std::optional<Upload> same;
    const bool has_room = entries_.with([&](Entries& entries) {
        std::size_t count = 0;
        for (auto& [other_id, entry] : entries) {
            if (entry.upload.project != wish.project || entry.upload.state == State::kDone) continue;
            ++count;
            if (continues(entry.upload, wish)) same = entry.upload;
        }
        if (same || count >= kProjectMost) return same.has_value();
        entries[id] = {upload, true};
        return true;
    });
    if (same) return *same;
    if (!has_room) {
        return fail(ErrorCode::kExhausted,
                    "{} uploads into sources of this project are on their way, the most there may be; finish or cancel "
                    "some, or wait until they end by themselves, a day after their last piece",
                    kProjectMost);
    }
    const auto made = [&]() -> Result<void> {
        TRY(save(upload));
        TRY(open_staged(upload, O_WRONLY | O_CREAT | O_EXCL));
        return {};
    }();
    if (!made) drop(upload);
    entries_.with([&](Entries& entries) {
        if (made) entries[id].busy = false;
        else entries.erase(id);
    });
    if (!made) return fail(made.error());
    return upload;
}

Result<Upload> Uploads::find(const std::string& id, const Owner& owner) const {
    return entries_.with([&](const Entries& entries) -> Result<Upload> {
        const auto found = entries.find(id);
        const bool is_own = found != entries.end() && found->second.upload.project == owner.project &&
                            found->second.upload.source == owner.source && found->second.upload.user == owner.user;
        if (!is_own)
            return fail(ErrorCode::kNotFound, "you have no upload \"{}\" into this source; it may have ended",
                        to_valid_utf8(id.substr(0, 50)));
        return found->second.upload;
    });
}

std::vector<Upload> Uploads::list(const Owner& owner) const {
    std::vector<Upload> found;
    entries_.with([&](const Entries& entries) {
        for (const auto& [id, entry] : entries) {
            const Upload& upload = entry.upload;
            if (upload.project == owner.project && upload.source == owner.source && upload.user == owner.user)
                found.push_back(upload);
        }
    });
    return found;
}

Result<Upload> Uploads::write(const std::string& id, std::int64_t offset, std::string_view piece, Time now) {
    Lease lease = TRY(Lease::take(*this, id));
    Upload& upload = lease.upload;
    if (upload.state == State::kDone) {
        if (offset != upload.size_bytes || !piece.empty()) return fail(wrong_offset(offset, upload.size_bytes));
        return upload;
    }
    const os::UniqueFd fd = TRY(open_staged(upload, O_WRONLY));
    upload.offset = TRY(size_of(fd));
    if (offset != upload.offset) return fail(wrong_offset(offset, upload.offset));
    if (static_cast<std::int64_t>(piece.size()) > upload.size_bytes - offset) {
        return fail(ErrorCode::kInvalid, "the file was said to have {} bytes, and with this piece it has {}",
                    upload.size_bytes, offset + static_cast<std::int64_t>(piece.size()));
    }
    Result<void> written;
    while (!piece.empty() && written) {
        const ssize_t put = ::pwrite(fd.get(), piece.data(), piece.size(), upload.offset);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            written = fail(os::errno_error("store", "the piece", errno));
            break;
        }
        upload.offset += put;
        piece.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fdatasync(fd.get()) != 0 && written) written = fail(os::errno_error("store", "the piece", errno));
    upload.touched_at = now;
    if (!written) return fail(written.error());
    return upload;
}

Result<void> Uploads::store(Upload& upload, const source::SourceFiles& files, const std::atomic<bool>* give_up) const {
    if (!upload.sha256.empty()) {
        const std::string sum = TRY(sha256_of(upload, give_up));
        if (sum != upload.sha256) {
            const os::UniqueFd fd = TRY(open_staged(upload, O_WRONLY));
            if (::ftruncate(fd.get(), 0) != 0)
                return fail(os::errno_error("empty", "what has come of the file", errno));
            upload.offset = 0;
            return fail(ErrorCode::kConflict,
                        "what arrived has the SHA-256 {}, and not {} as was said; send the file again", sum,
                        upload.sha256);
        }
    }
    return files.take(upload.path, upload.staged, give_up);
}

Result<Upload> Uploads::seal(const std::string& id) {
    Lease lease = TRY(Lease::take(*this, id));
    Upload& upload = lease.upload;
    if (upload.state == State::kDone) return upload;
    if (upload.offset != upload.size_bytes) return fail(wrong_offset(upload.size_bytes, upload.offset));
    Upload sealed = upload;
    sealed.fault.clear();
    sealed.state = State::kStoring;
    TRY(save(sealed));
    upload = sealed;
    lease.keep();
    return sealed;
}

Result<Upload> Uploads::deliver(const std::string& id, const Result<std::unique_ptr<source::SourceFiles>>& files,
                                const std::atomic<bool>* give_up, Time now) {
    Lease lease = TRY(Lease::take_sealed(*this, id));
    Upload& upload = lease.upload;
    const Result<void> stored = files ? store(upload, **files, give_up) : Result<void>(fail(files.error()));
    upload.touched_at = now;
    upload.state = stored ? State::kDone : State::kReceiving;
    if (!stored) {
        upload.fault = stored.error().message;
        return fail(stored.error());
    }
    // Where this fails, the next server finds that the staged file is gone, and knows by that.
    static_cast<void>(save(upload));
    return upload;
}

Result<void> Uploads::remove(const std::string& id) {
    Lease lease = TRY(Lease::take(*this, id));
    drop(lease.upload);
    lease.forget();
    return {};
}

void Uploads::sweep(Time now) {
    std::vector<Upload> over;
    entries_.with([&](Entries& entries) {
        for (auto& [id, entry] : entries) {
            if (!entry.busy && upload_ends_at(entry.upload) < now) over.push_back(entry.upload);
        }
    });
    for (const Upload& upload : over) static_cast<void>(remove(upload.id));
}

}  // namespace pintle::runtime
