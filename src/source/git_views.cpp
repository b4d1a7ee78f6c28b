#include "source/git_views.hpp"

#include <algorithm>
#include <future>
#include <thread>

#include "base/text.hpp"
#include "source/git_access.hpp"
#include "source/git_mirror.hpp"

namespace pintle::source {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kUntoldMost = std::chrono::minutes(1);
constexpr auto kReadingLimit = std::chrono::seconds(20);

// "TIME TREE", the time in seconds.
Result<GitView> view_of(const Git& git, const GitMirror& mirror, const std::string& commit) {
    const std::string told =
        TRY(git.local({"-C", mirror.folder(), "log", "-1", "--no-show-signature", "--format=%ct %T", commit, "--"}));
    const std::vector<std::string> parts = split(trim(told), ' ');
    if (parts.size() != 2) return fail(ErrorCode::kInternal, "git says nothing of the commit {}", commit);
    // A commit may claim any time at all.
    constexpr std::int64_t kSecondsMost = 253'402'300'799;  // The end of the year 9999.
    const std::int64_t seconds = std::clamp<std::int64_t>(parse_int(parts[0]).value_or(0), 0, kSecondsMost);
    return GitView{mirror.folder(), mirror.large_files_folder(), commit, parts[1], time_from_ms(seconds * 1000)};
}

}  // namespace

