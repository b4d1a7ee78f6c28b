#include "runtime/catalogs.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include <unistd.h>

#include "base/bounded_queue.hpp"
#include "base/log.hpp"
#include "base/synchronized.hpp"
#include "base/text.hpp"
#include "catalog/built_in.hpp"
#include "catalog/shelf.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "source/repository_tree.hpp"
#include "source/storage_files.hpp"

namespace pintle::runtime {
namespace {

using catalog::TreeEntry;
using json::Value;

constexpr Duration kFolderAge = std::chrono::seconds(2);
constexpr std::size_t kEntriesMost = 5000;

/// A folder of this machine, from which no link leads out.
class FolderTree final : public catalog::FileTree {
public:
    explicit FolderTree(const std::string& folder) : files_(folder) {}

    Result<std::vector<TreeEntry>> list(const std::string& folder) override {
        std::vector<TreeEntry> entries;
        for (std::string after;;) {
            const source::FileListing page = TRY(files_.list(folder, after, source::SourceFiles::kPageMost));
            for (const source::FileEntry& entry : page.entries)
                entries.push_back({entry.name, kind_of(entry.kind), entry.size_bytes});
            if (page.next.empty()) return entries;
            if (entries.size() > kEntriesMost)
                return fail(ErrorCode::kExhausted, "a folder of a catalog has at most {} entries", kEntriesMost);
            after = page.next;
        }
    }

    Result<std::string> read(const std::string& file, std::size_t most_bytes) override {
        const source::OpenFile opened = TRY(files_.open(file, 0));
        const auto too_large = [&] {
            return fail(ErrorCode::kExhausted, "it has more than {}, the most that is read",
                        bytes_in_words(static_cast<std::int64_t>(most_bytes)));
        };
        if (opened.size_bytes > static_cast<std::int64_t>(most_bytes)) return too_large();
        std::string content;
        for (std::array<char, 64 * 1024> piece{};;) {
            const ssize_t got = ::read(opened.fd.get(), piece.data(), piece.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail(os::errno_error("read", to_valid_utf8(file), errno));
            if (got == 0) return content;
            content.append(piece.data(), static_cast<std::size_t>(got));
            if (content.size() > most_bytes) return too_large();  // It grows while it is read.
        }
    }

private:
    static TreeEntry::Kind kind_of(source::FileEntry::Kind kind) {
        switch (kind) {
            case source::FileEntry::Kind::kFile: return TreeEntry::Kind::kFile;
            case source::FileEntry::Kind::kFolder: return TreeEntry::Kind::kFolder;
            case source::FileEntry::Kind::kLink: return TreeEntry::Kind::kLink;
            case source::FileEntry::Kind::kOther: break;
        }
        return TreeEntry::Kind::kOther;
    }

    const source::StorageFiles files_;
};

/// A commit of a repository, or a folder of it.
class CommitTree final : public catalog::FileTree {
public:
    CommitTree(source::RepositoryTree tree, const std::string& sub_path)
        : tree_(std::move(tree)), prefix_(sub_path.empty() ? "" : sub_path + "/") {}

    Result<std::vector<TreeEntry>> list(const std::string& folder) override {
        const std::string prefix = prefix_ + (folder.empty() ? "" : folder + "/");
        std::vector<TreeEntry> entries;
        const auto& all = tree_.entries();
        for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix); ++it) {
            const std::string rest = it->first.substr(prefix.size());
            const std::size_t slash = rest.find('/');
            const std::string name = rest.substr(0, slash);
            if (!entries.empty() && entries.back().name == name) continue;
            if (slash != std::string::npos) entries.push_back({name, TreeEntry::Kind::kFolder, 0});
            else entries.push_back({name, kind_of(it->second.kind), it->second.size_bytes});
        }
        if (entries.empty() && !prefix.empty())
            return fail(ErrorCode::kNotFound, "there is no folder \"{}\"",
                        to_valid_utf8(prefix.substr(0, prefix.size() - 1)));
        return entries;
    }
    Result<std::string> read(const std::string& file, std::size_t most_bytes) override {
        return tree_.read(prefix_ + file, most_bytes);
    }

private:
    static TreeEntry::Kind kind_of(source::RepositoryEntry::Kind kind) {
        switch (kind) {
            case source::RepositoryEntry::Kind::kFile: return TreeEntry::Kind::kFile;
            case source::RepositoryEntry::Kind::kLink: return TreeEntry::Kind::kLink;
            case source::RepositoryEntry::Kind::kOther: break;
        }
        return TreeEntry::Kind::kOther;
    }

