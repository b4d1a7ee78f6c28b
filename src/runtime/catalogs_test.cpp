#include "runtime/catalogs.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>

#include "catalog/built_in.hpp"
#include "os/file.hpp"
#include "source/git_fixture.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;

namespace {

class SetClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return time_from_ms(ms_.load()); }
    void advance(Duration by) { ms_ += by.count(); }

private:
    std::atomic<std::int64_t> ms_{1'700'000'000'000};
};

constexpr const char* kConfig =
    "name: x\ntasks:\n- {name: t, resources: [{name: r, command: echo}]}\nsources:\n- {name: src, cluster_storage: "
    "default}\n";

void write_template(const std::string& folder, const std::string& description) {
    const auto put = [&](const std::string& file, const std::string& content) {
        const std::string path = folder + "/" + file;
        REQUIRE(os::make_folders(path.substr(0, path.rfind('/'))));
        REQUIRE(os::write_file_atomic(path, content));
    };
    put("Chart.yaml", "Name: Learn\nVersion: 1.0.0\nDescription: " + description + "\n");
    put("ml-templates/config.yaml", kConfig);
    put("files/src/a.py", "print(1)\n");
}

struct Site {
    testing::TempFolder temp;
    SetClock clock;

    Catalogs open(CatalogPlace place) {
        Catalogs::Options options;
        options.places = {std::move(place)};
        options.cache_folder = temp.path() + "/cache";
        options.state_folder = temp.path() + "/catalogs";
        options.accounts = [](const std::string& name) -> Result<domain::OpenAccount> {
            return fail(ErrorCode::kNotFound, "there is no account {}", name);
        };
        options.patience = std::chrono::seconds(60);
        return Catalogs(std::move(options), clock);
    }
};

std::string description_in(const CatalogState& state, const std::string& name = "learn") {
    const catalog::ProjectTemplate* found = state.find(name);
    return found == nullptr ? "" : found->chart.description;
}

}  // namespace

TEST_CASE("the catalog within the program is there without any other") {
    Site site;
    Catalogs catalogs(Catalogs::Options{{}, site.temp.path(), site.temp.path(), {}}, site.clock);
    const auto all = catalogs.all();
    REQUIRE(all.size() == 1);
    CHECK(all[0].name == catalog::kBuiltInCatalog);
    CHECK(all[0].find("digits") != nullptr);
    std::string content;
    REQUIRE(catalogs.read_files(all[0], *all[0].find("digits"),
                                [&](const catalog::TemplateFile& file, const std::string& text) -> Result<void> {
                                    if (file.source == "src" && file.path == "train.py") content = text;
                                    return {};
                                }));
    CHECK(content.find("def train(") != std::string::npos);
    CHECK(catalogs.find("other").error().message == "there is no catalog other; there are built-in");
}

TEST_CASE("a folder is read again when somebody looks") {
    Site site;
    write_template(site.temp.path() + "/mine/learn", "first");
    CatalogPlace place{"mine", site.temp.path() + "/mine", {}, "", {}};
    Catalogs catalogs = site.open(place);
    CHECK(description_in(*catalogs.find("mine")) == "first");
    write_template(site.temp.path() + "/mine/learn", "second");
    site.clock.advance(std::chrono::seconds(3));
    CHECK(description_in(*catalogs.find("mine")) == "second");
    REQUIRE(os::remove_tree(site.temp.path() + "/mine"));
    site.clock.advance(std::chrono::seconds(3));
    const auto gone = catalogs.find("mine");
    CHECK(description_in(*gone) == "second");
    CHECK(gone->fault.find("there is no folder") == 0);
    CHECK(gone->fault_since == site.clock.now());
}

TEST_CASE("links that lead out of a folder's catalog are not followed") {
    Site site;
    write_template(site.temp.path() + "/mine/learn", "first");
    const std::string readme = site.temp.path() + "/mine/learn/README.md", away = site.temp.path() + "/mine/away";
    REQUIRE(::symlink("/etc/passwd", readme.c_str()) == 0);
    write_template(site.temp.path() + "/other", "elsewhere");
    REQUIRE(::symlink((site.temp.path() + "/other").c_str(), away.c_str()) == 0);
    Catalogs catalogs = site.open({"mine", site.temp.path() + "/mine", {}, "", {}});
    const auto state = catalogs.find("mine");
    REQUIRE(state->templates->size() == 1);
    CHECK_FALSE(state->templates->front().sound());
    CHECK(state->templates->front().readme.empty());
}

