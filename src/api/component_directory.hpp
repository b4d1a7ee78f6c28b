#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

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
    /// A component as the core knows it.
    struct Known {
        gateway::Endpoint endpoint;
        /// The attempt whose engine alone knows its address; none where the placement tells it.
        std::optional<engine::AttemptId> elsewhere;
        bool shared = false;
    };
    /// Each request of a page asks for this. The core is asked when something of components has changed, and then every
    /// answer of before is forgotten; only what runs is remembered, since of the rest the reason changes with time.
    [[nodiscard]] std::optional<Known> look_up(const domain::ProjectId& project, const std::string& name);
    static Known known_from(const core::ComponentView& view, const domain::Project& project, const auth::Tokens& tokens,
                            Time now);
    /// In whose name, as the sign-in behind the pass is now.
    [[nodiscard]] Result<auth::Identity> identity_behind(const gateway::Pass& pass);
    [[nodiscard]] Result<auth::Identity> admitted(const gateway::Pass& pass);

    /// Of an attempt whose engine alone knows it. Engines are asked once for each: the answer holds while it runs.
    [[nodiscard]] Result<std::string> address_of(const engine::AttemptId& id);

    using Addresses = std::map<engine::AttemptId, std::string>;
    struct Remembered {
        std::uint64_t generation = 0;
        std::map<std::pair<domain::ProjectId, std::string>, Known> components;
    };
    const ApiDeps deps_;
    Synchronized<Remembered> remembered_;
    Synchronized<Addresses> addresses_;
};

}  // namespace pintle::api
