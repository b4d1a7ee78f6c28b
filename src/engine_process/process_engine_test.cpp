#include "engine_process/process_engine.hpp"

#include <doctest/doctest.h>

#include "engine_conformance/conformance.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;

TEST_CASE("the process engine keeps the contract of engines") {
    const testing::TempFolder folder;
    testing::Subject subject;
    subject.shared_folder = folder.path();
    subject.open = [&](engine::Engine::Sink sink) -> std::unique_ptr<engine::Engine> {
        engine_process::Options options;
        options.folder = folder.path() + "/run";
        options.cache_folder = folder.path() + "/cache";
        auto opened = engine_process::ProcessEngine::open(options, std::move(sink));
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
        return std::move(*opened);
    };
    testing::check_conformance(subject);
}
