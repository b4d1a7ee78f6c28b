#include "source/git_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"
#include "source/beneath.hpp"
#include "source/file_page.hpp"
#include "source/git_lfs.hpp"

namespace pintle::source {
namespace {

std::string shown(const std::string& path) { return fmt::format("\"{}\"", to_valid_utf8(path)); }

FileEntry::Kind kind_of(std::string_view mode) {
    if (mode.starts_with("100")) return FileEntry::Kind::kFile;
    if (mode == "040000") return FileEntry::Kind::kFolder;
    return mode == "120000" ? FileEntry::Kind::kLink : FileEntry::Kind::kOther;
}

/// What `git ls-tree -z --long` prints of one name: "100644 blob HASH    12\tNAME", with any bytes in the name.
std::optional<FileEntry> entry_of(std::string_view line, Time time) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    std::vector<std::string> parts = split(line.substr(0, tab), ' ');
    std::erase(parts, "");
    if (parts.size() != 4) return std::nullopt;
    FileEntry entry{std::string(line.substr(tab + 1)), kind_of(parts[0]), 0, time, {}};
    if (entry.kind == FileEntry::Kind::kFile) {
        entry.size_bytes = parse_int(parts[3]).value_or(0);
        entry.tag = parts[2];
    }
    return entry;
}

/// Cuts output into what ends with NUL.
class NulLines {
public:
    template <class F>
    void feed(std::string_view piece, F&& use) {
        for (std::size_t end = piece.find('\0'); end != std::string_view::npos; end = piece.find('\0')) {
            begun_ += piece.substr(0, end);
            use(std::string_view(begun_));
            begun_.clear();
            piece.remove_prefix(end + 1);
        }
        begun_ += piece;
    }

private:
    std::string begun_;
};

/// Takes that many bytes off the front of what a program prints. False: not in time, or there were fewer.
bool skip(os::Child& child, std::int64_t count, os::Child::Deadline until) {
    std::vector<char> buffer(1 << 20);
    while (count > 0) {
        const std::size_t most = std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(count));
        const bool is_over = child.exit_code().has_value();
        const ssize_t got = ::read(child.output().get(), buffer.data(), most);
        if (got > 0) {
            count -= got;
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got == 0 || errno != EAGAIN || is_over || !child.wait_for_output(until)) return false;
    }
    return true;
}

}  // namespace

