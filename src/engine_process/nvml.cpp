#include "engine_process/nvml.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "engine_process/gpu_model.hpp"

namespace pintle::engine_process {
namespace {

// The part of NVML's interface that is used here, as NVIDIA's API reference describes it.
using Return = int;
using Handle = struct OpaqueDevice*;

struct Memory {
    unsigned long long total, free, used;
};

struct Utilization {
    unsigned int gpu, memory;  ///< In percent.
};

constexpr Return kSuccess = 0;
constexpr Return kNotSupported = 3;
constexpr Return kNoPermission = 4;
constexpr Return kNotFound = 6;
constexpr Return kFunctionNotFound = 13;
constexpr Return kGpuIsLost = 15;
constexpr Return kResetRequired = 16;
constexpr Return kNoData = 21;

constexpr int kUncorrected = 1;
constexpr int kSinceDriverLoad = 0;
constexpr unsigned int kEnabled = 1;
constexpr std::size_t kTextMax = 96;
constexpr int kChip = 0;  // Whose temperature.

/// A function of the library; one that it lacks answers that it does not have it.
template <class... Args>
class Function {
public:
    void find(void* library, const char* name) {
        call_ = reinterpret_cast<Return (*)(Args...)>(::dlsym(library, name));
    }
    [[nodiscard]] bool is_there() const { return call_ != nullptr; }
    Return operator()(Args... args) const { return call_ != nullptr ? call_(args...) : kFunctionNotFound; }

private:
    Return (*call_)(Args...) = nullptr;
};

/// The driver has nothing to say here, which is no sign of trouble.
bool is_silence(Return code) {
    return code == kNotSupported || code == kNoPermission || code == kNotFound || code == kFunctionNotFound ||
           code == kNoData;
}

}  // namespace

struct Nvml::Library {
    explicit Library(std::string library_name) : name(std::move(library_name)) {}
    ~Library();

    [[nodiscard]] Result<void> load();
    [[nodiscard]] Result<void> begin();
    void end();
    [[nodiscard]] std::string words(Return code) const;
    [[nodiscard]] std::string trouble(Return code) const;
    [[nodiscard]] NvmlGpu ask(Handle handle) const;
    [[nodiscard]] std::string health(Handle handle) const;
    [[nodiscard]] engine::DeviceUsage usage(Handle handle) const;

    const std::string name;
    void* loaded = nullptr;
    bool begun = false;
    bool missing_some = false;  ///< The last answer was not whole.
    unsigned int most = 0;      ///< GPUs that were ever counted.

