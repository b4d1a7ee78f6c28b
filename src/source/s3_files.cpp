#include "source/s3_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "source/beneath.hpp"
#include "source/csv_rows.hpp"
#include "source/file_page.hpp"

namespace pintle::source {
namespace {

constexpr auto kGlance = std::chrono::milliseconds(200);

// rclone looks for names with control characters by their pictures.
std::string with_pictures(const std::string& path) {
    std::string out;
    for (const char byte : path) {
        const auto code = static_cast<unsigned char>(byte);
        if (code < 0x20) out += {'\xe2', '\x90', static_cast<char>(0x80 + code)};
        else if (code == 0x7f) out += "\xe2\x90\xa1";
        else out += byte;
    }
    return out;
}

Result<std::string> clean_folder_path(const std::string& path) { return with_pictures(TRY(clean_relative_path(path))); }

Result<std::string> clean_object_path(const std::string& path) {
    std::string clean = TRY(clean_folder_path(path));
    if (clean.empty()) return fail(ErrorCode::kInvalid, "the path of a file or folder is missing");
    constexpr std::size_t kNameMost = 1024;  // S3's own.
    if (clean.size() > kNameMost)
        return fail(ErrorCode::kInvalid, "the name of an object has at most {} bytes", kNameMost);
    return clean;
}

std::string shown(const std::string& path) { return fmt::format("\"{}\"", to_valid_utf8(path)); }

// "2026-11-22 10:47:20", in UTC.
Time time_in_list(const std::string& text) {
    const auto time = time_from_iso(replace_all(text, " ", "T") + "Z");
    return time ? *time : Time{};
}

// A row of name, size and time; names of folders end with "/".
FileEntry entry_of(const std::vector<std::string>& row) {
    FileEntry entry{row[0], FileEntry::Kind::kFile, 0, {}};
    if (entry.name.ends_with('/')) {
        entry.name.pop_back();
        entry.kind = FileEntry::Kind::kFolder;
        return entry;  // Its time is that of the list.
    }
    entry.size_bytes = std::max<std::int64_t>(0, parse_int(row[1]).value_or(0));
    entry.modified_at = time_in_list(row[2]);
    return entry;
}

// The value of a member of rclone's JSON about one object, each of which has a line of its own.
std::string member_of(std::string_view text, std::string_view name) {
    const std::string begin = fmt::format("\n\t\"{}\": ", name);
    const std::size_t at = text.find(begin);
    if (at == std::string_view::npos) return {};
    std::string value(trim(text.substr(at + begin.size(), text.find('\n', at + 1) - at - begin.size())));
    if (value.ends_with(',')) value.pop_back();
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    return value;
}

// rclone writes nine digits of a second.
Time time_of_object(const std::string& text) {
    const auto time = time_from_iso(text.substr(0, text.find('.')) + "Z");
    return time ? *time : Time{};
}

}  // namespace

std::string S3Files::remote(const std::string& clean) const {
    return clean.empty() ? bucket_.remote : bucket_.remote + "/" + clean;
}

Result<void> S3Files::check_writable() const {
    if (!options_.read_only) return {};
    return fail(ErrorCode::kDenied, "the source is read-only: nothing in {} is changed through it", bucket_.shown);
}

Result<void> S3Files::ended(os::Child& child, Deadline until) const {
    const auto code = child.wait(until);
    if (!code)
        return fail(ErrorCode::kTimeout, "{} did not answer within {}", bucket_.shown, to_words(options_.answer));
    if (*code == 0) return {};
    return fail(explain_rclone(bucket_, child.complaints()));
}

Result<void> S3Files::run(Words words, const std::function<bool(std::string_view)>& take, Deadline until) const {
    os::Child child = TRY(start_rclone(bucket_, std::move(words), options_.silence, options_.program));
    bool wants_more = true;
    const bool is_read = child.read([&](std::string_view piece) { return wants_more = take(piece); }, until);
    if (is_read && !wants_more) return {};
    return ended(child, until);
}

// The "/" at the end lists what is below a name without asking whether there is an object of that name too.
Result<FileListing> S3Files::list(const std::string& sub_path, const std::string& after, std::size_t limit) const {
    const Deadline until = deadline();
    const std::string clean = TRY(clean_folder_path(sub_path));
    const std::string key = fmt::format("{}\n{}\n{}", bucket_.shown, options_.user, remote(clean));
    if (!after.empty()) {
        if (auto listed = listed_.page(key, after, limit, std::chrono::steady_clock::now())) return std::move(*listed);
    }
    FilePage page(after, limit);
    std::vector<FileEntry> all;
    CsvRows rows([&](const std::vector<std::string>& row) {
        if (row.size() != 3) return;
        FileEntry entry = entry_of(row);
        if (all.size() <= ListedFolders::kEntriesMost) all.push_back(entry);
        page.add(std::move(entry));
    });
    TRY(run(
        {"lsf", "--csv", "--format=pst", remote(clean) + "/"},
        [&](std::string_view piece) {
            rows.feed(piece);
            return page.seen() <= kFolderMost;
        },
        until));
    if (page.seen() > kFolderMost) {
        return fail(ErrorCode::kExhausted, "the folder has more than {} entries, which is more than can be listed",
                    kFolderMost);
    }
    if (page.seen() > 0 || clean.empty()) {
        FileListing listing = page.take();
        if (!listing.next.empty()) listed_.keep(key, std::move(all), std::chrono::steady_clock::now());
        return listing;
    }
    if (TRY(find(clean, until))) return fail(ErrorCode::kInvalid, "{} is not a folder", shown(sub_path));
    if (TRY(has_marker(clean, until))) return FileListing{};
    return fail(ErrorCode::kNotFound, "{} is not there", shown(sub_path));
}

Result<std::optional<S3Files::Object>> S3Files::find(const std::string& clean, Deadline until) const {
    std::string text;
    TRY(run(
        {"lsjson", "--stat", "--files-only", remote(clean)},
        [&](std::string_view piece) {
            text += piece;
            return text.size() < (64 << 10);
        },
        until));
    const auto size = parse_int(member_of(text, "Size"));
    if (!size) return std::optional<Object>();
    return std::optional(Object{*size, time_of_object(member_of(text, "ModTime"))});
}

Result<bool> S3Files::has_objects_below(const std::string& clean, Deadline until) const {
    bool is_there = false;
    TRY(run(
        {"lsf", remote(clean) + "/"},
        [&](std::string_view) {
            is_there = true;
            return false;
        },
        until));
    return is_there;
}

Result<bool> S3Files::has_marker(const std::string& clean, Deadline until) const {
    const std::size_t cut = clean.rfind('/');
    const std::string name = (cut == std::string::npos ? clean : clean.substr(cut + 1)) + "/";
    bool is_there = false;
    CsvRows rows([&](const std::vector<std::string>& row) { is_there |= row.size() == 1 && row[0] == name; });
    TRY(run(
        {"lsf", "--csv", "--format=p", "--dirs-only",
         remote(cut == std::string::npos ? "" : clean.substr(0, cut)) + "/"},
        [&](std::string_view piece) {
            rows.feed(piece);
            return !is_there;
        },
        until));
    return is_there;
}

Result<OpenFile> S3Files::open(const std::string& path, std::int64_t from) const {
    const Deadline until = deadline();
    const std::string clean = TRY(clean_object_path(path));
    TRY(senders_.check_room());
    const std::optional<Object> object = TRY(find(clean, until));
    if (!object) return fail(ErrorCode::kNotFound, "{} is not there, or is no file", shown(path));
    OpenFile file{{}, object->size_bytes, object->modified_at};
    if (from >= object->size_bytes) {
        file.fd.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        return file;
    }
    os::Child child =
        TRY(start_rclone(bucket_, {"cat", fmt::format("--offset={}", std::max<std::int64_t>(from, 0)), remote(clean)},
                         options_.transfer_silence, options_.program));
    // What the server refuses shows before the first byte, when it can still be told.
    if (!child.wait_for_output(until))
        return fail(ErrorCode::kTimeout, "{} did not answer within {}", bucket_.shown, to_words(options_.answer));
    if (const auto code = child.exit_code(); code && *code != 0)
        return fail(explain_rclone(bucket_, child.complaints()));
    file.fd = senders_.keep(std::move(child));
    return file;
}

Result<void> S3Files::check_place(const std::string& path) const {
    TRY(check_writable());
    TRY(clean_object_path(path));
    return {};
}

Result<std::string> S3Files::staging_folder() const {
    TRY(os::make_folders(options_.staging, 0700));
    return options_.staging;
}

Result<void> S3Files::take(const std::string& path, const std::string& staged, const std::atomic<bool>* give_up) const {
    TRY(check_writable());
    const std::string clean = TRY(clean_object_path(path));
    if (TRY(has_objects_below(clean, deadline())))
        return fail(ErrorCode::kConflict, "{} is a folder; a file cannot take its place", shown(path));
    // A server keeps the old object until it has the whole of the new one.
    os::Child child = TRY(start_rclone(bucket_, {"copyto", "--no-check-dest", staged, remote(clean)},
                                       options_.transfer_silence, options_.program));
    const Deadline until = std::chrono::steady_clock::now() + options_.copy_limit;
    while (!child.wait(std::min(until, std::chrono::steady_clock::now() + kGlance))) {
        if (give_up != nullptr && *give_up)
            return fail(ErrorCode::kCancelled, "sending {} to {} was given up", shown(path), bucket_.shown);
        if (std::chrono::steady_clock::now() >= until)
            return fail(ErrorCode::kTimeout, "sending {} to {} took longer than {}", shown(path), bucket_.shown,
                        to_words(options_.copy_limit));
    }
    TRY(ended(child, until));
    listed_.forget(bucket_.shown + "\n");
    if (::unlink(staged.c_str()) != 0 && errno != ENOENT) return fail(os::errno_error("remove", staged, errno));
    return {};
}

Result<void> S3Files::remove(const std::string& path) const {
    const Deadline until = deadline();
    TRY(check_writable());
    const std::string clean = TRY(clean_object_path(path));
    const auto quiet = [](std::string_view) { return true; };
    listed_.forget(bucket_.shown + "\n");
    if (TRY(find(clean, until))) return run({"deletefile", remote(clean)}, quiet, until);
    if (!TRY(has_objects_below(clean, until))) {
        if (!TRY(has_marker(clean, until))) return fail(ErrorCode::kNotFound, "there is no {}", shown(path));
        return fail(ErrorCode::kUnavailable,
                    "{} is an empty folder that another tool has marked with an object of its name and \"/\"; remove "
                    "it with that tool",
                    shown(path));
    }
    // Whatever becomes of the path, it never is the whole bucket.
    check(!clean.empty(), "an empty path is removed from a bucket");
    const auto removed = run({"purge", "--checkers=32", "--transfers=32", remote(clean)}, quiet, until);
    if (removed || removed.error().code != ErrorCode::kTimeout) return removed;
    return fail(
        ErrorCode::kTimeout,
        "{} has more objects than {} removes within {}; those removed so far are gone, remove it again for the others",
        shown(path), bucket_.shown, to_words(options_.answer));
}

}  // namespace pintle::source
