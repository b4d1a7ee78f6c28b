#pragma once

#include <map>
#include <string>

#include "api/api.hpp"
#include "base/synchronized.hpp"
#include "engine/engine.hpp"
#include "gateway/directory.hpp"

namespace pintle::api {

/// What the gateway asks of the rest of the server: where components are, who may open them, how they are used.
///
/// Any thread but the core thread, which it asks. Borrows what it is given. Failure: see gateway::Directory.
class ComponentDirectory final : public gateway::Directory {
public:
    explicit ComponentDirectory(const ApiDeps& deps) : deps_(deps) {}

    [[nodiscard]] Result<gateway::Endpoint> find(const domain::ProjectId& project, const std::string& name) override;
    [[nodiscard]] Result<void> admit(const gateway::Pass& pass) override;
    [[nodiscard]] Result<void> resume(const gateway::Pass& pass) override;
    [[nodiscard]] std::vector<gateway::Endpoint> running() override;
    void seen(const gateway::Use& use) override;

private:
    /// In whose name, as the sign-in behind the pass is now.
    [[nodiscard]] Result<auth::Identity> identity_behind(const gateway::Pass& pass);
    [[nodiscard]] Result<auth::Identity> admitted(const gateway::Pass& pass);

    /// Of an attempt whose engine alone knows it. Engines are asked once for each: the answer holds while it runs.
    [[nodiscard]] Result<std::string> address_of(const engine::AttemptId& id);

    using Addresses = std::map<engine::AttemptId, std::string>;
    const ApiDeps deps_;
    Synchronized<Addresses> addresses_;
};

}  // namespace pintle::api
