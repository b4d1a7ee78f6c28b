#include "source/nfs_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/beneath.hpp"

namespace pintle::source {
namespace {

constexpr auto kGlance = std::chrono::milliseconds(200);
constexpr std::string_view kUploadPrefix = ".pintle-upload-";

Result<std::string> clean_file_path(const std::string& path) {
    std::string clean = TRY(clean_relative_path(path));
    if (clean.empty()) return fail(ErrorCode::kInvalid, "the path of a file or folder is missing");
    if (clean.substr(clean.rfind('/') + 1).starts_with(kUploadPrefix)) {
        return fail(ErrorCode::kInvalid, "names that begin with {} are taken for uploads on their way", kUploadPrefix);
    }
    return clean;
}

FileEntry::Kind kind_of(std::string_view letter) {
    if (letter == "f") return FileEntry::Kind::kFile;
    if (letter == "d") return FileEntry::Kind::kFolder;
    return letter == "l" ? FileEntry::Kind::kLink : FileEntry::Kind::kOther;
}

// Takes the word before the next space off the text.
std::string_view take_word(std::string_view& text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    return word;
}

// "f 12 1700000000000 NAME"
FileEntry entry_of(std::string_view record) {
    FileEntry entry;
    entry.kind = kind_of(take_word(record));
    entry.size_bytes = std::max<std::int64_t>(0, parse_int(take_word(record)).value_or(0));
    entry.modified_at = time_from_ms(parse_int(take_word(record)).value_or(0));
    entry.name = std::string(record);
    return entry;
}

}  // namespace

Error NfsFiles::too_slow() const {
    return explain_nfs(origin_,
                       {ErrorCode::kTimeout, fmt::format("no answer within {}", to_words(options_.limit)), {}, {}});
}

Result<void> NfsFiles::check_writable() const {
    if (!options_.read_only) return {};
    return fail(ErrorCode::kDenied, "the source is read-only: nothing on the NFS server {} is changed through it",
                origin_.server);
}

Result<os::Child> NfsFiles::start(const std::string& verb, std::vector<std::string> words, int input) const {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.nfs.answer).count();
    os::Child::Options options;
    options.argv = options_.nfs.files;
    for (std::string word :
         {verb, server_.host, fmt::format("{}", server_.port), origin_.path, fmt::format("{}", seconds), options_.root})
        options.argv.push_back(std::move(word));
    for (std::string& word : words) options.argv.push_back(std::move(word));
    options.input = input;
    return os::Child::start(options);
}

Result<void> NfsFiles::ended(os::Child& child, Deadline until) const {
    const auto code = child.wait(until);
    if (!code) return fail(too_slow());
    if (*code == 0) return {};
    const std::string said = child.complaints();
    std::string_view rest = trim(said);
    const std::string_view what = take_word(rest);
    const ErrorCode kind = error_code_from(take_word(rest));
    if (what == "export") return fail(explain_nfs(origin_, {kind, to_valid_utf8(rest), {}, {}}));
    if (what == "file") return fail(Error{kind, to_valid_utf8(rest), {}, {}});
    return fail(ErrorCode::kUnavailable, "the NFS server {} cannot be used: {}", origin_.server,
                said.empty() ? fmt::format("the program that asks it ended with {}", *code)
                             : to_valid_utf8(trim(said).substr(0, 500)));
}

Result<FileListing> NfsFiles::list(const std::string& sub_path, const std::string& after, std::size_t limit) const {
    const Deadline until = deadline();
    const std::string clean = TRY(clean_relative_path(sub_path));
    if (after.find('\0') != std::string::npos) return fail(ErrorCode::kInvalid, "a name must not contain a NUL byte");
    const std::size_t most = std::clamp<std::size_t>(limit, 1, kPageMost);
    os::Child child = TRY(start("list", {clean, after, fmt::format("{}", most + 1)}));
    std::string text;
    if (!child.read(
            [&](std::string_view piece) {
                text += piece;
                return true;
            },
            until))
        return fail(too_slow());
    TRY(ended(child, until));
    FileListing listing;
    for (std::size_t begin = 0, end = text.find('\0'); end != std::string::npos;
         begin = end + 1, end = text.find('\0', begin)) {
        if (listing.entries.size() == most) {
            listing.next = listing.entries.back().name;
            break;
        }
        listing.entries.push_back(entry_of(std::string_view(text).substr(begin, end - begin)));
    }
    return listing;
}

Result<OpenFile> NfsFiles::open(const std::string& path, std::int64_t from) const {
    const Deadline until = deadline();
    const std::string clean = TRY(clean_file_path(path));
    TRY(senders_.check_room());
    os::Child child = TRY(start("send", {clean, fmt::format("{}", std::max<std::int64_t>(from, 0))}));
    // The line before the content, byte by byte, so that nothing behind it is taken away.
    std::string line;
    while (line.find('\n') == std::string::npos) {
        if (!child.wait_for_output(until)) return fail(too_slow());
        char byte = 0;
        if (::read(child.output().get(), &byte, 1) == 1) {
            line += byte;
        } else if (child.exit_code()) {
            TRY(ended(child, until));
            return fail(ErrorCode::kInternal, "the program that reads NFS servers told nothing of \"{}\"",
                        to_valid_utf8(path));
        }
    }
    std::string_view rest = trim(line);
    OpenFile file;
    file.size_bytes = parse_int(take_word(rest)).value_or(0);
    file.modified_at = time_from_ms(parse_int(rest).value_or(0));
    file.fd = senders_.keep(std::move(child));
    return file;
}

Result<void> NfsFiles::check_place(const std::string& path) const {
    TRY(check_writable());
    TRY(clean_file_path(path));
    return {};
}

Result<std::string> NfsFiles::staging_folder() const {
    TRY(os::make_folders(options_.staging, 0700));
    return options_.staging;
}

Result<void> NfsFiles::take(const std::string& path, const std::string& staged,
                            const std::atomic<bool>* give_up) const {
    TRY(check_writable());
    const std::string clean = TRY(clean_file_path(path));
    const os::UniqueFd content(::open(staged.c_str(), O_RDONLY | O_CLOEXEC));
    if (!content) return fail(os::errno_error("open", staged, errno));
    os::Child child = TRY(start("take", {clean}, content.get()));
    const Deadline until = std::chrono::steady_clock::now() + options_.copy_limit;
    while (!child.wait(std::min(until, std::chrono::steady_clock::now() + kGlance))) {
        if (give_up != nullptr && *give_up)
            return fail(ErrorCode::kCancelled, "sending \"{}\" to the NFS server {} was given up", to_valid_utf8(path),
                        origin_.server);
        if (std::chrono::steady_clock::now() >= until)
            return fail(ErrorCode::kTimeout, "sending \"{}\" to the NFS server {} took longer than {}",
                        to_valid_utf8(path), origin_.server, to_words(options_.copy_limit));
    }
    TRY(ended(child, until));
    if (::unlink(staged.c_str()) != 0 && errno != ENOENT) return fail(os::errno_error("remove", staged, errno));
    return {};
}

Result<void> NfsFiles::remove(const std::string& path) const {
    const Deadline until = deadline();
    TRY(check_writable());
    const std::string clean = TRY(clean_file_path(path));
    os::Child child = TRY(start("remove", {clean}));
    if (child.wait(until)) return ended(child, until);
    return fail(ErrorCode::kTimeout,
                "the NFS server {} did not remove \"{}\" within {}; what is removed so far is gone, remove it again "
                "for the rest",
                origin_.server, to_valid_utf8(path), to_words(options_.limit));
}

}  // namespace pintle::source
