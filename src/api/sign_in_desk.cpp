#include "api/sign_in_desk.hpp"

namespace pintle::api {

bool LimitedExecutor::post(std::function<void()> work) {
    if (++under_way_ > limit_) {
        --under_way_;
        return false;
    }
    const bool taken = executor_.post([this, work = std::move(work)] {
        work();
        --under_way_;
    });
    if (!taken) --under_way_;
    return taken;
}

}  // namespace pintle::api