    const source::RepositoryTree tree_;
    const std::string prefix_;
};

std::shared_ptr<const std::vector<catalog::ProjectTemplate>> no_templates() {
    return std::make_shared<const std::vector<catalog::ProjectTemplate>>();
}

}  // namespace

const catalog::ProjectTemplate* CatalogState::find(const std::string& wanted) const {
    const auto found = std::find_if(templates->begin(), templates->end(),
                                    [&](const catalog::ProjectTemplate& each) { return each.name == wanted; });
    return found == templates->end() ? nullptr : &*found;
}

std::string_view to_string(CatalogState::Kind kind) {
    switch (kind) {
        case CatalogState::Kind::kBuiltIn: return "built-in";
        case CatalogState::Kind::kFolder: return "folder";
        case CatalogState::Kind::kGit: break;
    }
    return "git";
}

/// One catalog with the thread that reads it.
class Catalogs::Keeper {
public:
    using Kind = CatalogState::Kind;

    Keeper(CatalogPlace place, Kind kind, const Options& options, const Clock& clock)
        : place_(std::move(place)),
          kind_(kind),
          options_(options),
          clock_(clock),
          git_(options.cache_folder + "/git-home", options.git_timeout, &ends_) {
        CatalogState state;
        state.name = place_.name;
        state.kind = kind_;
        state.place = kind_ == Kind::kGit ? source::mask_secrets(place_.git.repository) : place_.folder;
        if (kind_ == Kind::kGit && !place_.sub_path.empty()) state.place += " (" + place_.sub_path + ")";
        state.revision = place_.git.revision;
        state.templates = no_templates();
        state_.with([&](CatalogState& shared) { shared = std::move(state); });
        thread_ = std::thread([this] { work(); });
    }
    ~Keeper() {
        ends_ = true;  // A repository that does not answer holds up no end of the server.
        wishes_.close();
        thread_.join();
    }

    [[nodiscard]] const std::string& name() const { return place_.name; }
    [[nodiscard]] bool never_hangs() const { return kind_ == Kind::kBuiltIn; }
    [[nodiscard]] CatalogState state() const {
        return state_.with([](const CatalogState& state) { return state; });
    }

    /// Due when it is old; the built-in one is read once.
    [[nodiscard]] bool is_due() const {
        return state_.with([&](const CatalogState& state) {
            if (state.tried_at == Time()) return true;
            return kind_ != Kind::kBuiltIn &&
                   clock_.now() - state.tried_at >= (kind_ == Kind::kFolder ? kFolderAge : place_.refresh);
        });
    }
    /// Kept once it has been read again. Where many wish it at once, it is read for all of them.
    [[nodiscard]] std::future<void> read_again() {
        std::promise<void> wish;
        std::future<void> done = wish.get_future();
        (void)wishes_.push(std::move(wish));  // A wish that is refused is broken, which ends the wait too.
        return done;
    }
    /// Whether who looks should wait for it: of a repository of which something is known they need not, nor of one that
    /// has kept others waiting in vain.
    [[nodiscard]] bool is_worth_waiting() const {
        if (kind_ != Kind::kGit) return true;
        const bool was_tried = state_.with([](const CatalogState& state) { return state.tried_at != Time(); });
        const auto first =
            first_look_.with([](auto& at) { return at ? *at : at.emplace(std::chrono::steady_clock::now()); });
        return !was_tried && std::chrono::steady_clock::now() - first < options_.patience;
    }

