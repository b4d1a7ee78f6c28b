#include "cli/remote_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "cli/transfer_meter.hpp"
#include "cli/words.hpp"
#include "net/url.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

using Kind = RemoteFiles::Kind;

constexpr Duration kIdleMost = std::chrono::seconds(60);

Kind kind_from(const std::string& text) {
    if (text == "folder") return Kind::kFolder;
    if (text == "link") return Kind::kLink;
    return text == "file" ? Kind::kFile : Kind::kOther;
}

Result<RemoteFiles::Entry> entry_from(const json::Value& item) {
    RemoteFiles::Entry entry;
    entry.name = text_of(item, "name");
    if (const std::string encoded = text_of(item, "encoded_name"); !encoded.empty())
        entry.name = TRY(net::percent_decode_bytes(encoded));
    entry.kind = kind_from(text_of(item, "kind"));
    entry.size_bytes = int_of(item, "size_bytes");
    entry.tag = text_of(item, "tag");
    return entry;
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(os::errno_error("write", "what is fetched", errno));
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

std::string below(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

// Where a file gathers: as long as the tag is the same, so is the file.
std::string part_name(const std::string& to, const std::string& tag) {
    constexpr std::size_t kNameMost = 180;  // So that the whole fits into a file name.
    const std::size_t slash = to.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : to.substr(0, slash + 1);
    std::string plain;
    for (const char c : tag) {
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) plain += c;
        else if (c == '-') plain += c;
    }
    return fmt::format("{}.{}.{}.part", folder, to.substr(folder.size()).substr(0, kNameMost), plain.substr(0, 60));
}

}  // namespace

std::pair<std::string, std::string> path_param(const std::string& path) {
    if (to_valid_utf8(path) == path) return {"path", path};
    return {"encoded_path", net::percent_encode(path)};
}

bool is_safe_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= 255 && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

RemoteFiles::RemoteFiles(Context& context, const std::string& project, const std::string& source)
    : context_(context),
      name_(project + "/" + source),
      api_path_(fmt::format("/projects/{}/sources/{}", segment(project), segment(source))) {}

Result<std::optional<RemoteFiles::Entry>> RemoteFiles::look_at(const std::string& path) {
    const auto answer = context_.api.get(api_path_ + "/files" + query({path_param(path), {"itself", "1"}}));
    if (!answer && answer.error().code == ErrorCode::kNotFound) {
        // The source itself may be what is not there.
        if (path.empty()) return fail(answer.error());
        TRY(look_at(""));
        return std::optional<Entry>();
    }
    if (!answer) return fail(answer.error());
    const json::Value& items = (*answer)["items"];
    if (!items.is_array() || items.size() != 1)
        return fail(ErrorCode::kInternal, "the server's answer about {} is not understood", to_valid_utf8(path));
    return std::optional<Entry>(TRY(entry_from(items[std::size_t{0}])));
}

Result<std::vector<RemoteFiles::Entry>> RemoteFiles::list(const std::string& folder) {
    const auto page = TRY(context_.api.list(api_path_ + "/files", {path_param(folder)}, kMostFiles + 1));
    if (page.items.size() > kMostFiles) return fail(ErrorCode::kExhausted, "there are more than {} files", kMostFiles);
    std::vector<Entry> entries;
    for (const json::Value& item : page.items.as_array()) {
        entries.push_back(TRY(entry_from(item)));
        if (!is_safe_name(entries.back().name))
            return fail(ErrorCode::kDenied, "the server names a file \"{}\", which cannot be put into a folder",
                        to_valid_utf8(entries.back().name));
    }
    return entries;
}

