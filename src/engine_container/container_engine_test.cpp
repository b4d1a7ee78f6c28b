#include "engine_container/container_engine.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "engine_conformance/conformance.hpp"
#include "engine_container/init_image.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using engine_container::ContainerEngine;
using testing::output_of;

namespace {

/// A podman of our own for as long as this lives.
class Podman {
public:
    Podman() { start(); }
    ~Podman() { (void)script("stop"); }
    Podman(const Podman&) = delete;
    Podman& operator=(const Podman&) = delete;

    void start() {
        const auto done = script("start");
        REQUIRE(done.has_value());
        const std::string said(trim(done->output));
        works_ = done->exit_code == 0;
        if (!works_) MESSAGE("left out: " << said);
        REQUIRE_MESSAGE((works_ || done->exit_code == 77), said);
        socket_ = said;
    }
    /// As a crash of the service would.
    void kill() { REQUIRE(script("kill")->exit_code == 0); }
    std::string run(const std::string& words) {
        std::vector<std::string> all{"run"};
        for (const std::string& word : split(words, ' ')) all.push_back(word);
        return std::string(trim(script(all[0], {all.begin() + 1, all.end()})->output));
    }

    [[nodiscard]] bool works() const { return works_; }
    [[nodiscard]] const std::string& socket() const { return socket_; }

private:
    Result<os::CommandOutput> script(const std::string& word, const std::vector<std::string>& more = {}) {
        os::Command command;
        command.argv = {"/usr/bin/python3", PINTLE_TEST_PODMAN, word, folder_.path() + "/podman"};
        command.argv.insert(command.argv.end(), more.begin(), more.end());
        return os::run(command);
    }

    testing::TempFolder folder_;
    std::string socket_;
    bool works_ = false;
};

/// One for all tests that do not kill it: each has a folder of its own, by which its containers are known.
Podman& shared_podman() {
    static Podman podman;
    return podman;
}

engine_container::Options options_for(const Podman& podman, const std::string& folder) {
    engine_container::Options options;
    options.folder = folder + "/containers";
    options.sockets = {podman.socket()};
    options.keeper_command = {PINTLE_TEST_KEEPER};
    options.init_image = engine_container::init_image();
    options.sweep_every = Duration(1000);
    return options;
}

}  // namespace

TEST_CASE("the container engine keeps the contract of engines") {
    Podman& podman = shared_podman();
    if (!podman.works()) return;
    const testing::TempFolder folder;
    testing::Subject subject;
    subject.shared_folder = folder.path();
    subject.many = 12;
    subject.has_machines = false;
    subject.open = [&](engine::Engine::Sink sink) -> std::unique_ptr<engine::Engine> {
        auto opened = ContainerEngine::open(options_for(podman, folder.path()), std::move(sink));
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
        return std::move(*opened);
    };
    subject.complete = [&](engine::ReplicaLaunch& launch) {
        launch.image = "localhost/pintle-test";
        launch.mounts.push_back({folder.path(), folder.path(), false});
        for (int i = 0; i < subject.many; ++i) launch.hosts.emplace_back("", fmt::format("test-worker-1-{0}.worker-{0}", i));
    };
    testing::check_conformance(subject);
}