    Result<std::unique_ptr<catalog::FileTree>> tree_of(const CatalogState& state) const {
        if (kind_ == Kind::kGit) {
            auto tree = TRY(source::RepositoryTree::known(git_, options_.cache_folder, place_.git.repository,
                                                          state.account, state.commit));
            return std::unique_ptr<catalog::FileTree>(std::make_unique<CommitTree>(std::move(tree), place_.sub_path));
        }
        return local_tree();
    }

private:
    struct Found {
        std::unique_ptr<catalog::FileTree> tree;
        std::string commit;
        std::string account;
    };

    void work() {
        if (kind_ == Kind::kGit) recall();
        while (auto wish = wishes_.pop()) {
            std::vector<std::promise<void>> kept = wishes_.drain(100, Duration(0));
            kept.push_back(std::move(*wish));
            if (!ends_) read();
            for (std::promise<void>& each : kept) each.set_value();
        }
    }

    void read() {
        const auto read = read_now();
        if (ends_) return;
        const Time now = clock_.now();
        state_.with([&](CatalogState& state) {
            state.tried_at = now;
            if (read) {
                state.fault.clear();
                state.fault_since = {};
            } else {
                if (state.fault.empty()) state.fault_since = now;
                state.fault = read.error().message;
            }
        });
        if (!read) log::warn("catalog.unread", {{"catalog", place_.name}, {"reason", read.error().message}});
        else if (kind_ == Kind::kGit) remember();
    }

    Result<void> read_now() {
        Found found = TRY(find());
        // The same commit has the same templates.
        const bool is_known = kind_ == Kind::kGit && state_.with([&](const CatalogState& state) {
            return state.commit == found.commit && state.read_at != Time();
        });
        if (is_known) {
            state_.with([&](CatalogState& state) { state.read_at = clock_.now(); });
            return {};
        }
        return keep(std::move(found), clock_.now());
    }

    Result<void> keep(Found found, Time at) {
        auto templates = std::make_shared<const std::vector<catalog::ProjectTemplate>>(
            TRY(catalog::read_shelf(*found.tree, root_name())));
        state_.with([&](CatalogState& state) {
            state.templates = std::move(templates);
            state.commit = found.commit;
            state.account = found.account;
            state.read_at = at;
        });
        return {};
    }

    Result<Found> find() {
        if (kind_ != Kind::kGit) return Found{TRY(local_tree()), "", ""};
        std::optional<domain::OpenAccount> account;
        if (!place_.git.account.empty()) account = TRY(options_.accounts(place_.git.account));
        const std::string access = fmt::format("{}/{}.access", options_.state_folder, place_.name);
        TRY(os::make_folders(options_.state_folder, 0700));
        source::RepositoryTree tree = TRY(source::RepositoryTree::bring(
            git_, options_.cache_folder, {place_.git, account ? &*account : nullptr, access}));
        std::string commit = tree.commit();
        return Found{std::make_unique<CommitTree>(std::move(tree), place_.sub_path), std::move(commit),
                     account ? account->id.str() : ""};
    }

    Result<std::unique_ptr<catalog::FileTree>> local_tree() const {
        if (kind_ == Kind::kBuiltIn)
            return std::unique_ptr<catalog::FileTree>(std::make_unique<catalog::MemoryTree>(catalog::built_in_files()));
        // Looked for before: a folder of storage would be made.
        if (!os::exists(place_.folder))
            return fail(ErrorCode::kNotFound, "there is no folder {} on the server's machine", place_.folder);
        return std::unique_ptr<catalog::FileTree>(std::make_unique<FolderTree>(place_.folder));
    }

    [[nodiscard]] std::string root_name() const {
        if (kind_ == Kind::kGit)
            return place_.sub_path.empty() ? domain::repository_name(place_.git.repository)
                                           : place_.sub_path.substr(place_.sub_path.rfind('/') + 1);
        return place_.name;
    }

    [[nodiscard]] std::string state_file() const {
        return fmt::format("{}/{}.json", options_.state_folder, place_.name);
    }

    void remember() {
        const CatalogState state = this->state();
        const Value file = Value::object({{"repository", place_.git.repository},
                                          {"commit", state.commit},
                                          {"account", state.account},
                                          {"read_at", to_iso(state.read_at)}});
        const auto written = os::write_file_atomic(state_file(), json::to_json(file) + "\n", 0600, false);
        if (!written) log::warn("catalog.not_kept", {{"catalog", place_.name}, {"reason", written.error().message}});
    }

