#include "series/sample_record.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "os/file.hpp"
#include "os/unique_fd.hpp"
#include "series/varint.hpp"

namespace pintle::series {

namespace {

constexpr std::uint32_t kMagic = 0x31535350;  // "PSS1"

// Where the next record may begin, behind `from`.
std::size_t find_magic(std::string_view bytes, std::size_t from) {
    char magic[4];
    std::memcpy(magic, &kMagic, sizeof magic);
    return std::min(bytes.find(std::string_view(magic, sizeof magic), from), bytes.size());
}

std::optional<std::uint64_t> number_of(std::string_view name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    if (name.size() < 8 || name.size() > 18) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : name) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

Result<std::string> read_part(int fd, const std::string& path, std::uint64_t from, std::uint64_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(from + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(os::errno_error("read", path, errno));
        if (got == 0) break;  // Cut meanwhile.
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

}  // namespace

std::uint32_t check_sum(std::string_view bytes) {
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::optional<RecordHead> read_head(std::string_view bytes) {
    if (bytes.size() < kHeadBytes) return std::nullopt;
    Bytes in(bytes.substr(0, kHeadBytes));
    if (in.raw<std::uint32_t>() != kMagic) return std::nullopt;
    RecordHead head;
    const auto kind = in.raw<std::uint32_t>();
    head.kind = static_cast<RecordKind>(kind);
    head.tail = in.raw<std::uint32_t>();
    head.size = in.raw<std::uint32_t>();
    head.checked = in.raw<std::uint32_t>();
    head.check_sum = in.raw<std::uint32_t>();
    head.first_ms = in.raw<std::int64_t>();
    head.last_ms = in.raw<std::int64_t>();
    if (in.raw<std::uint32_t>() != check_sum(bytes.substr(0, kHeadBytes - 4))) return std::nullopt;
    if (kind < 1 || kind > 3 || head.size > kMaxRecordBytes || head.checked > head.size) return std::nullopt;
    return head;
}

void put_record(RecordHead head, std::string_view payload, std::size_t checked, std::string& out) {
    const std::size_t begin = out.size();
    put_raw(kMagic, out);
    put_raw(static_cast<std::uint32_t>(head.kind), out);
    put_raw(head.tail, out);
    put_raw(static_cast<std::uint32_t>(payload.size()), out);
    put_raw(static_cast<std::uint32_t>(checked), out);
    put_raw(check_sum(payload.substr(0, checked)), out);
    put_raw(head.first_ms, out);
    put_raw(head.last_ms, out);
    put_raw(check_sum(std::string_view(out).substr(begin)), out);
    out += payload;
}

RecordWalk walk_records(std::string_view bytes, const std::function<void(const RecordHead&, std::string_view)>& visit) {
    RecordWalk walk;
    std::size_t broken = 0;  // Since the last whole record; no damage yet, for it may be the torn end.
    for (std::size_t at = 0; at < bytes.size();) {
        const auto head = read_head(bytes.substr(at));
        const bool whole = head && bytes.size() - at - kHeadBytes >= head->size;
        const std::string_view payload = whole ? bytes.substr(at + kHeadBytes, head->size) : std::string_view();
        if (!whole) {
            broken = std::max<std::size_t>(broken, 1);
            at = find_magic(bytes, at + 1);
            continue;
        }
        at += kHeadBytes + head->size;
        if (check_sum(payload.substr(0, head->checked)) != head->check_sum) {
            ++broken;
            continue;
        }
        walk.damaged += std::exchange(broken, 0);
        walk.end = at;
        visit(*head, payload);
    }
    return walk;
}

Result<RecordWalk> walk_file(const std::string& path, const std::function<bool(const RecordHead&)>& wanted,
                             const std::function<void(const RecordHead&, std::string)>& visit) {
    const os::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return fail(os::errno_error("open", path, errno));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return fail(os::errno_error("read", path, errno));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    RecordWalk walk;
    for (std::uint64_t at = 0; at < size;) {
        const auto head = read_head(TRY(read_part(fd.get(), path, at, std::min<std::uint64_t>(kHeadBytes, size - at))));
        if (!head || size - at - kHeadBytes < head->size) {
            // Damage, or a record that is being written: look for what is whole behind it.
            const std::string rest = TRY(read_part(fd.get(), path, at, size - at));
            const RecordWalk behind = walk_records(rest, [&](const RecordHead& found, std::string_view payload) {
                if (wanted(found)) visit(found, std::string(payload));
            });
            walk.damaged += behind.damaged;
            if (behind.end > 0) walk.end = at + behind.end;
            return walk;
        }
        at += kHeadBytes;
        if (wanted(*head)) {
            std::string payload = TRY(read_part(fd.get(), path, at, head->size));
            const bool whole = payload.size() == head->size &&
                               check_sum(std::string_view(payload).substr(0, head->checked)) == head->check_sum;
            if (whole) visit(*head, std::move(payload));
            walk.damaged += whole ? 0 : 1;
        }
        at += head->size;
        walk.end = at;
    }
    return walk;
}

std::string segment_file(const std::string& folder, std::uint64_t number) {
    return fmt::format("{}/{:08}{}", folder, number, kSegmentSuffix);
}
std::string tail_file(const std::string& folder, std::uint64_t number) {
    return fmt::format("{}/{:08}{}", folder, number, kTailSuffix);
}

Result<SampleFiles> list_sample_files(const std::string& folder) {
    SampleFiles files;
    auto names = os::list_folder(folder);
    if (!names && names.error().code == ErrorCode::kNotFound) return files;
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
        if (const auto segment = number_of(name, kSegmentSuffix)) files.segments.push_back(*segment);
        if (const auto tail = number_of(name, kTailSuffix)) files.tails.push_back(*tail);
        if (name.ends_with(".tail.new")) files.strays.push_back(name);
    }
    std::sort(files.segments.begin(), files.segments.end());
    std::sort(files.tails.begin(), files.tails.end());
    return files;
}

}  // namespace pintle::series