TEST_CASE("a repository that moves on is followed when its age is reached, and on demand") {
    Site site;
    const source::TestRepository repository(site.temp.path() + "/team/templates");
    write_template(repository.folder() + "/learn", "first");
    const std::string first = repository.commit("x", "1");
    Catalogs catalogs = site.open({"team", "", {repository.url(), "main", ""}, "", std::chrono::minutes(10)});
    auto state = catalogs.find("team");
    CHECK(description_in(*state) == "first");
    CHECK(state->commit == first);
    write_template(repository.folder() + "/learn", "second");
    repository.commit("x", "2");
    site.clock.advance(std::chrono::minutes(9));
    CHECK(description_in(*catalogs.find("team")) == "first");
    CHECK(description_in(*catalogs.refresh("team")) == "second");
    // What somebody looks at is what they get, whatever has come since.
    std::string content;
    REQUIRE(catalogs.read_files(*state, *state->find("learn"),
                                [&](const catalog::TemplateFile&, const std::string& text) -> Result<void> {
                                    content = text;
                                    return {};
                                }));
    CHECK(content == "print(1)\n");
}

TEST_CASE("a repository that cannot be reached shows its last state, since when and why, also after a restart") {
    Site site;
    Time read_at, down_since;
    const std::string folder = site.temp.path() + "/team/templates";
    const source::TestRepository repository(folder);
    write_template(folder + "/learn", "first");
    repository.commit("x", "1");
    const CatalogPlace place{"team", "", {repository.url(), "", ""}, "", std::chrono::minutes(10)};
    {
        Catalogs catalogs = site.open(place);
        REQUIRE(description_in(*catalogs.find("team")) == "first");
        read_at = catalogs.find("team")->read_at;
        REQUIRE(std::rename(folder.c_str(), (folder + ".away").c_str()) == 0);
        site.clock.advance(std::chrono::minutes(1));
        down_since = site.clock.now();
        CHECK_FALSE(catalogs.refresh("team")->fault.empty());
        site.clock.advance(std::chrono::minutes(1));
        const auto state = catalogs.refresh("team");
        CHECK(state->fault_since == down_since);
        CHECK(description_in(*state) == "first");
    }
    Catalogs again = site.open(place);
    const auto state = again.find("team");
    CHECK(state->fault.find("there is no git repository") == 0);
    CHECK(description_in(*state) == "first");
    CHECK(state->read_at == read_at);
    REQUIRE(std::rename((folder + ".away").c_str(), folder.c_str()) == 0);
    CHECK(again.refresh("team")->fault.empty());
}

TEST_CASE("a repository that does not answer holds up neither who looks nor the end") {
    Site site;
    const source::FileServer silent(site.temp.path(), source::FileServer::Manner::kSilent);
    Catalogs::Options options;
    options.places = {{"team",
                       "",
                       {fmt::format("http://127.0.0.1:{}/templates", silent.port()), "", ""},
                       "",
                       std::chrono::minutes(10)}};
    options.cache_folder = site.temp.path() + "/cache";
    options.state_folder = site.temp.path() + "/catalogs";
    options.patience = Duration(50);
    const auto began = std::chrono::steady_clock::now();
    {
        Catalogs catalogs(std::move(options), site.clock);
        CHECK(catalogs.find("team")->tried_at == Time());
        CHECK(catalogs.find("built-in").has_value());
        CHECK(catalogs.find("built-in")->find("digits") != nullptr);
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("a part of a repository may be the catalog, and an account that is none is told") {
    Site site;
    const source::TestRepository repository(site.temp.path() + "/team/templates");
    write_template(repository.folder() + "/a/learn", "first");
    write_template(repository.folder() + "/b/other", "second");
    repository.commit("x", "1");
    {
        Catalogs catalogs = site.open({"team", "", {repository.url(), "", ""}, "a", std::chrono::minutes(10)});
        CHECK(catalogs.find("team")->templates->size() == 1);
    }
    Catalogs catalogs = site.open({"team", "", {repository.url(), "", "hub"}, "", std::chrono::minutes(10)});
    CHECK(catalogs.find("team")->fault == "there is no account hub");
}