Result<OpenFile> GitFiles::open_large(const GitView& view, const LargeFilePointer& pointer, const std::string& path,
                                      std::int64_t from, Deadline until) const {
    if (!is_in_store(view.large_files, pointer)) {
        auto brought = views_.bring(wish_, view, pointer, until);
        // The file itself is there: only its content is not.
        if (!brought && brought.error().code == ErrorCode::kNotFound)
            brought.error().code = ErrorCode::kUnavailable;
        if (!brought) return fail(brought.error().context(fmt::format("{} is kept with git LFS", shown(path))));
    }
    const std::string place = path_in_store(view.large_files, pointer);
    os::UniqueFd fd(::open(place.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || ::lseek(fd.get(), std::clamp<off_t>(from, 0, pointer.size_bytes), SEEK_SET) < 0)
        return fail(os::errno_error("read", place, errno));
    return OpenFile{std::move(fd), pointer.size_bytes, view.committed_at, pointer.hash};
}

GitFiles::GitFiles(GitViews& views, GitViews::Wish wish, GitFilesOptions options, FileSenders& senders)
    : views_(views),
      wish_(std::move(wish)),
      options_(std::move(options)),
      repository_(domain::repository_name(wish_.origin.repository)),
      senders_(senders) {}

Error GitFiles::refusal() const {
    return {ErrorCode::kDenied,
            fmt::format("files of a git repository are changed by commits, and not from here: nothing in {} is put or "
                        "removed. Commit in a clone of your own, or in a job whose source names an account, and push",
                        mask_secrets(wish_.origin.repository)),
            {},
            {}};
}

Error GitFiles::too_slow() const {
    return {ErrorCode::kTimeout,
            fmt::format("the copy of the git repository {} on the server's machine could not be read within {}",
                        mask_secrets(wish_.origin.repository), to_words(options_.answer)),
            {},
            {}};
}

Result<void> GitFiles::read_all(const GitView& view, std::vector<std::string> args, int input,
                                const std::function<bool(std::string_view)>& take, Deadline until) const {
    args.insert(args.begin(), {"-C", view.mirror});
    os::Child child = TRY(views_.git().start(std::move(args), input));
    bool wants_more = true;
    const bool is_read = child.read([&](std::string_view piece) { return wants_more = take(piece); }, until);
    if (is_read && !wants_more) return {};
    const auto code = child.wait(until);
    if (!code) return fail(too_slow());
    if (*code == 0) return {};
    // A mirror that is found broken is made again by the next job or look.
    return fail(ErrorCode::kUnavailable, "the copy of the git repository {} on the server's machine cannot be read: {}",
                mask_secrets(wish_.origin.repository), Git::reason_of(child));
}

Result<std::string> GitFiles::below_repository(const std::string& path) const {
    const std::string first = path.substr(0, path.find('/'));
    if (first == repository_) return first.size() == path.size() ? "" : path.substr(first.size() + 1);
    return fail(ErrorCode::kNotFound, "there is no {}: the source has only the folder {}, its repository",
                shown(path), shown(repository_));
}

Result<GitFiles::Root> GitFiles::root(Deadline until) const {
    auto known = view_.with([](const auto& view) { return view; });
    if (!known) {
        known = views_.look(wish_, until);
        view_.with([&](auto& view) { view = known; });
    }
    const GitView view = TRY(*known);
    if (options_.sub_path.empty()) return Root{view, view.tree, true};
    const Result<std::string> rest = below_repository(options_.sub_path);
    const auto in_words = [&](const std::string& why) {
        return fail(ErrorCode::kNotFound, "the source's sub path {} is no folder at commit {} of {}: {}",
                    shown(options_.sub_path), view.commit.substr(0, 12), mask_secrets(wish_.origin.repository), why);
    };
    if (!rest) return in_words(fmt::format("sub paths begin with the repository's name, {}", shown(repository_)));
    if (rest->empty()) return Root{view, view.tree, false};
    const auto found = find(view, view.tree, *rest, until);
    if (!found && found.error().code != ErrorCode::kNotFound) return fail(found.error());
    if (!found) return in_words(found.error().message);
    if (!found->is_folder) return in_words("a file is there");
    return Root{view, found->hash, false};
}

Result<bool> GitFiles::is_submodule(const GitView& view, const std::string& tree, const std::string& path,
                                    Deadline until) const {
    std::string text;
    TRY(read_all(
        view, {"--literal-pathspecs", "ls-tree", "-z", "--full-tree", tree, "--", path}, -1,
        [&](std::string_view piece) {
            text += piece;
            return text.size() < (64 << 10);
        },
        until));
    return text.starts_with("160000 ");
}

// git itself follows links, so that a link means the same here as in a checkout, but for those that leave the tree.
Result<GitFiles::Found> GitFiles::find(const GitView& view, const std::string& tree, const std::string& path,
                                       Deadline until) const {
    const os::UniqueFd question = TRY(os::input_of(fmt::format("{}:{}{}", tree, path, '\0')));
    std::string text;
    TRY(read_all(
        view, {"cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize)", "-z", "--follow-symlinks"},
        question.get(),
        [&](std::string_view piece) {
            text += piece;
            return text.size() < (64 << 10);
        },
        until));
    const std::vector<std::string> parts = split(trim(text.substr(0, text.find('\n'))), ' ');
    if (parts.size() == 3 && (parts[0] == "blob" || parts[0] == "tree"))
        return Found{parts[0] == "tree", parts[1], parse_int(parts[2]).value_or(0)};
    if (parts[0] == "symlink")
        return fail(ErrorCode::kDenied, "{} is a link that leads out of the source, which is not followed",
                    shown(path));
    if (parts[0] == "dangling") return fail(ErrorCode::kNotFound, "{} is a link to what is not there", shown(path));
    if (parts[0] == "loop") return fail(ErrorCode::kNotFound, "{} is a link that leads to itself", shown(path));
    if (TRY(is_submodule(view, tree, path, until)))
        return fail(ErrorCode::kInvalid, "{} is a submodule: a repository of its own, whose files are not fetched",
                    shown(path));
    return fail(ErrorCode::kNotFound, "{} is not there", shown(path));
}

Result<GitFiles::Pointers> GitFiles::pointers(const GitView& view, const std::vector<std::string>& blobs,
                                              Deadline until) const {
    Pointers found;
    if (blobs.empty()) return found;
    const os::UniqueFd questions = TRY(os::input_of(join(blobs, "\n") + "\n"));
    std::string text;
    TRY(read_all(
        view, {"cat-file", "--batch=%(objectsize)"}, questions.get(),
        [&](std::string_view piece) {
            text += piece;
            return true;
        },
        until));
    std::optional<bool> can_bring;
    // Each is its size, a line's end, its content, and another line's end; in the order of the questions.
    std::string_view rest = text;
    for (const std::string& blob : blobs) {
        const std::size_t end = rest.find('\n');
        const auto size = parse_int(rest.substr(0, end));
        if (end == std::string_view::npos || !size || *size < 0) break;
        const std::string_view content = rest.substr(end + 1, static_cast<std::size_t>(*size));
        rest.remove_prefix(std::min(rest.size(), end + 2 + content.size()));
        auto pointer = read_pointer(content);
        if (!pointer) continue;
        const bool is_here = is_in_store(view.large_files, *pointer);
        if (!is_here && !can_bring) can_bring = views_.brings_large_files();
        if (is_here || *can_bring) found.emplace(blob, std::move(*pointer));
    }
    return found;
}

Result<FileListing> GitFiles::list_tree(const GitView& view, const std::string& tree, const std::string& after,
                                        std::size_t limit, Deadline until) const {
    FilePage page(after, limit);
    NulLines lines;
    TRY(read_all(
        view, {"ls-tree", "-z", "--long", "--full-tree", tree}, -1,
        [&](std::string_view piece) {
            lines.feed(piece, [&](std::string_view line) {
                if (auto entry = entry_of(line, view.committed_at)) page.add(std::move(*entry));
            });
            return page.seen() <= kFolderMost;
        },
        until));
    if (page.seen() > kFolderMost)
        return fail(ErrorCode::kExhausted, "the folder has more than {} entries, which is more than can be listed",
                    kFolderMost);
    FileListing listing = page.take();
    std::vector<std::string> blobs;
    for (const FileEntry& entry : listing.entries) {
        if (may_be_pointer(entry.size_bytes)) blobs.push_back(entry.tag);
    }
    const Pointers large = TRY(pointers(view, blobs, until));
    for (FileEntry& entry : listing.entries) {
        const auto found = large.find(entry.tag);
        if (found == large.end()) continue;
        entry.size_bytes = found->second.size_bytes;
        entry.tag = found->second.hash;
    }
    return listing;
}

Result<FileListing> GitFiles::list(const std::string& sub_path, const std::string& after, std::size_t limit) const {
    const Deadline until = deadline();
    std::string clean = TRY(clean_relative_path(sub_path));
    const Root begin = TRY(root(until));
    std::string tree = begin.tree;
    if (begin.holds_repository && clean.empty()) {
        FilePage only(after, limit);
        only.add({repository_, FileEntry::Kind::kFolder, 0, begin.view.committed_at, {}});
        FileListing listing = only.take();
        listing.commit = begin.view.commit;
        return listing;
    }
    if (begin.holds_repository) clean = TRY(below_repository(clean));
    if (!clean.empty()) {
        const Found found = TRY(find(begin.view, tree, clean, until));
        if (!found.is_folder) return fail(ErrorCode::kInvalid, "{} is not a folder", shown(sub_path));
        tree = found.hash;
    }
    FileListing listing = TRY(list_tree(begin.view, tree, after, limit, until));
    listing.commit = begin.view.commit;
    return listing;
}

Result<OpenFile> GitFiles::open(const std::string& path, std::int64_t from) const {
    const Deadline until = deadline();
    std::string clean = TRY(clean_relative_path(path));
    if (clean.empty()) return fail(ErrorCode::kInvalid, "the path of a file or folder is missing");
    TRY(senders_.check_room());
    const Root begin = TRY(root(until));
    if (begin.holds_repository) clean = TRY(below_repository(clean));
    if (clean.empty()) return fail(ErrorCode::kInvalid, "{} is not a file that can be read", shown(path));
    const Found found = TRY(find(begin.view, begin.tree, clean, until));
    if (found.is_folder) return fail(ErrorCode::kInvalid, "{} is not a file that can be read", shown(path));
    Pointers large;
    if (may_be_pointer(found.size_bytes)) large = TRY(pointers(begin.view, {found.hash}, until));
    if (!large.empty()) return open_large(begin.view, large.begin()->second, path, from, until);
    OpenFile file{{}, found.size_bytes, begin.view.committed_at, found.hash};
    if (from >= found.size_bytes) {
        file.fd.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        return file;
    }
    // Large files are unpacked on their way rather than in git's memory.
    os::Child child = TRY(views_.git().start(
        {"-c", "core.bigFileThreshold=1m", "-C", begin.view.mirror, "cat-file", "blob", found.hash}));
    if (!skip(child, from, until)) return fail(too_slow());
    if (!child.wait_for_output(until)) return fail(too_slow());
    if (const auto code = child.exit_code(); code && *code != 0)
        return fail(ErrorCode::kUnavailable, "{} cannot be read: {}", shown(path), Git::reason_of(child));
    file.fd = senders_.keep(std::move(child));
    return file;
}

Result<void> GitFiles::check_place(const std::string&) const { return fail(refusal()); }

Result<std::string> GitFiles::staging_folder() const { return fail(refusal()); }

Result<void> GitFiles::take(const std::string&, const std::string&, const std::atomic<bool>*) const {
    return fail(refusal());
}

Result<void> GitFiles::remove(const std::string&) const { return fail(refusal()); }

}  // namespace pintle::source
