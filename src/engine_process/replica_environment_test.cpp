#include "engine_process/replica_environment.hpp"

#include <doctest/doctest.h>

using namespace pintle::engine_process;

TEST_CASE("what a launch gives wins over the basics, and the engine's own over both") {
    EnvironmentParts parts;
    parts.basics = {{"PATH", "/bin"}, {"TERM", "dumb"}};
    parts.given = {{"TERM", "mine"}, {"A", "1"}, {"A", "2"}, {"HIP_VISIBLE_DEVICES", "all"}};
    parts.python_environment = "/env";
    parts.attempt = "id";
    CHECK(replica_environment(parts) == Environment{{"PATH", "/env/bin:/bin"},
                                                    {"TERM", "mine"},
                                                    {"A", "2"},
                                                    {"HIP_VISIBLE_DEVICES", ""},
                                                    {"VIRTUAL_ENV", "/env"},
                                                    {"CUDA_VISIBLE_DEVICES", ""},
                                                    {"ROCR_VISIBLE_DEVICES", ""},
                                                    {"PINTLE_ATTEMPT", "id"}});
}

TEST_CASE("NVIDIA's GPUs are named by uuid, AMD's by the indexes that each kind of program counts by") {
    using pintle::domain::Device;
    const Device a{1, "A100", true, "GPU-a", "nvidia"}, b{0, "A100", true, "GPU-b", "nvidia"};
    const Device c{3, "MI210", true, "GPU-c", "amd"}, d{1, "MI210", true, "GPU-d", "amd"}, declared{2, "T4"};
    struct Case {
        std::vector<Device> devices;
        const char *cuda, *rocm, *hip;
    };
    for (const Case& shown : {Case{{a, b}, "GPU-a,GPU-b", "", ""}, Case{{c, d}, "", "3,1", "0,1"},
                              Case{{declared}, "2", "2", "0"}, Case{{a, c}, "GPU-a", "3", "0"}}) {
        EnvironmentParts parts;
        parts.devices = shown.devices;
        Environment expected{{"CUDA_VISIBLE_DEVICES", shown.cuda},
                             {"ROCR_VISIBLE_DEVICES", shown.rocm},
                             {"HIP_VISIBLE_DEVICES", shown.hip}};
        if (*shown.cuda != 0) expected.emplace_back("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        expected.emplace_back("PINTLE_ATTEMPT", "");
        CHECK(replica_environment(parts) == expected);
    }
}
