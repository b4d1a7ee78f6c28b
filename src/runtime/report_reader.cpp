#include "runtime/report_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <dirent.h>

#include "base/text.hpp"
#include "domain/metrics_pattern.hpp"
#include "metrics/event_file.hpp"
#include "metrics/json_values.hpp"
#include "metrics/printed_values.hpp"
#include "os/unique_fd.hpp"
#include "series/log_reader.hpp"
#include "source/beneath.hpp"

namespace pintle::runtime {
namespace {

using metrics::EventRecord;
using metrics::ReportedValue;

constexpr std::size_t kPageBytes = 1 << 20;
constexpr std::size_t kEventFilesMost = 1000;
constexpr int kEventFoldersDeep = 6;
constexpr std::size_t kEntriesMost = 5'000;  // That are looked at below the folder.
constexpr Duration kDay = std::chrono::hours(24);

/// A regular file and nothing else, without waiting for a pipe's other end.
struct OpenFile {
    os::UniqueFd fd;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    Time changed_at{};
};

std::optional<OpenFile> look_at(os::UniqueFd fd) {
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    const Time changed = time_from_ms(std::int64_t{info.st_mtime} * 1000);
    return OpenFile{std::move(fd), static_cast<std::uint64_t>(info.st_size), info.st_ino, changed};
}

std::string read_at(const OpenFile& file, std::uint64_t offset, std::size_t most) {
    std::string bytes(most, '\0');
    std::size_t have = 0;
    while (have < most) {
        const ssize_t got = ::pread(file.fd.get(), bytes.data() + have, most - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

class Reading {
public:
    Reading(const ReportBox& box, const ReportPlan& plan, const ReportPlaces& from, bool ended, Time now,
            const ReportPlaces* until)
        : box_(box), plan_(plan), from_(from), ended_(ended), now_(now), until_(until) {
        page_.to = from;
    }

    ReportPage run() {
        read_values();
        read_log();
        read_events();
        return std::move(page_);
    }

private:
    /// A program's clock may be anything; what lies far from the job's own time is told of now.
    void take(std::vector<ReportedValue> values, Time otherwise) {
        for (ReportedValue& value : values) {
            const bool is_near = value.at && *value.at > plan_.begun - kDay && *value.at < now_ + kDay;
            if (!is_near) value.at = otherwise;
            page_.values.push_back(std::move(value));
        }
    }

    void read_values() {
        auto file = look_at(os::UniqueFd(::open(fmt::format("{}/{}", box_.box(), ReportBox::kFileName).c_str(),
                                                O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)));
        if (!file) return;
        // Made anew, or cut: it is read from its beginning.
        const bool is_other = (from_.values_file != 0 && file->inode != from_.values_file) || file->size < from_.values;
        const std::uint64_t begin = is_other ? 0 : from_.values;
        std::uint64_t most = kPageBytes;
        if (until_ != nullptr)
            most = until_->values_file == file->inode && until_->values > begin ? until_->values - begin : 0;
        const std::string bytes = read_at(*file, begin, most);
        const bool at_end = ended_ && bytes.size() < kPageBytes;
        const metrics::Lines lines =
            metrics::divide_lines(bytes, is_other ? false : from_.values_within, at_end || until_ != nullptr);
        for (const std::string_view line : lines.whole) take(metrics::read_json_line(line), now_);
        page_.to.values = begin + lines.used;
        page_.to.values_file = file->inode;
        page_.to.values_within = lines.within;
        page_.more = page_.more || bytes.size() == kPageBytes;
    }

    void read_log() {
        if (plan_.pattern == domain::kNoMetricsPattern || plan_.log_folder.empty()) return;
        const auto rule = metrics::PrintedValues::make(plan_.pattern);
        if (!rule) return;
        series::LogQuery query = series::LogQuery::from_offset(from_.log, series::kMaxPageLines);
        query.max_bytes = kPageBytes;
        query.valid_utf8 = false;
        query.ended = ended_ || until_ != nullptr;
        const auto page = series::LogReader(plan_.log_folder).read(query);
        if (!page) return;
        for (const series::LogLine& line : page->lines) {
            if (until_ != nullptr && line.offset >= until_->log) break;
            const bool is_last = &line == &page->lines.back() && !page->more_after;
            // Its rest is to come; one that is too long to hold values need not be waited for.
            if (!line.ends && is_last && !ended_ && until_ == nullptr && line.starts &&
                line.text.size() <= metrics::PrintedValues::kLineMax) {
                page_.to.log = line.offset;
                return;
            }
            if (line.starts && (line.ends || is_last)) take(rule->read(line.text), line.time);
        }
        page_.to.log = until_ != nullptr ? until_->log : page->next_offset;
        page_.more = page_.more || page->more_after;
    }

    void read_events() {
        if (plan_.events_root.empty()) return;
        const os::UniqueFd root(::open(plan_.events_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!root) return;
        std::size_t left = kEntriesMost;
        std::vector<std::string> files;
        find_files(root.get(), "", 0, left, files);
        std::sort(files.begin(), files.end());
        if (files.size() > kEventFilesMost) files.resize(kEventFilesMost);
        for (const std::string& file : files) read_event_file(root.get(), file);
    }

    [[nodiscard]] std::string below_root(const std::string& path) const {
        if (plan_.events_path.empty()) return path;
        return path.empty() ? plan_.events_path : plan_.events_path + "/" + path;
    }

    void find_files(int root, const std::string& folder, int depth, std::size_t& left,
                    std::vector<std::string>& files) const {
        auto opened = source::open_beneath(root, below_root(folder), O_RDONLY | O_DIRECTORY | O_NONBLOCK);
        if (!opened) return;
        DIR* listing = ::fdopendir(opened->release());
        if (listing == nullptr) return;
        std::vector<std::string> folders;
        while (const dirent* entry = ::readdir(listing)) {
            const std::string name = entry->d_name;
            if (name == "." || name == ".." || left == 0) continue;
            --left;
            const std::string path = folder.empty() ? name : folder + "/" + name;
            if (entry->d_type == DT_DIR) folders.push_back(path);
            const bool may_be_file = entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;
            if (may_be_file && name.find("tfevents") != std::string::npos) files.push_back(path);
        }
        ::closedir(listing);
        if (depth >= kEventFoldersDeep) return;
        for (const std::string& each : folders) find_files(root, each, depth + 1, left, files);
    }

    void read_event_file(int root, const std::string& path) {
        const std::uint64_t begin = from_.events.count(path) > 0 ? from_.events.at(path) : 0;
        std::uint64_t end = UINT64_MAX;
        if (until_ != nullptr) end = until_->events.count(path) > 0 ? until_->events.at(path) : begin;
        if (begin >= end) return;
        auto opened = source::open_beneath(root, below_root(path), O_RDONLY | O_NONBLOCK);
        if (!opened) return;
        const auto file = look_at(std::move(*opened));
        // Of an earlier job that wrote into the same folder.
        if (!file || file->size <= begin || file->changed_at < plan_.begun - Duration(2000)) return;
        const std::string bytes =
            read_at(*file, begin, static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, 2 * kPageBytes)));
        // Runs of one job keep their values apart by their folders: "validation/loss".
        const std::size_t slash = path.rfind('/');
        const std::string run = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
        std::string_view rest = bytes;
        std::uint64_t used = 0;
        EventRecord record;
        while ((record = metrics::read_event_record(rest)).kind == EventRecord::Kind::kWhole) {
            take_event(record.data, run);
            rest.remove_prefix(record.size);
            used += record.size;
        }
        if (record.kind == EventRecord::Kind::kTooLarge && begin + used + record.size <= file->size)
            used += record.size;
        if (used == 0) return;
        page_.to.events[path] = begin + used;
        page_.more = page_.more || begin + bytes.size() < file->size;
    }

    void take_event(std::string_view data, const std::string& run) {
        std::vector<ReportedValue> values = metrics::read_event(data);
        std::erase_if(values, [&](const ReportedValue& value) { return value.at && *value.at < plan_.begun; });
        for (ReportedValue& value : values) value.name = run + value.name;
        std::erase_if(values, [](const ReportedValue& value) { return !metrics::is_value_name(value.name); });
        take(std::move(values), now_);
    }

    const ReportBox& box_;
    const ReportPlan& plan_;
    const ReportPlaces& from_;
    const bool ended_;
    const Time now_;
    const ReportPlaces* until_;
    ReportPage page_;
};

}  // namespace

ReportPage read_reports(const ReportBox& box, const ReportPlan& plan, const ReportPlaces& from, bool ended, Time now,
                        const ReportPlaces* until) {
    return Reading(box, plan, from, ended, now, until).run();
}

}  // namespace pintle::runtime
