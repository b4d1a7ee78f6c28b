#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine_container/container_spec.hpp"
#include "engine_process/declared_gpus.hpp"
#include "runtime/catalogs.hpp"
#include "server/components_config.hpp"
#include "server/sign_in_config.hpp"
#include "source/source_preparer.hpp"

namespace pintle::server {

/// How a server is set up. Everything has a default: `pintle serve` needs no file.
///
///     listen: 127.0.0.1:7171
///     storages:
///     - {name: default, folder: /srv/pintle, project_quota: 100GB, group_quota: 2T}
///     - {name: lab, folder: /srv/lab, group: research, description: fast disks}   # for this group alone
///     node:
///       name: gpu-1
///       gpus: 2                # as many and no more; otherwise those that the drivers list
///       # or: gpus: [{model: A100, memory: 80Gi, count: 4}, {model: T4, count: 2, healthy: false}]
///       labels: {disk: ssd}
///     containers: off          # or {socket: /run/podman/podman.sock, image: "python:3.12", gpus: cdi}
///     log_limit: 2Gi           # per replica; the oldest output goes first
///     stop_grace: 10s          # between TERM and KILL
///     sources:
///       patience: 10m          # how long a job without a timeout waits for them, holding its resources
///       allow_private: true    # false: NFS and S3 servers are not looked for at private addresses
///     metrics:
///       interval: 10s          # how often what jobs and machines use is sampled: 1s to 10s
///       keep: 90d              # how long samples are kept
///       public: true           # whoever reaches the server may read /metrics; otherwise operators, with a token
///     catalogs:                # of project templates, beside the built-in one
///     - {name: team, git: https://git.example/templates, revision: main, account: hub, refresh: 10m}
///     - {name: lab, folder: /srv/templates}
///     public_url, first_operator, sign_in: see SignInConfig
///     components: see ComponentsConfig
struct ServerConfig {
    std::string data;
    std::string listen = "127.0.0.1:7171";
    std::vector<source::Storage> storages;  ///< Empty: one named "default" in the data folder.
    std::string node_name;
    std::map<std::string, std::string> node_labels;
    int declared_gpus = -1;                 ///< -1: as found.
    std::vector<engine_process::DeclaredGpus> declared_kinds;  ///< Unless empty, these GPUs and no others are there.
    std::string container_socket;  ///< Of podman's or Docker's service; empty: looked for.
    bool containers = true;        ///< Whether jobs may run in containers at all.
    std::string default_image;     ///< For resources of container jobs that name none.
    engine_container::GpuWay container_gpus = engine_container::GpuWay::kDeviceRequest;
    std::int64_t log_limit_bytes = std::int64_t{2} << 30;
    Duration stop_grace = std::chrono::seconds(10);
    Duration source_patience = std::chrono::minutes(10);
    bool private_sources = true;
    Duration sample_interval = std::chrono::seconds(10);
    Duration samples_kept = std::chrono::hours(24 * 90);
    bool metrics_public = false;
    std::vector<runtime::CatalogPlace> catalogs;
    SignInConfig sign_in;
    ComponentsConfig components;
};

/// Reads the YAML text over what `config` holds already. Faults have their line and column; unknown fields are
/// faults here, since a server that ignores a misspelt setting surprises later.
[[nodiscard]] Result<void> read_config(std::string_view text, ServerConfig& config);

/// $PINTLE_DATA, $XDG_DATA_HOME/pintle or ~/.local/share/pintle.
[[nodiscard]] std::string default_data_folder();

}  // namespace pintle::server
