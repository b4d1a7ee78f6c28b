#include "runtime/storage_meter.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "base/text.hpp"
#include "domain/storage_place.hpp"
#include "json/json_text.hpp"
#include "json/reader.hpp"
#include "os/file.hpp"

namespace pintle::runtime {
namespace {

namespace fs = std::filesystem;
using source::MeasuredFolder;

struct Known {
    source::MeasureState state;
    source::FolderSize size;
    std::int64_t added = 0;  ///< Bytes that were written since the last measuring began.
    std::int64_t added_before = 0;  ///< Of `added`, what was there when the present measuring began.
};
using Folders = std::map<MeasuredFolder, Known>;

constexpr Duration kLookLeast = std::chrono::seconds(1);
constexpr Duration kSaveEvery = std::chrono::seconds(10);

// The disk's other users go first; but beside jobs that keep every processor busy some of it must be left for this.
void become_humble() {
    constexpr int kNice = 10;
    constexpr int kProcess = 1, kBestEffort = 2, kLowest = 7, kClassShift = 13;
    const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
    (void)::setpriority(PRIO_PROCESS, thread, kNice);
    (void)::syscall(SYS_ioprio_set, kProcess, 0, kBestEffort << kClassShift | kLowest);
}

// Real folders, not links, which may lead anywhere.
std::vector<std::string> folders_in(const std::string& path) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        std::error_code unknown;
        if (it->symlink_status(unknown).type() == fs::file_type::directory)
            names.push_back(it->path().filename().string());
    }
    return names;
}

// Files that lie right in these are counted for themselves.
bool holds_others(const std::string& folder) { return domain::name_of_folder(folder).empty(); }

bool lies_in(const std::string& folder, const std::string& whole) {
    return folder == whole || folder.starts_with(whole + "/");
}

}  // namespace

struct StorageMeter::Impl {
    Impl(const Clock& c, Options o) : clock(c), options(std::move(o)) {}

    void run();
    [[nodiscard]] bool is_look_due(Time now) const;
    void look_around(Time now);
    [[nodiscard]] std::optional<MeasuredFolder> await_next();
    void look();
    void discover();
    void tell(const MeasuredFolder& folder) const;
    void measure(const MeasuredFolder& folder);
    [[nodiscard]] bool keep(const MeasuredFolder& folder, Time began, const Result<source::FolderSize>& size);
    bool rest(Duration worked);
    void load();
    void save();
    [[nodiscard]] const source::Storage* storage_named(const std::string& name) const;

    const Clock& clock;
    const Options options;
    Callbacks callbacks;
    std::thread thread;
    Time last_look{}, next_discovery{}, next_save{};  // Of the thread.

    mutable std::mutex mu;
    std::condition_variable changed;
    Folders folders;          // guarded by mu
    bool stopping = false;    // guarded by mu
    bool must_look = false;   // guarded by mu
    bool has_news = false;    // guarded by mu
    bool is_unsaved = false;  // guarded by mu
};

const source::Storage* StorageMeter::Impl::storage_named(const std::string& name) const {
    for (const source::Storage& storage : options.storages) {
        if (storage.name == name) return &storage;
    }
    return nullptr;
}

// What jobs write to. What they have just stopped writing to has its last size now.
void StorageMeter::Impl::look() {
    const std::set<MeasuredFolder> written = callbacks.written ? callbacks.written() : std::set<MeasuredFolder>();
    const Time now = clock.now();
    const std::lock_guard lock(mu);
    for (const MeasuredFolder& folder : written) {
        if (storage_named(folder.first) != nullptr) folders.try_emplace(folder);
    }
    for (auto& [folder, known] : folders) {
        const bool is_written = written.count(folder) > 0;
        if (known.state.written && !is_written) known.state.touched_at = now;
        known.state.written = is_written;
    }
}

void StorageMeter::Impl::discover() {
    std::set<MeasuredFolder> found;
    for (const source::Storage& storage : options.storages) {
        found.emplace(storage.name, "shared");
        for (const std::string& name : folders_in(storage.folder + "/shared"))
            found.emplace(storage.name, "shared/" + name);
        for (const std::string& group : folders_in(storage.folder + "/org")) {
            const std::string folder = "org/" + group;
            found.emplace(storage.name, folder);
            for (const std::string& name : folders_in(storage.folder + "/" + folder))
                found.emplace(storage.name, folder + "/" + name);
        }
    }
    std::vector<MeasuredFolder> gone;
    {
        const std::lock_guard lock(mu);
        for (const MeasuredFolder& folder : found) folders.try_emplace(folder);
        std::erase_if(folders, [&](const auto& entry) {
            if (found.count(entry.first) > 0 || entry.second.state.written) return false;
            gone.push_back(entry.first);
            return true;
        });
        is_unsaved = is_unsaved || !gone.empty();
    }
    for (const MeasuredFolder& folder : gone) tell(folder);
}