    Function<> init, shutdown;
    const char* (*error_string)(Return) = nullptr;
    Function<char*, unsigned int> driver_version;
    Function<unsigned int*> count;
    Function<unsigned int, Handle*> handle_by_index;
    Function<Handle, char*, unsigned int> uuid, model;
    Function<Handle, Memory*> memory;
    Function<Handle, unsigned int*> minor_number;
    Function<Handle, unsigned int*, unsigned int*> mig_mode;
    Function<Handle, int, int, unsigned long long*> ecc_errors;
    Function<Handle, unsigned int*> retirement_pending;
    Function<Handle, unsigned int*, unsigned int*, unsigned int*, unsigned int*> remapped_rows;
    Function<Handle, Utilization*> utilization;
    Function<Handle, unsigned int*> power;
    Function<Handle, int, unsigned int*> temperature;
};

Nvml::Library::~Library() {
    end();
    if (loaded != nullptr) ::dlclose(loaded);
}

Result<void> Nvml::Library::load() {
    if (loaded != nullptr) return {};
    void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return fail(ErrorCode::kNotFound, "library not present");
    loaded = library;
    init.find(library, "nvmlInit_v2");
    shutdown.find(library, "nvmlShutdown");
    error_string = reinterpret_cast<const char* (*)(Return)>(::dlsym(library, "nvmlErrorString"));
    driver_version.find(library, "nvmlSystemGetDriverVersion");
    count.find(library, "nvmlDeviceGetCount_v2");
    handle_by_index.find(library, "nvmlDeviceGetHandleByIndex_v2");
    uuid.find(library, "nvmlDeviceGetUUID");
    model.find(library, "nvmlDeviceGetName");
    memory.find(library, "nvmlDeviceGetMemoryInfo");
    minor_number.find(library, "nvmlDeviceGetMinorNumber");
    mig_mode.find(library, "nvmlDeviceGetMigMode");
    ecc_errors.find(library, "nvmlDeviceGetTotalEccErrors");
    retirement_pending.find(library, "nvmlDeviceGetRetiredPagesPendingStatus");
    remapped_rows.find(library, "nvmlDeviceGetRemappedRows");
    utilization.find(library, "nvmlDeviceGetUtilizationRates");
    power.find(library, "nvmlDeviceGetPowerUsage");
    temperature.find(library, "nvmlDeviceGetTemperature");
    return {};
}

Result<void> Nvml::Library::begin() {
    if (begun && missing_some) end();
    if (begun) return {};
    if (!init.is_there() || !count.is_there() || !handle_by_index.is_there()) {
        return fail(ErrorCode::kUnavailable, "the library {} is too old", name);
    }
    if (const Return code = init(); code != kSuccess) return fail(ErrorCode::kUnavailable, "{}", words(code));
    begun = true;
    return {};
}

void Nvml::Library::end() {
    if (begun) shutdown();
    begun = false;
}

std::string Nvml::Library::words(Return code) const {
    const char* text = error_string != nullptr ? error_string(code) : nullptr;
    return text != nullptr ? to_valid_utf8(text) : fmt::format("NVML error {}", code);
}

/// A fault in words; none when the code tells of none.
std::string Nvml::Library::trouble(Return code) const {
    if (code == kSuccess || is_silence(code)) return {};
    if (code == kGpuIsLost) return "the driver has lost it; restarting the machine can bring it back";
    if (code == kResetRequired) return "it must be reset (nvidia-smi --gpu-reset), or the machine restarted";
    return fmt::format("the driver does not answer for it: {}", words(code));
}

std::string Nvml::Library::health(Handle handle) const {
    unsigned int current = 0, pending = 0;
    if (const Return code = mig_mode(handle, &current, &pending); !trouble(code).empty()) return trouble(code);
    if (current == kEnabled) return "in MIG mode, which is not supported";
    unsigned long long errors = 0;
    if (const Return code = ecc_errors(handle, kUncorrected, kSinceDriverLoad, &errors); !trouble(code).empty()) {
        return trouble(code);
    }
    if (errors > 0) {
        return fmt::format("{} could not be corrected since the driver was loaded",
                           count_of(static_cast<std::int64_t>(errors), "memory error"));
    }
    unsigned int retiring = 0;
    if (retirement_pending(handle, &retiring) == kSuccess && retiring == kEnabled) {
        return "pages of its memory wait to be retired, for which it must be reset";
    }
    unsigned int corrected = 0, uncorrected = 0, waiting = 0, failed = 0;
    if (remapped_rows(handle, &corrected, &uncorrected, &waiting, &failed) == kSuccess && failed != 0) {
        return "a bad row of its memory could not be replaced by a spare one";
    }
    return {};
}

NvmlGpu Nvml::Library::ask(Handle handle) const {
    NvmlGpu gpu;
    gpu.device.vendor = "nvidia";
    std::array<char, kTextMax> text{};
    const auto last = static_cast<unsigned int>(text.size() - 1);
    const Return identified = uuid(handle, text.data(), last);
    if (identified == kSuccess) gpu.device.uuid = to_valid_utf8(text.data());
    text.fill('\0');
    const bool is_named = model(handle, text.data(), last) == kSuccess;
    gpu.device.model = gpu_model(is_named ? text.data() : "", "NVIDIA GPU");
    Memory bytes{};
    if (memory(handle, &bytes) == kSuccess) gpu.device.memory_bytes = static_cast<std::int64_t>(bytes.total);
    unsigned int number = 0;
    if (minor_number(handle, &number) == kSuccess) gpu.minor = static_cast<int>(number);
    gpu.device.fault = trouble(identified);
    if (gpu.device.fault.empty()) gpu.device.fault = health(handle);
    return gpu;
}

Nvml::Nvml(std::string library) : library_(std::make_unique<Library>(std::move(library))) {}
Nvml::~Nvml() = default;

Result<NvmlReport> Nvml::list() {
    Library& nvml = *library_;
    TRY(nvml.load());
    TRY(nvml.begin());
    NvmlReport report;
    std::array<char, kTextMax> version{};
    if (nvml.driver_version(version.data(), kTextMax - 1) == kSuccess) report.driver = to_valid_utf8(version.data());
    unsigned int count = 0;
    if (const Return code = nvml.count(&count); code != kSuccess) {
        nvml.end();
        return fail(ErrorCode::kUnavailable, "{}", nvml.words(code));
    }
    nvml.most = std::max(nvml.most, count);
    nvml.missing_some = count < nvml.most;
    for (unsigned int i = 0; i < count; ++i) {
        Handle handle = nullptr;
        const Return code = nvml.handle_by_index(i, &handle);
        if (code == kNoPermission) continue;  // Another container's, or another user's.
        NvmlGpu gpu;
        if (code == kSuccess) gpu = nvml.ask(handle);
        else gpu.device.fault = nvml.trouble(code).empty() ? nvml.words(code) : nvml.trouble(code);
        gpu.device.vendor = "nvidia";
        gpu.device.index = static_cast<int>(i);
        gpu.device.healthy = gpu.device.fault.empty();
        nvml.missing_some = nvml.missing_some || gpu.device.uuid.empty();
        report.gpus.push_back(std::move(gpu));
    }
    return report;
}

engine::DeviceUsage Nvml::Library::usage(Handle handle) const {
    engine::DeviceUsage used;
    std::array<char, kTextMax> text{};
    if (uuid(handle, text.data(), kTextMax - 1) == kSuccess) used.uuid = to_valid_utf8(text.data());
    Utilization busy{};
    if (utilization(handle, &busy) == kSuccess) used.busy_percent = busy.gpu;
    Memory bytes{};
    if (memory(handle, &bytes) == kSuccess) used.memory_bytes = static_cast<std::int64_t>(bytes.used);
    unsigned int milliwatts = 0, celsius = 0;
    if (power(handle, &milliwatts) == kSuccess) used.power_watts = milliwatts / 1000.0;
    if (temperature(handle, kChip, &celsius) == kSuccess) used.temperature_celsius = celsius;
    return used;
}

Result<std::vector<engine::DeviceUsage>> Nvml::usage() {
    Library& nvml = *library_;
    TRY(nvml.load());
    TRY(nvml.begin());
    unsigned int count = 0;
    if (const Return code = nvml.count(&count); code != kSuccess) {
        nvml.end();
        return fail(ErrorCode::kUnavailable, "{}", nvml.words(code));
    }
    nvml.most = std::max(nvml.most, count);
    nvml.missing_some = count < nvml.most;
    std::vector<engine::DeviceUsage> all;
    for (unsigned int i = 0; i < count; ++i) {
        Handle handle = nullptr;
        const Return code = nvml.handle_by_index(i, &handle);
        if (code == kNoPermission) continue;
        engine::DeviceUsage used;
        if (code == kSuccess) used = nvml.usage(handle);
        nvml.missing_some = nvml.missing_some || used.uuid.empty();
        if (!used.uuid.empty()) all.push_back(std::move(used));
    }
    // The driver looks for lost GPUs again only when nobody uses it any more, and whoever lists them wants it to.
    if (nvml.missing_some) nvml.end();
    return all;
}

}  // namespace pintle::engine_process
