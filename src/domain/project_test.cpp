#include <doctest/doctest.h>

#include "domain/project.hpp"

using namespace pintle;
using namespace pintle::domain;

namespace {

Source storage(const std::string& name, const std::string& sub_path = "", const std::string& mount_path = "") {
    Source source;
    source.name = name;
    source.sub_path = sub_path;
    source.mount_path = mount_path;
    source.origin = ClusterStorageSource{"default"};
    return source;
}

Source git(const std::string& name, const std::string& url = "https://host/team/repo") {
    Source source;
    source.name = name;
    source.origin = GitSource{url, ""};
    return source;
}

ProjectSpec a_project() {
    Resource worker;
    worker.name = "worker";
    worker.command = "python train.py";
    Task train;
    train.name = "train";
    train.resources = {worker};
    ProjectSpec spec;
    spec.name = "digits";
    spec.sources = {git("src"), storage("data")};
    spec.tasks = {train};
    return spec;
}

Resource& worker_of(ProjectSpec& spec) { return spec.tasks[0].resources[0]; }

}  // namespace

TEST_CASE("by default a resource mounts every source as it is defined, and its own volumes are ignored") {
    ProjectSpec spec = a_project();
    spec.sources = {git("src"), storage("data", "train", "/data")};
    spec.sources[0].library_dir = true;
    spec.sources[1].read_only = true;
    worker_of(spec).volumes = {{"data", "other", "/other", false}, {"unknown", "", "", false}};
    const std::vector<ResolvedVolume> expected{{"src", "", "/workspace/src", false, true},
                                               {"data", "train", "/data", true, false}};
    CHECK(resolve_volumes(spec, worker_of(spec)).value() == expected);
}

TEST_CASE("without the default mapping only the listed volumes are mounted, below the sources' sub paths") {
    ProjectSpec spec = a_project();
    spec.sources = {git("src"), storage("data"), storage("all", "/"), storage("org", "/org-data"),
                    storage("deep", "a/b")};
    spec.sources[0].sub_path = "repo";
    worker_of(spec).default_volume_mapping = false;
    worker_of(spec).volumes = {{"src", "lib", "lib", false},
                               {"data", "train", "", false},
                               {"all", "x", "", false},
                               {"org", "/x", "", false},
                               {"deep", "c", "/deep", false}};
    const std::vector<ResolvedVolume> expected{{"src", "repo/lib", "/workspace/lib", false, false},
                                               {"data", "data/train", "/workspace/data", false, false},
                                               {"all", "x", "/workspace/all", false, false},
                                               {"org", "/org-data/x", "/workspace/org", false, false},
                                               {"deep", "a/b/c", "/deep", false, false}};
    CHECK(resolve_volumes(spec, worker_of(spec)).value() == expected);
    worker_of(spec).volumes.clear();
    CHECK(resolve_volumes(spec, worker_of(spec)).value().empty());
}

TEST_CASE("a mount is read-only when the source or the volume says so") {
    for (const bool source : {false, true}) {
        for (const bool volume : {false, true}) {
            ProjectSpec spec = a_project();
            spec.sources[1].read_only = source;
            worker_of(spec).default_volume_mapping = false;
            worker_of(spec).volumes = {{"data", "", "", volume}};
            CHECK(resolve_volumes(spec, worker_of(spec)).value().at(0).read_only == (source || volume));
        }
    }
}

TEST_CASE("the resource's default mount path goes before the project's, and concerns relative paths only") {
    ProjectSpec spec = a_project();
    spec.default_mount_path = "/ws/";
    spec.sources[1].mount_path = "/data";
    CHECK(resolve_volumes(spec, worker_of(spec)).value().at(0).mount_path == "/ws/src");
    worker_of(spec).default_mount_path = "/mine";
    CHECK(resolve_volumes(spec, worker_of(spec)).value().at(0).mount_path == "/mine/src");
    CHECK(resolve_volumes(spec, worker_of(spec)).value().at(1).mount_path == "/data");
}

