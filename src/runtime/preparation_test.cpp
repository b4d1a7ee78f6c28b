#include "runtime/preparation.hpp"

#include <doctest/doctest.h>

#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::runtime;
using namespace pintle::testing;

namespace {

Source from(std::string name, SourceOrigin origin) {
    Source source;
    source.name = std::move(name);
    source.origin = std::move(origin);
    return source;
}

Job a_job() {
    GitSource git;
    git.repository = "https://git.example:8443/team/digits";
    GitSource file;
    file.repository = "/srv/git/digits.git";
    NfsSource nfs;
    nfs.server = "filer.example";
    S3Source s3;
    s3.server = "http://buckets.example:9000";
    s3.bucket = "data";
    Job job;
    job.spec.task = a_task("train", {a_resource("worker")});
    job.spec.sources = {from("src", git), from("local", file), from("data", nfs), from("models", s3),
                        from("training", ClusterStorageSource{"default"})};
    return job;
}

using Places = std::set<std::string>;

}  // namespace

TEST_CASE("the places of a job are the servers of the sources that it mounts") {
    Job job = a_job();
    CHECK(places_of(job) == Places{"git git.example", "nfs filer.example", "s3 http://buckets.example:9000"});
    Resource& worker = job.spec.task.resources.front();
    worker.default_volume_mapping = false;
    CHECK(places_of(job).empty());
    Volume volume;
    volume.source = "data";
    worker.volumes = {volume};
    CHECK(places_of(job) == Places{"nfs filer.example"});
}

TEST_CASE("packages and images come from places too") {
    Job job = a_job();
    job.spec.sources.clear();
    job.spec.task.resources.front().packages = {"numpy"};
    CHECK(places_of(job) == Places{"packages"});
    job.spec.engine = EngineKind::kContainer;
    job.spec.task.resources.front().images.cpu = "registry.example/team/image:1";
    CHECK(places_of(job) == Places{"images registry.example"});
}

TEST_CASE("what a job wrote goes to the servers of the sources that get it") {
    Job job = a_job();
    CHECK(places_written_by(job).empty());
    job.preparation = Preparation{};
    job.preparation->written_back = {"models"};
    CHECK(places_written_by(job) == Places{"s3 http://buckets.example:9000"});
}
