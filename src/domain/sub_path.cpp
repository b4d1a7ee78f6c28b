#include "domain/sub_path.hpp"

#include <array>

#include "base/text.hpp"

namespace pintle::domain {

Result<std::string> clean_sub_path(std::string_view path) {
    if (path.size() > 1024)
        return fail(ErrorCode::kInvalid, "a path has at most 1024 characters, this one has {}", path.size());
    if (path.find('\0') != std::string_view::npos)
        return fail(ErrorCode::kInvalid, "a path must not contain a NUL byte");
    std::string clean;
    for (const std::string& part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..") return fail(ErrorCode::kInvalid, "\"{}\" must not contain \"..\"", to_valid_utf8(path));
        clean += "/" + part;
    }
    const bool absolute = path.starts_with('/');
    if (clean.empty()) return std::string(absolute ? "/" : "");
    return absolute ? clean : clean.substr(1);
}

Result<std::string> storage_folder(std::string_view sub_path, const StoragePlace& place) {
    const std::string clean = TRY(clean_sub_path(sub_path));
    const std::string organisation = "org/" + place.organisation;
    const std::string project = organisation + "/" + place.project;
    // "/shared" without a trailing slash is an organisation's own folder, so the raw text decides; a bare
    // "/shared/" is the shared folder itself.
    if (sub_path.starts_with("/shared/") && !place.is_local)
        return "shared" + (clean.size() > 7 ? clean.substr(7) : std::string());
    if (clean == "/") return project;
    if (clean.starts_with('/')) return organisation + clean;
    if (clean.empty()) return project + "/" + place.source;
    return project + "/" + clean;
}

bool is_private_sub_path(std::string_view sub_path) {
    const auto clean = clean_sub_path(sub_path);
    return clean && (!clean->starts_with('/') || *clean == "/");
}

std::string join_sub_path(std::string_view base, std::string_view below) {
    while (below.starts_with('/')) below.remove_prefix(1);
    if (below.empty()) return std::string(base);
    if (base.empty()) return std::string(below);
    return base.ends_with('/') ? fmt::format("{}{}", base, below) : fmt::format("{}/{}", base, below);
}

std::string storage_sub_path_below(std::string_view base, std::string_view below, std::string_view source_name) {
    while (below.starts_with('/')) below.remove_prefix(1);
    // "." appends nothing, as an empty path does.
    if (clean_sub_path(below).value_or("refused").empty()) return std::string(base);
    // A base that is refused stays in the result, to be refused there.
    const std::string clean = clean_sub_path(base).value_or("refused");
    if (clean.empty()) return join_sub_path(source_name, below);
    if (clean == "/") return std::string(below);
    // "/shared" is the organisation's own; with a part behind it it would be taken for everybody's.
    const std::string whole = join_sub_path(base, below);
    return whole.starts_with("/shared/") && !base.starts_with("/shared/") ? "/" + whole : whole;
}

Result<std::string> resolve_mount_path(std::string_view mount_path, std::string_view default_mount_path,
                                       std::string_view source_name) {
    while (default_mount_path.ends_with('/')) default_mount_path.remove_suffix(1);
    const std::string_view path = mount_path.empty() ? source_name : mount_path;
    const std::string whole =
        path.starts_with('/') ? std::string(path) : fmt::format("{}/{}", default_mount_path, path);
    if (!whole.starts_with('/'))
        return fail(ErrorCode::kInvalid, "the default mount path \"{}\" must be absolute, like /workspace",
                    to_valid_utf8(default_mount_path));
    std::string clean = TRY(clean_sub_path(whole));
    constexpr std::array<std::string_view, 14> kSystem{"/",    "/bin", "/boot", "/dev", "/etc",  "/lib", "/lib64",
                                                       "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var"};
    for (const std::string_view folder : kSystem) {
        const bool inside =
            folder != "/" && clean.starts_with(folder) && clean.size() > folder.size() && clean[folder.size()] == '/';
        const bool never_inside = folder == "/proc" || folder == "/sys" || folder == "/dev" || folder == "/etc";
        if (clean == folder || (inside && never_inside)) {
            return fail(ErrorCode::kInvalid,
                        "nothing can be mounted at \"{}\": it belongs to the system; use a path like /workspace/{}",
                        clean, source_name);
        }
    }
    return clean;
}

}  // namespace pintle::domain