TEST_CASE("two volumes at one path, unknown sources and paths that lead out are refused") {
    ProjectSpec spec = a_project();
    spec.sources[1].mount_path = "/workspace//src/";
    CHECK(resolve_volumes(spec, worker_of(spec)).error().message ==
          "two sources would be mounted at \"/workspace/src\"; give one of them another mount path");
    worker_of(spec).default_volume_mapping = false;
    worker_of(spec).volumes = {{"nosuch", "", "", false}};
    CHECK(resolve_volumes(spec, worker_of(spec)).error().message == "there is no source \"nosuch\"");
    worker_of(spec).volumes = {{"data", "../other", "", false}};
    CHECK(resolve_volumes(spec, worker_of(spec)).error().code == ErrorCode::kInvalid);
    worker_of(spec).volumes = {{"data", "a", "/a", false}, {"data", "b", "/b", false}};
    CHECK(resolve_volumes(spec, worker_of(spec)).value().size() == 2);
}

TEST_CASE("servers are a name or an address, and a port") {
    CHECK(parse_server("files.example").value() == ServerAddress{"files.example", 0});
    CHECK(parse_server("10.0.0.5:2050").value() == ServerAddress{"10.0.0.5", 2050});
    CHECK(parse_server("[fd00::5]").value() == ServerAddress{"fd00::5", 0});
    CHECK(parse_server("[fd00::5]:2050").value() == ServerAddress{"fd00::5", 2050});
    for (const char* wrong : {"", "-o", "a b", "a/b", "a,b", "a:", "a:0", "a:65536", "a:+1", "fd00::5", "[fd00::5",
                              "[x]", "[::1]x", "a..b", "user@host", "a\nb", "a?b"}) {
        CAPTURE(wrong);
        CHECK(parse_server(wrong).error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("an S3 server is reached by https unless its URL says http") {
    CHECK(parse_s3_server("s3.example").value() == S3Endpoint{{"s3.example", 0}, true});
    CHECK(parse_s3_server("https://s3.example:9000/").value() == S3Endpoint{{"s3.example", 9000}, true});
    CHECK(parse_s3_server("http://[::1]:9000").value() == S3Endpoint{{"::1", 9000}, false});
    CHECK(parse_s3_server("https://s3.example/bucket").error().message.find("without a path") != std::string::npos);
    CHECK_FALSE(parse_s3_server("ftp://s3.example"));
    CHECK_FALSE(parse_s3_server("http://user:secret@s3.example"));
    CHECK(parse_s3_server("http://user:secret@s3.example").error().message.find("secret") == std::string::npos);
}

TEST_CASE("buckets have the names that Amazon allows") {
    for (const char* fine : {"abc", "a.b", "0-9", "training-data"}) CHECK(check_bucket(fine));
    for (const char* wrong : {"ab", "Abc", "a_b", "-ab", "ab-", "a..b", "a/b", "1.2.3.4", "a b"}) {
        CAPTURE(wrong);
        CHECK_FALSE(check_bucket(wrong));
    }
    CHECK_FALSE(check_bucket(std::string(64, 'a')));
}

TEST_CASE("a source is told in one line without its secrets") {
    Source source = git("src", "https://robot:secret@host/team/repo");
    CHECK(origin_in_words(source) == "https://***@host/team/repo");
    source.origin = NfsSource{"10.0.0.5", "/exports"};
    CHECK(origin_in_words(source) == "10.0.0.5:/exports");
    source.origin = S3Source{"minio.example:9000", "abc"};
    CHECK(origin_in_words(source) == "s3://abc on minio.example:9000");
    source.origin = S3Source{"", "abc", "", "ours"};
    CHECK(origin_in_words(source) == "s3://abc");
    CHECK(account_of(source) == "ours");
    CHECK(kind_of(source) == "S3");
}

TEST_CASE("a sound project has no faults") { CHECK(validate(a_project()).empty()); }

TEST_CASE("every fault is told with the path of its place") {
    struct Case {
        std::string path, words;
        void (*spoil)(ProjectSpec&);
    };
    const std::vector<Case> cases{
        {"name", "not a valid name", [](ProjectSpec& s) { s.name = "My Project"; }},
        {"default_mount_path", "absolute path",
         [](ProjectSpec& s) { s.default_mount_path = "workspace", s.sources.clear(); }},
        {"sources[0].name", "not a valid name", [](ProjectSpec& s) { s.sources[0].name = ""; }},
        {"sources[1].name", "two sources named \"src\"",
         [](ProjectSpec& s) { s.sources[1].name = "src", s.sources[1].mount_path = "/other"; }},
        {"sources[1].sub_path", "..", [](ProjectSpec& s) { s.sources[1].sub_path = "a/../.."; }},
        {"sources[0].git.repository", "expected a git repository",
         [](ProjectSpec& s) {
             s.sources[0].origin = GitSource{"ext::sh", ""};
         }},
        {"sources[0].git.revision", "dash",
         [](ProjectSpec& s) {
             s.sources[0].origin = GitSource{"/srv/repo", "--upload-pack=x"};
         }},
        {"sources[0].git.account", "expected the name of an account",
         [](ProjectSpec& s) {
             s.sources[0].origin = GitSource{"/srv/repo", "", "a\nb"};
         }},
        {"sources[0].nfs.server", "is required", [](ProjectSpec& s) { s.sources[0].origin = NfsSource{"", "/"}; }},
        {"sources[0].nfs.server", "expected a server like",
         [](ProjectSpec& s) { s.sources[0].origin = NfsSource{"a,b", "/"}; }},
        {"sources[0].nfs.path", "absolute path",
         [](ProjectSpec& s) { s.sources[0].origin = NfsSource{"host", "data"}; }},
        {"sources[0].nfs.path", "..", [](ProjectSpec& s) { s.sources[0].origin = NfsSource{"host", "/a/.."}; }},
        {"sources[0].s3.bucket", "is required", [](ProjectSpec& s) { s.sources[0].origin = S3Source{"", ""}; }},
        {"sources[0].s3.bucket", "looks like an address",
         [](ProjectSpec& s) { s.sources[0].origin = S3Source{"", "10.0.0.5"}; }},
        {"sources[0].s3.server", "without a path",
         [](ProjectSpec& s) { s.sources[0].origin = S3Source{"https://host/b", "abc"}; }},
        {"sources[0].s3.region", "expected a region",
         [](ProjectSpec& s) { s.sources[0].origin = S3Source{"", "abc", "--x"}; }},
        {"sources[0].s3.account", "expected the name of an account",
         [](ProjectSpec& s) { s.sources[0].origin = S3Source{"", "abc", "", " ours"}; }},
        {"sources[1].cluster_storage", "is required",
         [](ProjectSpec& s) { s.sources[1].origin = ClusterStorageSource{""}; }},
        {"tasks[0].name", "not a valid name", [](ProjectSpec& s) { s.tasks[0].name = std::string(64, 'x'); }},
        {"tasks[1].name", "two tasks named \"train\"", [](ProjectSpec& s) { s.tasks.push_back(s.tasks[0]); }},
        {"tasks[0].resources", "at least one resource", [](ProjectSpec& s) { s.tasks[0].resources.clear(); }},
        {"tasks[0].resources", "would never end", [](ProjectSpec& s) { worker_of(s).is_permanent = true; }},
        {"tasks[0].resources[1].name", "two resources named \"worker\"",
         [](ProjectSpec& s) { s.tasks[0].resources.push_back(worker_of(s)); }},
        {"tasks[0].resources[0].command", "is required", [](ProjectSpec& s) { worker_of(s).command = " \n"; }},
        {"tasks[0].resources[0].command", "NUL", [](ProjectSpec& s) { worker_of(s).args = std::string("\0", 1); }},
        {"tasks[0].resources[0].replicas", "from 1 to 250, got 0", [](ProjectSpec& s) { worker_of(s).replicas = 0; }},
        {"tasks[0].resources[0].replicas", "got 251", [](ProjectSpec& s) { worker_of(s).replicas = 251; }},
        {"tasks[0].resources[0].gpus", "≥ 0, got -1", [](ProjectSpec& s) { worker_of(s).gpus = -1; }},
        {"tasks[0].resources[0].port", "got 65536", [](ProjectSpec& s) { worker_of(s).port = 65536; }},
        {"tasks[0].resources[0].requests.cpu", "asks for 2000m, more than its limit of 1000m",
         [](ProjectSpec& s) { worker_of(s).requests.cpu_millis = 2000, worker_of(s).limits.cpu_millis = 1000; }},
        {"tasks[0].resources[0].requests.memory", "more than its limit",
         [](ProjectSpec& s) { worker_of(s).requests.memory_bytes = 2, worker_of(s).limits.memory_bytes = 1; }},
        {"tasks[0].resources[0].env", "\"1A\" is not a variable name",
         [](ProjectSpec& s) {
             worker_of(s).env = {{"1A", ""}};
         }},
        {"tasks[0].resources[0].env", "value of A must not contain a NUL",
         [](ProjectSpec& s) {
             worker_of(s).env = {{"A", std::string("\0", 1)}};
         }},
        {"tasks[0].resources[0].volumes", "there is no source \"x\"",
         [](ProjectSpec& s) {
             worker_of(s).default_volume_mapping = false, worker_of(s).volumes = {{"x", "", "", false}};
         }},
        {"tasks[0].resources[0].volumes", "must be absolute",
         [](ProjectSpec& s) { worker_of(s).default_mount_path = "relative"; }},
        {"tasks[0].revisions", "there is no source \"x\"",
         [](ProjectSpec& s) {
             s.tasks[0].revisions = {{"x", "main"}};
         }},
        {"tasks[0].revisions", "dash",
         [](ProjectSpec& s) {
             s.tasks[0].revisions = {{"src", "-x"}};
         }},
    };
    for (const Case& c : cases) {
        CAPTURE(c.path);
        CAPTURE(c.words);
        ProjectSpec spec = a_project();
        c.spoil(spec);
        const std::vector<Fault> faults = validate(spec);
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].path == c.path);
        CHECK_MESSAGE(faults[0].message.find(c.words) != std::string::npos, faults[0].message);
    }
}

TEST_CASE("all faults are told at once, up to a limit") {
    ProjectSpec spec = a_project();
    spec.name = "";
    worker_of(spec).replicas = 0;
    worker_of(spec).port = -1;
    CHECK(validate(spec).size() == 3);
    spec.tasks[0].resources = std::vector<Resource>(1000, worker_of(spec));
    CHECK(validate(spec).size() == 100);
}

TEST_CASE("an image is chosen by whether GPUs are asked for, falling back to the other") {
    Resource resource;
    resource.images = {"cpu-image", "gpu-image"};
    CHECK(resource.image() == "cpu-image");
    resource.gpus = 1;
    CHECK(resource.image() == "gpu-image");
    resource.images.gpu.clear();
    CHECK(resource.image() == "cpu-image");
}

TEST_CASE("placement counts the request, or the default kept within the limit") {
    Resource resource;
    CHECK(effective_requests(resource) == Quantities{50, 128LL << 20});
    resource.limits = {20, 1 << 20};
    CHECK(effective_requests(resource) == Quantities{20, 1 << 20});
    resource.requests = {10, 1000};
    CHECK(effective_requests(resource) == Quantities{10, 1000});
}

TEST_CASE("restarts are as many as the count says, or the policy's") {
    Resource resource;
    CHECK(restarts_allowed(resource) == 0);
    resource.restart_policy = RestartPolicy::kOnFailure;
    CHECK(restarts_allowed(resource) == kDefaultRestarts);
    resource.max_restart_count = 7;
    CHECK(restarts_allowed(resource) == 7);
}
