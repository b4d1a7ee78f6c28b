#pragma once

#include "api/api.hpp"
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

    const ApiDeps deps_;
};

}  // namespace pintle::api
