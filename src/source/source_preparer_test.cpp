#include <doctest/doctest.h>

#include "os/file.hpp"
#include "source/git_fixture.hpp"
#include "source/source_preparer.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;

namespace {

domain::Source git_source(const std::string& name, const std::string& url) {
    domain::Source source;
    source.name = name;
    source.origin = domain::GitSource{url, ""};
    return source;
}

domain::Source storage_source(const std::string& name, const std::string& sub_path,
                              const std::string& storage = "default") {
    domain::Source source;
    source.name = name;
    source.sub_path = sub_path;
    source.origin = domain::ClusterStorageSource{storage};
    return source;
}

domain::Resource resource(const std::string& name) {
    domain::Resource made;
    made.name = name;
    made.command = "true";
    return made;
}

struct Site {
    testing::TempFolder temp;
    std::string storage = temp.path() + "/storage";
    SourcePreparer preparer{{{{"default", storage}, {"fast", temp.path() + "/fast"}},
                             temp.path() + "/cache",
                             temp.path() + "/work"}};
    std::vector<std::string> told;

    domain::Job job(const std::string& id, std::vector<domain::Source> sources,
                    std::vector<domain::Resource> resources) {
        domain::Job made;
        made.id = domain::JobId(id);
        made.spec.project_name = "digits";
        made.spec.home = domain::GroupId("acme");
        made.spec.default_mount_path = "/workspace";
        made.spec.sources = std::move(sources);
        made.spec.task.name = "train";
        made.spec.task.resources = std::move(resources);
        return made;
    }
    Result<domain::Preparation> prepare(const domain::Job& made) {
        return preparer.prepare(made, [this](std::string line) { told.push_back(std::move(line)); });
    }
};

domain::ProjectSpec project(std::vector<domain::Source> sources) {
    domain::ProjectSpec spec;
    spec.name = "digits";
    spec.sources = std::move(sources);
    return spec;
}

}  // namespace

TEST_CASE("every resource gets its volumes, and replicas share one clone of a repository") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits-code");
    domain::Resource ps = resource("ps"), worker = resource("worker");
    worker.default_volume_mapping = false;
    worker.volumes = {{"src", "digits-code/src", "code", true}, {"data", "train", "", false}};
    const auto job = site.job("J1", {git_source("src", repository.url()), storage_source("data", "")}, {ps, worker});
    const auto preparation = site.prepare(job).value();
    const std::string clone = site.temp.path() + "/work/J1/git/src";
    const std::vector<domain::PreparedVolume> expected{
        {"ps", "src", clone, "/workspace/src", false, false},
        {"ps", "data", site.storage + "/org/acme/digits/data", "/workspace/data", false, false},
        {"worker", "src", clone + "/digits-code/src", "/workspace/code", true, false},
        {"worker", "data", site.storage + "/org/acme/digits/data/train", "/workspace/data", false, false},
    };
    CHECK(preparation.volumes == expected);
    CHECK(preparation.revisions == std::map<std::string, std::string>{{"src", repository.head()}});
    CHECK(preparation.environments.empty());
    CHECK(os::exists(site.storage + "/org/acme/digits/data/train"));
    CHECK(site.prepare(job).value() == preparation);
}

TEST_CASE("the task's revision is used, and sources that nothing mounts are left alone") {
    Site site;
    const TestRepository repository(site.temp.path() + "/code");
    const std::string first = repository.head();
    repository.commit("README", "two");
    domain::Resource worker = resource("worker");
    worker.default_volume_mapping = false;
    worker.volumes = {{"src", "", "", false}};
    auto job = site.job("J1", {git_source("src", repository.url()), git_source("unused", "file:///nonexistent/repo")},
                        {worker});
    job.spec.task.revisions = {{"src", first}};
    CHECK(site.prepare(job).value().revisions == std::map<std::string, std::string>{{"src", first}});
}

TEST_CASE("an error names the source, and preparing again goes on") {
    Site site;
    const auto job = site.job("J1", {git_source("src", site.temp.path() + "/code")}, {resource("worker")});
    const Error error = site.prepare(job).error();
    CHECK(error.code == ErrorCode::kNotFound);
    CHECK(error.message.starts_with("source src: there is no git repository at "));
    const TestRepository repository(site.temp.path() + "/code");
    CHECK(site.prepare(job).has_value());
}

TEST_CASE("a storage that nobody configured is told with those there are") {
    Site site;
    const Error error =
        site.prepare(site.job("J1", {storage_source("data", "", "defualt")}, {resource("worker")})).error();
    CHECK(error.code == ErrorCode::kNotFound);
    CHECK(error.message.find("there is no storage \"defualt\"; this server has default, fast. The administrator") !=
          std::string::npos);
    SourcePreparer bare({{}, site.temp.path() + "/cache", site.temp.path() + "/work"});
    CHECK(bare.folder_of(storage_source("data", ""), ProjectPlace{"acme", "digits"})
              .error()
              .message.find("this server has none") != std::string::npos);
}

TEST_CASE("a storage's folder lies where its sub path says and is made on demand") {
    Site site;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "/org/acme/digits/data"}, {"x/y", "/org/acme/digits/x/y"}, {"/", "/org/acme/digits"},
        {"/x", "/org/acme/x"},         {"/shared/x", "/shared/x"},      {"/shared", "/org/acme/shared"}};
    for (const auto& [sub_path, folder] : cases) {
        CAPTURE(sub_path);
        CHECK(site.preparer.folder_of(storage_source("data", sub_path), ProjectPlace{"acme", "digits"}).value() ==
              site.storage + folder);
        CHECK(os::exists(site.storage + folder));
    }
    CHECK(site.preparer.folder_of(storage_source("data", "../x"), ProjectPlace{"acme", "digits"}).error().code ==
          ErrorCode::kInvalid);
    CHECK(site.preparer.folder_of(git_source("src", "/x"), ProjectPlace{"acme", "digits"}).error().code ==
          ErrorCode::kInvalid);
}

