#include "source/s3_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/mount.hpp"

namespace pintle::source {
namespace {

namespace fs = std::filesystem;

std::string cache_of(const std::string& folder) { return folder + ".cache"; }
std::string mark_of(const std::string& folder) { return folder + ".copied"; }

void pause(Duration time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

std::optional<timespec> changed_at(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    return info.st_ctim;
}

bool is_later(const timespec& one, const timespec& other) {
    return one.tv_sec != other.tv_sec ? one.tv_sec > other.tv_sec : one.tv_nsec > other.tv_nsec;
}

/// What changed since the copy was made, as links to it in a folder of their own: names of any bytes pass through,
/// which a list of names in a file would not let.
struct Changes {
    std::string folder;
    std::size_t files = 0;
    std::int64_t bytes = 0;
    std::size_t left_out = 0;  ///< Links and the like.
};

Result<Changes> stage_changes(const std::string& folder) {
    const auto since = changed_at(mark_of(folder));
    if (!since) return fail(ErrorCode::kInternal, "{} is not a whole copy", folder);
    Changes changes{folder + ".changed"};
    TRY(os::remove_tree(changes.folder));
    TRY(os::make_folders(changes.folder, 0700));
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string path = it->path().string();
        struct stat info {};
        if (::lstat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) continue;
        if (!is_later(info.st_ctim, *since)) continue;
        if (!S_ISREG(info.st_mode)) {
            ++changes.left_out;
            continue;
        }
        const std::string to = changes.folder + path.substr(folder.size());
        TRY(os::make_folders(fs::path(to).parent_path().string(), 0700));
        if (::link(path.c_str(), to.c_str()) != 0) return fail(os::errno_error("link", to, errno));
        ++changes.files;
        changes.bytes += info.st_size;
    }
    if (error) return fail(os::errno_error("read", folder, error.value()));
    return changes;
}

// rclone's line of statistics: "Transferred: 1.2 GiB / 3 GiB, 40%, …".
std::function<void(std::string_view)> telling(const std::string& what, const Progress& progress) {
    return [=](std::string_view line) {
        const std::size_t at = line.find(" / ");
        const bool is_statistic = at != std::string_view::npos && line.find('%') != std::string_view::npos;
        if (!is_statistic) return;
        std::size_t begin = line.rfind("  ", at);
        begin = begin == std::string_view::npos ? line.rfind(": ", at) : begin;
        if (begin == std::string_view::npos) return;
        progress(fmt::format("{}: {}", what, trim(line.substr(begin + 1))));
    };
}

std::vector<std::string> copy_words(const std::string& from, const std::string& to) {
    return {"copy", from, to, "--transfers=8", "--checkers=16", "--stats=10s", "--stats-one-line",
            "--stats-log-level=NOTICE"};
}

}  // namespace

bool S3Sources::has_unsent(const std::string& folder) {
    if (os::exists(cache_of(folder)) && !rclone_has_sent_all(cache_of(folder))) return true;
    if (!os::exists(mark_of(folder))) return false;
    const auto changes = stage_changes(folder);
    return !changes || changes->files > 0;
}

Result<void> S3Sources::open(const domain::S3Source& origin, const Bucket& bucket, const std::string& folder,
                             bool read_only, const Progress& progress) const {
    const std::string fault = fuse_fault();
    if (origin.mode == domain::S3Mode::kCopy || !fault.empty()) {
        if (os::exists(mark_of(folder))) return {};
        if (origin.mode != domain::S3Mode::kCopy) progress(fmt::format("{} is copied, for {}", bucket.shown, fault));
        TRY(probe(bucket));
        return copy_in(bucket, folder, progress);
    }
    if (is_mount_alive(folder)) return {};
    TRY(undo_mount(folder, Duration(0)));
    TRY(probe(bucket));
    return mount(bucket, folder, read_only);
}

// Mounting asks the server nothing, so that a fault would show only when a program reads. Listing the objects below a
// name that nobody uses takes one request, however many objects there are.
Result<void> S3Sources::probe(const Bucket& bucket) const {
    TRY(run_rclone(bucket, {"lsf", bucket.remote + "/.pintle-probe/"}, options_.patience));
    return {};
}

Result<void> S3Sources::mount(const Bucket& bucket, const std::string& folder, bool read_only) const {
    MountCommand command;
    command.argv = rclone_words({"mount", bucket.remote, folder, "--vfs-cache-mode=writes", "--vfs-write-back=500ms",
                                 "--cache-dir=" + cache_of(folder), "--dir-cache-time=5s", "--attr-timeout=1s",
                                 "--poll-interval=0", "--vfs-cache-poll-interval=1m", "--vfs-read-chunk-size=16M",
                                 "--buffer-size=16M", "--umask=0", "--devname=s3"});
    if (::geteuid() == 0) command.argv.emplace_back("--allow-other");
    if (read_only) command.argv.emplace_back("--read-only");
    command.environment = bucket.environment;
    command.mount_point = folder;
    command.patience = options_.patience;
    auto started = start_mount(command);
    if (started || started.error().code == ErrorCode::kTimeout) return started;
    return fail(explain_rclone(bucket, started.error().message));
}

Result<void> S3Sources::copy_in(const Bucket& bucket, const std::string& folder, const Progress& progress) const {
    TRY(os::make_folders(folder, 0755));
    progress(fmt::format("Copying {}", bucket.shown));
    TRY(run_rclone(bucket, copy_words(bucket.remote, folder), options_.copy_limit,
                   telling("Copying " + bucket.shown, progress)));
    return os::write_file_atomic(mark_of(folder), "", 0600, false);
}

Result<void> S3Sources::copy_back(const Bucket& bucket, const std::string& folder, const Progress& progress) const {
    const Changes changes = TRY(stage_changes(folder));
    if (changes.left_out > 0) {
        progress(fmt::format(
            "{} of this job {} not copied to {}: it holds files only",
            count_of(static_cast<std::int64_t>(changes.left_out), "link or special file", "links and special files"),
            changes.left_out == 1 ? "is" : "are", bucket.shown));
    }
    if (changes.files > 0) {
        progress(fmt::format("Copying {} ({}) back to {}",
                             count_of(static_cast<std::int64_t>(changes.files), "changed file"),
                             bytes_in_words(changes.bytes), bucket.shown));
        std::vector<std::string> words = copy_words(changes.folder, bucket.remote);
        words.emplace_back("--no-check-dest");
        TRY(run_rclone(bucket, std::move(words), options_.copy_limit,
                       telling("Copying back to " + bucket.shown, progress)));
    }
    TRY(os::remove_tree(changes.folder));
    // Whoever asks again finds nothing left to do.
    return os::write_file_atomic(mark_of(folder), "", 0600, false);
}

Result<void> S3Sources::flush(const Bucket& bucket, const std::string& folder, const Progress& progress) const {
    if (os::exists(mark_of(folder))) return copy_back(bucket, folder, progress);
    const std::string cache = cache_of(folder);
    if (!os::exists(cache)) return {};
    const auto deadline = std::chrono::steady_clock::now() + options_.flush_limit;
    for (bool told = false; !rclone_has_sent_all(cache); told = true) {
        if (!told) progress(fmt::format("Waiting until what the job wrote is in {}", bucket.shown));
        if (!is_mount_alive(folder)) TRY(mount(bucket, folder, false));  // It takes up what the one before left.
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(ErrorCode::kTimeout, "what the job wrote is not yet in {} after {}", bucket.shown,
                        to_words(options_.flush_limit));
        }
        pause(std::chrono::milliseconds(200));
    }
    return {};
}

}  // namespace pintle::source
