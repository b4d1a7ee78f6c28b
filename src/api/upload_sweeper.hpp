#pragma once

#include "api/services.hpp"
#include "api/stream_pump.hpp"

namespace pintle::api {

/// Removes uploads that are over from time to time. Lives on the pump's thread and works on one of the file desk's,
/// since a disk may take its time to remove a large file. Goes with the pump, before the services do.
class UploadSweeper final : public Producer {
public:
    explicit UploadSweeper(Services& services) : services_(services) {}
    [[nodiscard]] Duration step() override {
        // What is not taken now is next time's.
        static_cast<void>(
            services_.files.store([&services = services_] { services.deps.uploads.sweep(services.deps.clock.now()); }));
        return std::chrono::minutes(10);
    }

private:
    Services& services_;
};

}  // namespace pintle::api
