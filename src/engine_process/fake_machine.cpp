#include "engine_process/fake_machine.hpp"

#include <dlfcn.h>

#include <doctest/doctest.h>

#include "os/file.hpp"

namespace pintle::engine_process {

FakeMachine::FakeMachine() {
    for (const char* path : {kNvml, kOldNvml}) {
        drivers_.push_back(::dlopen(path, RTLD_LAZY | RTLD_LOCAL));
        REQUIRE_MESSAGE(drivers_.back() != nullptr, ::dlerror());
    }
}

FakeMachine::~FakeMachine() {
    set_nvml("");
    for (void* driver : drivers_) ::dlclose(driver);
}

void FakeMachine::write(const std::string& path, std::string_view content) const {
    REQUIRE(os::make_folders(root() + path.substr(0, path.rfind('/'))).has_value());
    REQUIRE(os::write_file_atomic(root() + path, content, 0644, false).has_value());
}

void FakeMachine::remove(const std::string& path) const { REQUIRE(os::remove_tree(root() + path).has_value()); }

void FakeMachine::set_nvml(std::string_view text) const {
    for (void* driver : drivers_) {
        void* const tell = ::dlsym(driver, "fake_nvml_tell");
        REQUIRE(tell != nullptr);
        reinterpret_cast<void (*)(const char*)>(tell)(std::string(text).c_str());
    }
}

}  // namespace pintle::engine_process
