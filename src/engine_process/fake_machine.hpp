#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_folder.hpp"

namespace pintle::engine_process {

/// A machine of files for tests: what lies in root() is its /proc, /sys, /dev and /etc, and its NVIDIA driver is a
/// library that tells what set_nvml() says (fake_nvml.cpp). One at a time, since that library tells everybody the same.
class FakeMachine {
public:
    static constexpr const char* kNvml = PINTLE_FAKE_NVML;         ///< A library for Nvml.
    static constexpr const char* kOldNvml = PINTLE_FAKE_NVML_OLD;  ///< One that lacks what came late.
    static constexpr const char* kNoNvml = "libnot-there.so.1";

    FakeMachine();
    ~FakeMachine();
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;

    [[nodiscard]] const std::string& root() const { return folder_.path(); }
    /// Writes the file `path` such as "/proc/stat", with the folders that it needs.
    void write(const std::string& path, std::string_view content) const;
    void remove(const std::string& path) const;
    void set_nvml(std::string_view text) const;

private:
    testing::TempFolder folder_;
    std::vector<void*> drivers_;
};

}  // namespace pintle::engine_process
