#include "engine_process/inventory.hpp"

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

void write(const std::string& path, std::string_view content) {
    REQUIRE(os::make_folders(path.substr(0, path.rfind('/'))).has_value());
    REQUIRE(os::write_file_atomic(path, content).has_value());
}

}  // namespace

TEST_CASE("GPUs are found by their device files and named by the driver") {
    const testing::TempFolder root;
    for (const char* name : {"nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "null"}) {
        write(root.path() + "/dev/" + name, "");
    }
    write(root.path() + "/proc/driver/nvidia/gpus/0000:01:00.0/information",
          "Model: \t\t A Model\nIRQ:   1\nDevice Minor: \t 1\n");
    const auto found = find_gpus({"", -1, root.path()});
    REQUIRE(found.size() == 3);
    CHECK(found[0].model == "GPU");
    CHECK(found[1] == domain::Device{1, "A Model", true});
    CHECK(found[2].index == 2);
    CHECK(find_gpus({"", 2, root.path()}).size() == 2);
    CHECK(find_gpus({"", 0, root.path()}).empty());
    CHECK(find_gpus({"", -1, root.path() + "/none"}).empty());
}

TEST_CASE("the machine's memory and system are read from its files") {
    CHECK(parse_memory_total("MemFree: 1 kB\nMemTotal:       16384 kB\n") == 16384 * 1024);
    CHECK(parse_memory_total("nothing") == 0);
    CHECK(parse_os_name("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n") ==
          "Debian GNU/Linux 12 (bookworm)");
    CHECK(parse_os_name("") == "Linux");
}

TEST_CASE("this machine has a name, processors and memory") {
    const domain::Node node = describe_machine({"", -1, ""});
    CHECK_FALSE(node.name.empty());
    CHECK(node.cpu_millis > 0);
    CHECK(node.memory_bytes > 0);
    CHECK(node.labels.count("hostname") == 1);
    CHECK(describe_machine({"mine", -1, ""}).name == "mine");
}