    // What was known before the server's start, until the repository answers. Whatever is wrong with it, it is asked.
    void recall() {
        const auto text = os::read_file(state_file(), 64 * 1024);
        const auto file = text ? json::parse_json(*text) : fail(text.error());
        if (!file || (*file)["repository"].scalar_text() != place_.git.repository) return;
        const auto at = time_from_iso((*file)["read_at"].scalar_text().value_or(""));
        const std::string commit = (*file)["commit"].scalar_text().value_or(""),
                          account = (*file)["account"].scalar_text().value_or("");
        auto tree = source::RepositoryTree::known(git_, options_.cache_folder, place_.git.repository, account, commit);
        if (!at || !tree) return;
        const auto kept = keep({std::make_unique<CommitTree>(std::move(*tree), place_.sub_path), commit, account}, *at);
        if (!kept) log::warn("catalog.not_recalled", {{"catalog", place_.name}, {"reason", kept.error().message}});
    }

    const CatalogPlace place_;
    const Kind kind_;
    const Options options_;
    const Clock& clock_;
    std::atomic<bool> ends_{false};
    const source::Git git_;
    Synchronized<CatalogState> state_;
    mutable Synchronized<std::optional<std::chrono::steady_clock::time_point>> first_look_;
    BoundedQueue<std::promise<void>> wishes_{100};
    std::thread thread_;
};

Catalogs::Catalogs(Options options, const Clock& clock) {
    keepers_.push_back(std::make_unique<Keeper>(CatalogPlace{catalog::kBuiltInCatalog, "", {}, "", {}},
                                                CatalogState::Kind::kBuiltIn, options, clock));
    for (const CatalogPlace& place : options.places) {
        keepers_.push_back(std::make_unique<Keeper>(
            place, place.folder.empty() ? CatalogState::Kind::kGit : CatalogState::Kind::kFolder, options, clock));
    }
    patience_ = options.patience;
}
Catalogs::~Catalogs() = default;

std::vector<CatalogState> Catalogs::all() {
    std::vector<std::future<void>> waited_for;
    for (const auto& keeper : keepers_) {
        if (!keeper->is_due()) continue;
        const bool waits = keeper->is_worth_waiting();
        auto done = keeper->read_again();
        if (keeper->never_hangs()) done.wait();
        else if (waits) waited_for.push_back(std::move(done));
    }
    const auto until = std::chrono::steady_clock::now() + patience_;
    for (const std::future<void>& done : waited_for) (void)done.wait_until(until);
    std::vector<CatalogState> states;
    for (const auto& keeper : keepers_) states.push_back(keeper->state());
    return states;
}

Result<CatalogState> Catalogs::find(const std::string& name) {
    std::vector<std::string> names;
    for (CatalogState& state : all()) {
        if (state.name == name) return std::move(state);
        names.push_back(state.name);
    }
    return fail(ErrorCode::kNotFound, "there is no catalog {}; there are {}", to_valid_utf8(name.substr(0, 80)),
                join(names, ", "));
}

Result<CatalogState> Catalogs::refresh(const std::string& name) {
    for (const auto& keeper : keepers_) {
        if (keeper->name() != name) continue;
        keeper->read_again().wait();
        return keeper->state();
    }
    return find(name);
}

Result<void> Catalogs::read_files(const CatalogState& state, const catalog::ProjectTemplate& of, const EachFile& each) {
    for (const auto& keeper : keepers_) {
        if (keeper->name() != state.name) continue;
        const auto tree = TRY(keeper->tree_of(state));
        for (const catalog::TemplateFile& file : of.files) {
            const std::string path =
                catalog::path_in(of.folder, fmt::format("{}/{}/{}", catalog::kFilesFolder, file.source, file.path));
            const auto content = tree->read(path, static_cast<std::size_t>(catalog::kTemplateFilesBytesMost));
            if (!content) return fail(content.error().context(fmt::format("the file {} of the template", path)));
            TRY(each(file, *content));
        }
    }
    return {};
}

}  // namespace pintle::runtime
