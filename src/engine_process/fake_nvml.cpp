// A library with NVML's functions for tests, which tell what fake_nvml_tell() was last given:
//
//     driver 535.104.05
//     init 9                                  (what nvmlInit_v2 returns)
//     gpu uuid=GPU-a;model=A100;memory=85899345920;minor=0
//     gpu uuid=GPU-d;memory=85899345920;used=1000;busy=97;milliwatts=312500;celsius=71;hangs=1
//     gpu uuid=GPU-b;handle=15                (nothing else can be asked)
//     gpu uuid=GPU-c;model=A100;mig=1;ecc=2;retiring=1;remap_failed=1;asking=999
//
// As with the real one, what GPUs there are is decided at its beginning, one that goes away later is lost, and any
// thread may call. With FAKE_NVML_OLD the functions that came late are left out.
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int kUninitialized = 1;
constexpr int kInvalidArgument = 2;
constexpr int kNotSupported = 3;

using Gpu = std::map<std::string, std::string>;

struct Machine {
    std::string driver;
    int init = 0;
    std::vector<Gpu> gpus;
};

struct Handle {
    std::string uuid;
};

std::mutex mu;
// Guarded by mu.
std::string told;
int begun = 0;
std::vector<Handle*> present;
std::map<std::string, Handle> handles;  // They stay: a call may hang with one for long.

Machine read_machine() {
    Machine machine;
    std::istringstream lines([] {
        const std::lock_guard lock(mu);
        return told;
    }());
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string kind, rest;
        words >> kind >> std::ws;
        std::getline(words, rest);
        if (kind == "driver") machine.driver = rest;
        if (kind == "init") machine.init = std::stoi(rest);
        if (kind != "gpu") continue;
        Gpu gpu;
        std::istringstream fields(rest);
        for (std::string field; std::getline(fields, field, ';');) {
            gpu[field.substr(0, field.find('='))] = field.substr(field.find('=') + 1);
        }
        machine.gpus.push_back(gpu);
    }
    return machine;
}

Gpu now(const Handle* handle) {
    for (const Gpu& gpu : read_machine().gpus) {
        if (gpu.at("uuid") == handle->uuid) return gpu;
    }
    return {{"uuid", handle->uuid}, {"handle", "15"}};  // It is lost.
}

unsigned long long number(const Gpu& gpu, const char* name) {
    const auto found = gpu.find(name);
    return found == gpu.end() ? 0 : std::stoull(found->second);
}

int give_number(const Handle* handle, const char* name, unsigned int* out) {
    const Gpu gpu = now(handle);
    if (gpu.count(name) == 0) return kNotSupported;
    *out = static_cast<unsigned int>(number(gpu, name));
    return 0;
}

int give_text(const std::string& text, char* out, unsigned int size) {
    if (text.size() >= size) return 7;
    std::memcpy(out, text.c_str(), text.size() + 1);
    return 0;
}

}  // namespace

extern "C" {

void fake_nvml_tell(const char* text) {
    const std::lock_guard lock(mu);
    told = text;
}

int nvmlInit_v2() {
    const Machine machine = read_machine();
    if (machine.init != 0) return machine.init;
    const std::lock_guard lock(mu);
    present.clear();
    for (const Gpu& gpu : machine.gpus) {
        present.push_back(&handles.try_emplace(gpu.at("uuid"), Handle{gpu.at("uuid")}).first->second);
    }
    ++begun;
    return 0;
}

int nvmlShutdown() {
    const std::lock_guard lock(mu);
    if (begun == 0) return kUninitialized;
    --begun;
    return 0;
}

const char* nvmlErrorString(int code) {
    switch (code) {
        case 9: return "Driver Not Loaded";
        case 18: return "Driver/library version mismatch";
        case 999: return "Unknown Error";
        default: return "some error";
    }
}

int nvmlSystemGetDriverVersion(char* out, unsigned int size) { return give_text(read_machine().driver, out, size); }

int nvmlDeviceGetCount_v2(unsigned int* out) {
    const std::lock_guard lock(mu);
    if (begun == 0) return kUninitialized;
    *out = static_cast<unsigned int>(present.size());
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, Handle** out) {
    {
        const std::lock_guard lock(mu);
        if (begun == 0) return kUninitialized;
        if (index >= present.size()) return kInvalidArgument;
        *out = present[index];
    }
    return static_cast<int>(number(now(*out), "handle"));
}

int nvmlDeviceGetUUID(Handle* handle, char* out, unsigned int size) {
    const Gpu gpu = now(handle);
    if (gpu.count("asking") > 0) return static_cast<int>(number(gpu, "asking"));
    return give_text(gpu.at("uuid"), out, size);
}

int nvmlDeviceGetName(Handle* handle, char* out, unsigned int size) {
    const Gpu gpu = now(handle);
    return gpu.count("model") > 0 ? give_text(gpu.at("model"), out, size) : kNotSupported;
}

struct Memory {
    unsigned long long total, free, used;
};

int nvmlDeviceGetMemoryInfo(Handle* handle, Memory* out) {
    const Gpu gpu = now(handle);
    if (gpu.count("memory") == 0) return kNotSupported;
    *out = {number(gpu, "memory"), 0, number(gpu, "used")};
    return 0;
}

struct Utilization {
    unsigned int gpu, memory;
};

int nvmlDeviceGetUtilizationRates(Handle* handle, Utilization* out) {
    const Gpu gpu = now(handle);
    if (gpu.count("busy") == 0) return kNotSupported;
    *out = {static_cast<unsigned int>(number(gpu, "busy")), 0};
    return 0;
}

int nvmlDeviceGetPowerUsage(Handle* handle, unsigned int* out) { return give_number(handle, "milliwatts", out); }

int nvmlDeviceGetTemperature(Handle* handle, int sensor, unsigned int* out) {
    // A driver in trouble does not answer for as long as it was told so.
    while (now(handle).count("hangs") > 0) ::usleep(1000);
    return sensor == 0 ? give_number(handle, "celsius", out) : kNotSupported;
}

int nvmlDeviceGetMinorNumber(Handle* handle, unsigned int* out) { return give_number(handle, "minor", out); }

int nvmlDeviceGetTotalEccErrors(Handle* handle, int type, int counter, unsigned long long* out) {
    const Gpu gpu = now(handle);
    if (type != 1 || counter != 0 || gpu.count("ecc") == 0) return kNotSupported;
    *out = number(gpu, "ecc");
    return 0;
}

#ifndef FAKE_NVML_OLD
int nvmlDeviceGetMigMode(Handle* handle, unsigned int* current, unsigned int* pending) {
    *pending = 0;
    return give_number(handle, "mig", current);
}

int nvmlDeviceGetRetiredPagesPendingStatus(Handle* handle, unsigned int* out) {
    return give_number(handle, "retiring", out);
}

int nvmlDeviceGetRemappedRows(Handle* handle, unsigned int* corrected, unsigned int* uncorrected, unsigned int* waiting,
                              unsigned int* failed) {
    *corrected = *uncorrected = *waiting = 0;
    return give_number(handle, "remap_failed", failed);
}
#endif

}  // extern "C"