void StorageMeter::Impl::tell(const MeasuredFolder& folder) const {
    if (callbacks.measured) callbacks.measured(folder);
}

// As long as it worked, so that others get at the disk. A thread that is kept waiting for a processor has worked for
// less than it seems. False: it is to end.
bool StorageMeter::Impl::rest(Duration worked) {
    constexpr Duration kMost(20);
    std::unique_lock lock(mu);
    changed.wait_for(lock, std::clamp(worked, Duration(1), kMost), [this] { return stopping; });
    return !stopping;
}

void StorageMeter::Impl::measure(const MeasuredFolder& folder) {
    const source::Storage* storage = storage_named(folder.first);
    const Time began = clock.now();
    {
        const std::lock_guard lock(mu);
        Known& known = folders[folder];
        known.added_before = known.added;
    }
    auto batch = std::chrono::steady_clock::now();
    const source::Pace pace = [&] {
        const auto worked = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - batch);
        const bool goes_on = rest(worked);
        batch = std::chrono::steady_clock::now();
        return goes_on;
    };
    const auto size = holds_others(folder.second) ? source::measure_loose_files(storage->folder, folder.second, pace)
                                                  : source::measure_folder(storage->folder, folder.second, pace);
    const bool is_news = keep(folder, began, size);
    if (!size && size.error().code != ErrorCode::kNotFound && size.error().code != ErrorCode::kCancelled) {
        log::warn("storage.not_measured",
                  {{"storage", folder.first}, {"folder", folder.second}, {"reason", size.error().message}});
    }
    if (is_news) tell(folder);
}

// True: something is known now that was not.
bool StorageMeter::Impl::keep(const MeasuredFolder& folder, Time began, const Result<source::FolderSize>& size) {
    const bool is_gone = !size && size.error().code == ErrorCode::kNotFound;
    const std::lock_guard lock(mu);
    is_unsaved = true;
    Known& known = folders.at(folder);
    if (is_gone && !known.state.written) {
        folders.erase(folder);
        return true;
    }
    // Whatever came of it, it is not tried again at once.
    known.state.measured_at = began;
    known.state.took = clock.now() - began;
    if (known.state.touched_at < began) known.state.touched_at = Time{};
    if (size) known.size = *size;
    if (is_gone) known.size = {};
    if (size || is_gone) known.added -= known.added_before;
    return size || is_gone;
}

// Jobs may end a hundred times a second; the folders are gone through once a second at most.
bool StorageMeter::Impl::is_look_due(Time now) const {
    return last_look + (must_look ? std::min(kLookLeast, options.look) : options.look) <= now;
}

void StorageMeter::Impl::look_around(Time now) {
    const bool all = [&] {
        const std::lock_guard lock(mu);
        return std::exchange(must_look, false);
    }();
    last_look = now;
    if (all || next_discovery <= now) {
        discover();
        next_discovery = now + options.discover;
    }
    look();
}

// What is due first; nothing when that is later, after waiting for it or for news.
std::optional<MeasuredFolder> StorageMeter::Impl::await_next() {
    std::unique_lock lock(mu);
    std::map<MeasuredFolder, source::MeasureState> states;
    for (const auto& [folder, known] : folders) states.emplace(folder, known.state);
    const auto next = source::next_measure(states, options.rhythm);
    const Time now = clock.now();
    if (next && next->at <= now) return next->folder;
    Duration pause = must_look ? kLookLeast : options.look;
    if (next) pause = std::min(pause, next->at - now);
    changed.wait_for(lock, std::max(pause, Duration(10)), [this] { return stopping || has_news; });
    has_news = false;
    return std::nullopt;
}

void StorageMeter::Impl::run() {
    become_humble();
    while (true) {
        const Time now = clock.now();
        bool looks = false;
        {
            const std::lock_guard lock(mu);
            if (stopping) break;
            looks = is_look_due(now);
        }
        if (looks) look_around(now);
        if (const auto folder = await_next()) measure(*folder);
        if (next_save <= clock.now()) {
            save();
            next_save = clock.now() + kSaveEvery;
        }
    }
    save();
}

