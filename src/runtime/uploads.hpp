#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"
#include "source/source_files.hpp"

namespace pintle::runtime {

/// A file on its way into a source, piece by piece.
struct Upload {
    enum class State {
        kReceiving,  ///< Pieces come. When all have, an empty piece puts the file in its place.
        kStoring,    ///< All is there and being checked and put in its place, which takes a while.
        kDone,       ///< In its place. Told for a while, to who did not get the answer.
    };
    std::string id;
    domain::ProjectId project;
    std::string source;
    domain::UserId user;      ///< Who sends it; nobody else learns of it.
    std::string path;         ///< In the source; any bytes.
    std::int64_t size_bytes = 0;
    std::string sha256;       ///< In hexadecimal; empty: not checked.
    std::string fingerprint;  ///< What the sender knows the file by; empty: it cannot be continued by path.
    std::string staged;       ///< The file in which it gathers.
    State state = State::kReceiving;
    std::int64_t offset = 0;  ///< How much is on disk.
    std::string fault;        ///< Why it could not be put in its place when that was tried last.
    Time touched_at{};        ///< When the last piece came, or it was done.
};
[[nodiscard]] std::string_view to_string(Upload::State state);  ///< "receiving", …

/// How long an upload is kept. Pure.
inline constexpr Duration kUploadPatience = std::chrono::hours(24);  ///< Without a piece.
inline constexpr Duration kUploadMemory = std::chrono::hours(1);     ///< Of one that is done.
[[nodiscard]] Time upload_ends_at(const Upload& upload);

/// What somebody wants to send.
struct UploadWish {
    domain::ProjectId project;
    std::string source;
    domain::UserId user;
    std::string path;
    std::int64_t size_bytes = 0;
    std::string sha256 = {};
    std::string fingerprint = {};
};
/// Whether an unfinished upload is of the same file, so that it goes on. Pure.
[[nodiscard]] bool continues(const Upload& upload, const UploadWish& wish);

/// The uploads of the server:
///
///     uploads/ID.json     what it is; written before the first byte is
///     uploads/staged/     where files for servers gather (see SourceFiles::staging_folder() for those for storages)
///
/// What was acknowledged is on disk; how much has come is the size of the staged file, so a server that was killed goes
/// on with what is really there. A piece that was cut short by that is kept as far as it came.
///
/// Threading: any thread; blocks on the disk. One piece of an upload at a time, another is kConflict.
/// Ownership: the staged files are its own until they are done.
/// Failure: kNotFound for what is not there or somebody else's; kConflict for a wrong offset, which the error's only
/// detail has the right one of, with the path "offset"; kExhausted where the disk is full, after which what fitted is
/// kept, and where there are too many.
class Uploads {
public:
    static constexpr std::size_t kProjectMost = 200;  ///< Unfinished ones of a project.

    /// Whose uploads are asked for.
    struct Owner {
        domain::ProjectId project;
        std::string source;
        domain::UserId user;
    };

    /// Goes on with what is in the folder, and removes what is over: records, and staged files that nobody knows of.
    [[nodiscard]] static Result<std::unique_ptr<Uploads>> open(std::string folder,
                                                               const std::vector<std::string>& staging, Time now);

    /// The unfinished one of the same path, size, fingerprint and user, or a new one with that id.
    [[nodiscard]] Result<Upload> begin(const std::string& id, const UploadWish& wish, const source::SourceFiles& files,
                                       Time now);
    [[nodiscard]] Result<Upload> find(const std::string& id, const Owner& owner) const;
    [[nodiscard]] std::vector<Upload> list(const Owner& owner) const;
    /// Puts the piece at the end of what is there.
    [[nodiscard]] Result<Upload> write(const std::string& id, std::int64_t offset, std::string_view piece, Time now);
    /// All of it has come: takes no more, and must be followed by deliver(). One that is done stays so.
    [[nodiscard]] Result<Upload> seal(const std::string& id);
    /// Checks what was sealed and gives it to the source, unless that cannot be had. After a failure the upload goes
    /// on, with its `fault`; where the sum is wrong, from the beginning.
    [[nodiscard]] Result<Upload> deliver(const std::string& id,
                                         const Result<std::unique_ptr<source::SourceFiles>>& files,
                                         const std::atomic<bool>* give_up, Time now);
    [[nodiscard]] Result<void> remove(const std::string& id);
    /// Removes those that are over.
    void sweep(Time now);

private:
    struct Entry {
        Upload upload;
        bool busy = false;
    };
    using Entries = std::map<std::string, Entry>;
    class Lease;

    explicit Uploads(std::string folder) : folder_(std::move(folder)) {}
    Result<void> load(const std::vector<std::string>& staging, Time now);
    [[nodiscard]] Result<void> save(const Upload& upload) const;
    void drop(const Upload& upload) const;
    [[nodiscard]] std::string record_of(const std::string& id) const;
    Result<void> store(Upload& upload, const source::SourceFiles& files, const std::atomic<bool>* give_up) const;

    const std::string folder_;
    Synchronized<Entries> entries_;
};

}  // namespace pintle::runtime