/// One question to one remote. What is not atomic is written before the outcome is there, and read after.
struct GitViews::Errand {
    enum class Step { kAsking, kFetching, kFetchingLarge };
    Errand(std::string whose, std::uint64_t which)
        : user(std::move(whose)), number(which), outcome(promised.get_future().share()) {}
    ~Errand() {
        if (thread.joinable()) thread.join();
    }
    [[nodiscard]] bool is_over() const {
        return outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    [[nodiscard]] Duration age() const { return std::chrono::duration_cast<Duration>(Clock::now() - ended_at); }

    const std::string user;
    const std::uint64_t number;
    std::promise<Result<GitView>> promised;
    const std::shared_future<Result<GitView>> outcome;
    std::atomic<Step> step{Step::kAsking};
    std::atomic<bool> is_told{false};
    Clock::time_point ended_at;
    std::thread thread;
};

GitViews::GitViews(GitViewsOptions options)
    : options_(std::move(options)),
      local_(options_.cache_folder + "/git-home", kReadingLimit),
      asking_(Git(options_.cache_folder + "/git-home", options_.patience, &ends_).asking(options_.address_of)),
      fetching_(Git(options_.cache_folder + "/git-home", options_.fetch_limit, &ends_).asking(options_.address_of)) {}

GitViews::~GitViews() {
    stop();
    errands_.with([](Errands& errands) { errands.clear(); });
}

// The number is one that no other has.
Result<std::optional<GitAccess>> GitViews::access_for(const Wish& wish, std::uint64_t number) const {
    std::optional<GitAccess> access;
    if (wish.account) {
        access.emplace(TRY(GitAccess::open(fmt::format("{}/look-{}", options_.access_folder, number),
                                           wish.origin.repository, *wish.account,
                                           local_.known_hosts_of(*wish.account))));
    }
    return access;
}

Result<GitRevisions> GitViews::revisions(const Wish& wish) {
    const std::string& url = wish.origin.repository;
    TRY(domain::check_repository(url));
    const std::optional<GitAccess> access = TRY(access_for(wish, errands_begun_.fetch_add(1)));
    const std::string told = TRY(asking_.remote(revisions_question(url), url, access ? &*access : nullptr));
    return parse_revisions(told, options_.most_revisions);
}

Result<GitView> GitViews::ask(Errand& errand, const Wish& wish) const {
    const std::string& url = wish.origin.repository;
    TRY(domain::check_repository(url));
    const std::string account = wish.account ? wish.account->id.str() : "";
    const std::optional<GitAccess> access = TRY(access_for(wish, errand.number));
    // Most looks end here: nobody has to wait for the mirror while its commit is in it.
    GitMirror seen = GitMirror::unlocked(asking_, options_.cache_folder, url, account);
    seen.use(access ? &*access : nullptr);
    auto looked = seen.look(wish.origin.revision);
    // Who is told of a timeout is told that the fetch goes on.
    if (!looked && looked.error().code == ErrorCode::kTimeout) looked.error().code = ErrorCode::kUnavailable;
    if (const auto found = TRY(std::move(looked))) return view_of(local_, seen, found->commit);
    errand.step = Errand::Step::kFetching;
    GitMirror mirror = TRY(GitMirror::open(fetching_, options_.cache_folder, url, account));
    mirror.use(access ? &*access : nullptr);
    const GitRevision found = TRY(mirror.bring(wish.origin.revision, [](const std::string&) {}));
    return view_of(local_, mirror, found.commit);
}

Result<void> GitViews::check_room(const Errands& errands, const std::string& user) const {
    int all = 0, own = 0;
    for (const auto& [key, errand] : errands) {
        if (errand->is_over()) continue;
        ++all;
        if (errand->user == user) ++own;
    }
    if (own >= options_.most_of_one)
        return fail(ErrorCode::kUnavailable,
                    "{} git repositories are being fetched for you already, so that you can see their files; try again "
                    "in a moment",
                    own);
    if (all >= options_.most)
        return fail(ErrorCode::kUnavailable,
                    "{} git repositories are being fetched already for those who look at files; try again in a moment",
                    all);
    return {};
}

Result<std::shared_ptr<GitViews::Errand>> GitViews::errand_for(const std::string& key, const Wish& wish,
                                                               const Work& work) {
    return errands_.with([&](Errands& errands) -> Result<std::shared_ptr<Errand>> {
        std::erase_if(errands, [&](const auto& each) {
            const Errand& errand = *each.second;
            if (!errand.is_over()) return false;
            const bool is_untold = !errand.outcome.get() && !errand.is_told;
            return errand.age() > (is_untold ? Duration(kUntoldMost) : options_.fresh) ||
                   (!errand.outcome.get() && !is_untold);
        });
        if (const auto known = errands.find(key); known != errands.end()) return known->second;
        TRY(check_room(errands, wish.user));
        auto errand = std::make_shared<Errand>(wish.user, errands_begun_.fetch_add(1));
        // The errand outlives its thread, which it waits for.
        errand->thread = std::thread([work, errand = errand.get()] {
            Result<GitView> outcome = work(*errand);
            errand->ended_at = Clock::now();
            errand->promised.set_value(std::move(outcome));
        });
        errands.emplace(key, errand);
        return errand;
    });
}

Result<GitView> GitViews::wait_for(const std::string& key, const Wish& wish, const Work& work, Deadline until) {
    const std::shared_ptr<Errand> errand = TRY(errand_for(key, wish, work));
    if (errand->outcome.wait_until(until) == std::future_status::ready) {
        errand->is_told = true;
        return errand->outcome.get();
    }
    const std::string shown = mask_secrets(wish.origin.repository);
    if (errand->step == Errand::Step::kAsking)
        return fail(ErrorCode::kUnavailable, "the git repository {} has not answered yet; try again in a moment",
                    shown);
    return fail(ErrorCode::kTimeout,
                "{}the git repository {} is still being fetched, which takes longer than an answer may; it goes on, "
                "try again in a moment",
                errand->step == Errand::Step::kFetchingLarge ? "a file of " : "", shown);
}

Result<GitView> GitViews::look(const Wish& wish, Deadline until) {
    const std::string key = fmt::format("{}\n{}\n{}", wish.origin.repository,
                                        wish.account ? wish.account->id.str() : "", wish.origin.revision);
    return wait_for(key, wish, [this, wish](Errand& errand) { return ask(errand, wish); }, until);
}

Result<void> GitViews::bring(const Wish& wish, const GitView& view, const LargeFilePointer& pointer, Deadline until) {
    const auto fetch = [this, wish, view, pointer](Errand& errand) -> Result<GitView> {
        errand.step = Errand::Step::kFetchingLarge;
        const std::optional<GitAccess> access = TRY(access_for(wish, errand.number));
        const std::string scratch = fmt::format("{}/large-{}", options_.access_folder, errand.number);
        const LargeFiles files{view.mirror, view.large_files, wish.origin.repository, view.commit};
        TRY(fetch_large_file(fetching_, files, pointer, scratch, access ? &*access : nullptr));
        return view;
    };
    // A mirror is of one repository and one account.
    TRY(wait_for(fmt::format("{}\n{}", view.large_files, pointer.hash), wish, fetch, until));
    return {};
}

bool GitViews::brings_large_files() {
    if (options_.large_files && !has_lfs_) has_lfs_ = has_lfs(local_);
    return has_lfs_;
}

}  // namespace pintle::source