TEST_CASE("a link that a job laid in its folder leads neither out of the storage nor to another project") {
    Site site;
    REQUIRE(site.preparer.folder_of(storage_source("data", ""), ProjectPlace{"acme", "digits"}).has_value());
    REQUIRE(site.preparer.folder_of(storage_source("data", ""), ProjectPlace{"acme", "secrets"}).has_value());
    shell("cd " + site.storage +
          "/org/acme/digits; ln -s /etc out; ln -s ../secrets other; ln -s data in; ln -s ../../../shared public");
    for (const std::string sub_path : {"out", "other", "other/data", "public"}) {
        CAPTURE(sub_path);
        const Error error = site.prepare(site.job("J1", {storage_source("x", sub_path)}, {resource("worker")})).error();
        CHECK(error.code == ErrorCode::kDenied);
        CHECK(error.message.find("symbolic link") != std::string::npos);
        CHECK(error.message.find("storage default") != std::string::npos);
    }
    CHECK(site.preparer.folder_of(storage_source("x", "in"), ProjectPlace{"acme", "digits"}).value() ==
          site.storage + "/org/acme/digits/data");
}

TEST_CASE("forgetting a job removes its checkouts and nothing else") {
    Site site;
    const TestRepository repository(site.temp.path() + "/code");
    for (const std::string id : {"J1", "J2"}) {
        REQUIRE(site.prepare(site.job(id, {git_source("src", repository.url()), storage_source("data", "")},
                                      {resource("worker")}))
                    .has_value());
    }
    site.preparer.forget(domain::JobId("J1"));
    site.preparer.forget(domain::JobId("J1"));
    site.preparer.forget(domain::JobId(""));
    site.preparer.forget(domain::JobId(".."));
    CHECK_FALSE(os::exists(site.temp.path() + "/work/J1"));
    CHECK(os::exists(site.temp.path() + "/work/J2/git/src/code"));
    CHECK(os::exists(site.storage + "/org/acme/digits/data"));
    CHECK(site.preparer.prepare(site.job("../x", {}, {}), nullptr).error().code == ErrorCode::kInvalid);
}

TEST_CASE("private and shared folders are told apart, the outermost and only those that are there") {
    Site site;
    const auto spec =
        project({storage_source("data", ""), storage_source("deep", "data/deep"), storage_source("models", "m"),
                 storage_source("all", "/all"), storage_source("open", "/shared/open"),
                 storage_source("new", "never-made"), git_source("src", "/x")});
    for (int i : {0, 1, 2, 3, 4}) {
        REQUIRE(site.preparer.folder_of(spec.sources[static_cast<std::size_t>(i)], ProjectPlace{"acme", "digits"})
                    .has_value());
    }
    CHECK(site.preparer.private_folders(spec, "acme") ==
          std::vector<std::string>{site.storage + "/org/acme/digits/data", site.storage + "/org/acme/digits/m"});
    CHECK(site.preparer.shared_folders(spec, "acme") ==
          std::vector<std::string>{site.storage + "/org/acme/all", site.storage + "/shared/open"});
}

TEST_CASE("a project's folders move to its new name on every storage, once or again") {
    Site site;
    REQUIRE(os::make_folders(site.storage + "/org/acme/old/data").has_value());
    REQUIRE(os::make_folders(site.temp.path() + "/fast/org/acme/old").has_value());
    REQUIRE(site.preparer.move_project({"acme", "old"}, {"acme", "new"}).has_value());
    REQUIRE(site.preparer.move_project({"acme", "old"}, {"acme", "new"}).has_value());
    CHECK(os::exists(site.storage + "/org/acme/new/data"));
    CHECK(os::exists(site.temp.path() + "/fast/org/acme/new"));
    CHECK_FALSE(os::exists(site.storage + "/org/acme/old"));
    CHECK(site.preparer.move_project({"acme", "../x"}, {"acme", "new"}).error().code == ErrorCode::kInvalid);
}

TEST_CASE("a rename is refused before anything moves when the new name has data") {
    Site site;
    REQUIRE(os::make_folders(site.storage + "/org/acme/old").has_value());
    REQUIRE(os::make_folders(site.temp.path() + "/fast/org/acme/old").has_value());
    REQUIRE(os::make_folders(site.temp.path() + "/fast/org/acme/new").has_value());
    const Error error = site.preparer.move_project({"acme", "old"}, {"acme", "new"}).error();
    CHECK(error.code == ErrorCode::kConflict);
    CHECK(error.message.find("storage fast") != std::string::npos);
    CHECK(os::exists(site.storage + "/org/acme/old"));
}

TEST_CASE("a project's data follows its owner to another organisation") {
    Site site;
    REQUIRE(os::make_folders(site.storage + "/org/acme/old/data").has_value());
    REQUIRE(site.preparer.move_project({"acme", "old"}, {"other", "old"}).has_value());
    REQUIRE(site.preparer.move_project({"acme", "old"}, {"other", "old"}).has_value());
    CHECK(os::exists(site.storage + "/org/other/old/data"));
    CHECK_FALSE(os::exists(site.storage + "/org/acme/old"));
}