void StorageMeter::Impl::save() {
    json::Value list = json::Value::array();
    {
        const std::lock_guard lock(mu);
        if (!std::exchange(is_unsaved, false)) return;
        for (const auto& [folder, known] : folders) {
            if (known.state.measured_at == Time{}) continue;
            list.push(json::Value::object({{"storage", folder.first},
                                           {"folder", to_valid_utf8(folder.second)},
                                           {"bytes", known.size.bytes + known.added},
                                           {"files", known.size.files},
                                           {"complete", known.size.is_complete},
                                           {"measured_at", to_ms(known.state.measured_at)},
                                           {"took", known.state.took.count()}}));
        }
    }
    const auto written = os::write_file_atomic(options.file, json::to_json(list), 0600, false);
    if (!written) log::warn("storage.use_not_kept", {{"reason", written.error().message}});
}

// What cannot be read is measured again.
void StorageMeter::Impl::load() {
    const auto text = os::read_file(options.file);
    const auto list = text ? json::parse_json(*text) : fail(text.error());
    if (!list || !list->is_array()) return;
    for (const json::Value& item : list->as_array()) {
        if (!item.is_object() || !item["storage"].is_string() || !item["folder"].is_string()) continue;
        const std::string storage = item["storage"].as_string();
        if (storage_named(storage) == nullptr) continue;
        Known known;
        known.size = {item["bytes"].is_int() ? item["bytes"].as_int() : 0,
                      item["files"].is_int() ? item["files"].as_int() : 0,
                      item["complete"].is_bool() && item["complete"].as_bool()};
        known.state.measured_at = time_from_ms(item["measured_at"].is_int() ? item["measured_at"].as_int() : 0);
        known.state.took = Duration(item["took"].is_int() ? item["took"].as_int() : 0);
        folders.insert_or_assign({storage, item["folder"].as_string()}, known);
    }
}

StorageMeter::StorageMeter(const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(clock, std::move(options))) {
    impl_->load();
}
StorageMeter::~StorageMeter() { stop(); }

void StorageMeter::start(Callbacks callbacks) {
    impl_->callbacks = std::move(callbacks);
    if (!impl_->options.storages.empty()) impl_->thread = std::thread([this] { impl_->run(); });
}

void StorageMeter::stop() {
    {
        const std::lock_guard lock(impl_->mu);
        impl_->stopping = true;
    }
    impl_->changed.notify_all();
    if (impl_->thread.joinable()) impl_->thread.join();
}

void StorageMeter::touch(const std::string& storage, const std::string& folder) {
    if (impl_->storage_named(storage) == nullptr) return;
    {
        const std::lock_guard lock(impl_->mu);
        impl_->folders[{storage, domain::counted_folder(folder)}].state.touched_at = impl_->clock.now();
        impl_->has_news = true;
    }
    impl_->changed.notify_all();
}

void StorageMeter::add(const std::string& storage, const std::string& folder, std::int64_t bytes) {
    if (impl_->storage_named(storage) == nullptr) return;
    {
        const std::lock_guard lock(impl_->mu);
        impl_->folders[{storage, domain::counted_folder(folder)}].added += bytes;
    }
    touch(storage, folder);
}

void StorageMeter::look_again() {
    {
        const std::lock_guard lock(impl_->mu);
        impl_->must_look = impl_->has_news = true;
    }
    impl_->changed.notify_all();
}

std::vector<FolderUse> StorageMeter::uses(const std::string& storage) const {
    std::vector<FolderUse> uses;
    const std::lock_guard lock(impl_->mu);
    for (const auto& [folder, known] : impl_->folders) {
        if (folder.first != storage || known.state.measured_at == Time{}) continue;
        uses.push_back({folder.second, known.size, known.state.measured_at});
        uses.back().size.bytes = std::max<std::int64_t>(0, known.size.bytes + known.added);
    }
    return uses;
}

StorageUse StorageMeter::use_of(const std::string& storage, const std::string& folder) const {
    StorageUse use;
    const bool whole_group = holds_others(folder) && folder.starts_with("org/");
    const std::lock_guard lock(impl_->mu);
    for (auto it = impl_->folders.lower_bound({storage, folder}); it != impl_->folders.end(); ++it) {
        const auto& [key, known] = *it;
        if (key.first != storage || !key.second.starts_with(folder)) break;
        if (whole_group ? !lies_in(key.second, folder) : key.second != folder) continue;
        use.size.bytes += known.added;
        if (known.state.measured_at == Time{}) {
            use.unmeasured += 1;
            continue;
        }
        use.size.bytes += known.size.bytes;
        use.size.files += known.size.files;
        use.size.is_complete = use.size.is_complete && known.size.is_complete;
        use.measured_at =
            use.measured_at == Time{} ? known.state.measured_at : std::min(use.measured_at, known.state.measured_at);
    }
    use.size.bytes = std::max<std::int64_t>(0, use.size.bytes);
    return use;
}

}  // namespace pintle::runtime
