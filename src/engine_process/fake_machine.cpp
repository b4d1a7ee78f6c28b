#include "engine_process/fake_machine.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

#include "os/file.hpp"

namespace pintle::engine_process {

FakeMachine::FakeMachine() { ::setenv("PINTLE_FAKE_NVML", (root() + "/nvml").c_str(), 1); }
FakeMachine::~FakeMachine() { ::unsetenv("PINTLE_FAKE_NVML"); }

void FakeMachine::write(const std::string& path, std::string_view content) const {
    REQUIRE(os::make_folders(root() + path.substr(0, path.rfind('/'))).has_value());
    REQUIRE(os::write_file_atomic(root() + path, content, 0644, false).has_value());
}

void FakeMachine::remove(const std::string& path) const { REQUIRE(os::remove_tree(root() + path).has_value()); }

void FakeMachine::set_nvml(std::string_view text) const { write("/nvml", text); }

}  // namespace pintle::engine_process
