#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "catalog/project_template.hpp"
#include "domain/account.hpp"
#include "domain/source.hpp"

namespace pintle::runtime {

/// Where a catalog of templates is, as the operator says: a folder of this machine or a repository.
struct CatalogPlace {
    std::string name;
    std::string folder;       ///< Absolute; empty: it is a repository.
    domain::GitSource git;    ///< Its account is one of an operator.
    std::string sub_path;     ///< The part of the repository that is the catalog; empty: all of it.
    Duration refresh = std::chrono::minutes(10);  ///< A repository is asked again when what is known is so old.
};

/// What is known of a catalog.
struct CatalogState {
    enum class Kind { kBuiltIn, kFolder, kGit };
    std::string name;
    Kind kind = Kind::kGit;
    std::string place;     ///< For people: a URL without secrets, a folder; empty for the built-in one.
    std::string revision;  ///< As configured.
    std::string commit;    ///< Of which the templates are.
    Time read_at{};        ///< When these templates were read; 0: never.
    Time tried_at{};
    std::string fault;     ///< Why it could not be read the last time; empty: it could.
    Time fault_since{};    ///< Since when it cannot.
    std::shared_ptr<const std::vector<catalog::ProjectTemplate>> templates;  ///< Never null.
    std::string account;   ///< Id of the account that it was reached with.

    [[nodiscard]] const catalog::ProjectTemplate* find(const std::string& name) const;
};
[[nodiscard]] std::string_view to_string(CatalogState::Kind kind);  ///< "built-in", "folder", "git"

/// The catalogs of project templates: the one within the program and those of the configuration. A repository is
/// mirrored as sources are, and asked again when what is known of it is old and somebody looks, or on demand. One that
/// cannot be reached keeps what was known, also over a restart.
///
/// Threading: any thread. Owns a thread per catalog, so that one that hangs holds up no other.
/// Failure: is part of what is known of a catalog.
class Catalogs {
public:
    struct Options {
        std::vector<CatalogPlace> places;
        std::string cache_folder;  ///< Of the mirrors, the same as the sources'.
        std::string state_folder;  ///< Which commit of each was known last, and secrets while a remote is asked.
        std::function<Result<domain::OpenAccount>(const std::string& name)> accounts;
        Duration git_timeout = std::chrono::minutes(2);
        Duration patience = std::chrono::seconds(2);  ///< How long who looks waits for what is being read.
    };
    Catalogs(Options options, const Clock& clock);
    ~Catalogs();

    /// All of them, the built-in first. Old ones are read again meanwhile; who looks first waits a moment for it.
    [[nodiscard]] std::vector<CatalogState> all();
    /// Failure: kNotFound with the names there are.
    [[nodiscard]] Result<CatalogState> find(const std::string& name);
    /// Reads it again now and waits for the end of it. The same failure; that it could not be read is in its state.
    [[nodiscard]] Result<CatalogState> refresh(const std::string& name);

    /// The content of a file that a template brings, as it was when the state was taken.
    using EachFile = std::function<Result<void>(const catalog::TemplateFile& file, const std::string& content)>;
    [[nodiscard]] Result<void> read_files(const CatalogState& state, const catalog::ProjectTemplate& of,
                                          const EachFile& each);

private:
    class Keeper;
    std::vector<std::unique_ptr<Keeper>> keepers_;
    Duration patience_{0};
};

}  // namespace pintle::runtime
