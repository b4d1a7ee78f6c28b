#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "fuzzing.hpp"

namespace pintle::fuzzing {

/// A folder of this process that is emptied for every input; the runner gives a memory file system as TMPDIR.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string path = (std::filesystem::temp_directory_path() / "pintle-fuzz.XXXXXX").string();
        require(::mkdtemp(path.data()) != nullptr, "a folder can be made", path);
        path_ = path;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    void clear() const {
        for (const auto& file : std::filesystem::directory_iterator(path_)) std::filesystem::remove_all(file.path());
    }

private:
    std::string path_;
};

inline void write_file(const std::string& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace pintle::fuzzing
