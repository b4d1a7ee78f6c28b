#include "document/golden.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

namespace pintle::document {

std::string read_project_file(const std::string& path) {
    std::ifstream in(std::string(PINTLE_SOURCE_DIR) + "/" + path, std::ios::binary);
    REQUIRE_MESSAGE(in.good(), path);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

void check_golden(const std::string& path, std::string_view text) {
    if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && std::string_view(update) == "1") {
        std::ofstream(std::string(PINTLE_SOURCE_DIR) + "/" + path, std::ios::binary) << text;
    }
    INFO("run the test with UPDATE_GOLDEN=1 to accept the change of ", path);
    CHECK(read_project_file(path) == text);
}

}  // namespace pintle::document