Result<void> RemoteFiles::collect(const std::string& folder, const std::string& target, std::size_t depth,
                                  std::vector<File>& found) {
    if (depth > kDeepest)
        return fail(ErrorCode::kExhausted, "{} is more than {} folders deep", to_valid_utf8(folder), kDeepest);
    std::vector<Entry> entries = TRY(list(folder));
    if (entries.empty() && !target.empty()) found.push_back({folder, target, {"", Kind::kFolder, 0, ""}});
    for (Entry& entry : entries) {
        const std::string path = below(folder, entry.name), there = below(target, entry.name);
        if (entry.kind == Kind::kFolder) {
            TRY(collect(path, there, depth + 1, found));
            continue;
        }
        if (entry.kind == Kind::kLink) {
            const auto real = look_at(path);
            if (real && *real) entry = **real;
        }
        if (entry.kind != Kind::kFile) {
            context_.term.error_line(context_.term.shown_as_error(fmt::format(
                "not copied: {} {}", to_valid_utf8(path),
                entry.kind == Kind::kOther ? "is not a file" : "is a link that leads to no file in the source")));
            continue;
        }
        if (found.size() == kMostFiles) return fail(ErrorCode::kExhausted, "there are more than {} files", kMostFiles);
        found.push_back({path, there, std::move(entry)});
    }
    return {};
}

Result<std::vector<RemoteFiles::File>> RemoteFiles::files_below(const std::string& folder) {
    std::vector<File> found;
    TRY(collect(folder, "", 0, found));
    return found;
}

Result<void> RemoteFiles::fetch_rest(const File& file, std::int64_t from, int fd) {
    Patience patience(context_.deps.sleep);
    TransferMeter meter(context_, to_valid_utf8(file.path), from, file.entry.size_bytes);
    while (from < file.entry.size_bytes) {
        Result<void> written;
        const std::int64_t before = from;
        const auto take = [&](std::string_view chunk) {
            written = write_all(fd, chunk);
            if (written) from += static_cast<std::int64_t>(chunk.size());
            meter.show(from);
            return written.has_value();
        };
        Call call{.path = api_path_ + "/files" + query({path_param(file.path), {"download", "1"}})};
        if (from > 0) call.headers.set("Range", fmt::format("bytes={}-", from));
        if (!file.entry.tag.empty()) call.headers.set("If-Match", file.entry.tag);
        const auto got = context_.api.stream(call, kIdleMost, take);
        if (!written) return written;
        if (from > file.entry.size_bytes)
            return fail(ErrorCode::kConflict, "{} changed while it was fetched", to_valid_utf8(file.path));
        if (from == file.entry.size_bytes) break;
        if (!got && got.error().code == ErrorCode::kConflict)
            return fail(ErrorCode::kConflict, "{} changed while it was fetched; copy it again",
                        to_valid_utf8(file.path));
        if (!got && !is_passing(got.error())) return got;
        if (from > before) patience.restore();
        const Error why =
            got ? Error{ErrorCode::kUnavailable, "the server sent less than it said", {}, {}} : got.error();
        meter.pause(from, "the connection broke; trying again");
        context_.api.forget();
        if (!patience.wait()) return fail(why);
    }
    return {};
}

Result<void> RemoteFiles::fetch(const File& file, int fd) { return fetch_rest(file, 0, fd); }

Result<void> RemoteFiles::fetch_to(const File& file, const std::string& to) {
    const std::string part = part_name(to, file.entry.tag);
    const os::UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!fd) return fail(os::errno_error("write", to_valid_utf8(to), errno));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(ErrorCode::kConflict, "{} is not a file", to_valid_utf8(part));
    std::int64_t from = info.st_size;
    if (file.entry.tag.empty() || from > file.entry.size_bytes) from = 0;
    if (::ftruncate(fd.get(), from) != 0 || ::lseek(fd.get(), from, SEEK_SET) < 0)
        return fail(os::errno_error("write", to_valid_utf8(to), errno));
    TRY(fetch_rest(file, from, fd.get()));
    if (::fdatasync(fd.get()) != 0) return fail(os::errno_error("write", to_valid_utf8(to), errno));
    if (::rename(part.c_str(), to.c_str()) != 0) return fail(os::errno_error("replace", to_valid_utf8(to), errno));
    return {};
}

}  // namespace pintle::cli
