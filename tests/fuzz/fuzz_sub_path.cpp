#include "base/text.hpp"
#include "domain/sub_path.hpp"
#include "fuzzing.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

const domain::StoragePlace kPlace{"research", "digits", "training"};

bool is_below(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder + "/");
}

void require_stays(const std::string& path, std::string_view from) {
    for (const std::string& part : split(path, '/')) require(part != "..", "a path never goes up", from);
    require(path.find('\0') == std::string::npos, "a path has no zero byte", from);
    require(path.find("//") == std::string::npos, "a path has single slashes", from);
}

void check_clean(std::string_view path) {
    const auto clean = domain::clean_sub_path(path);
    if (!clean) {
        require(!domain::storage_folder(path, kPlace), "what cannot be cleaned has no folder", path);
        return;
    }
    require_stays(*clean, path);
    require(clean->starts_with('/') == path.starts_with('/'), "a path stays absolute or relative", path);
    require(*clean == "/" || !clean->ends_with('/'), "a path ends with a name", path);
    require(must(domain::clean_sub_path(*clean), "a clean path is clean") == *clean, "a clean path stays as it is", path);
}

void check_storage(std::string_view path) {
    const auto folder = domain::storage_folder(path, kPlace);
    if (!folder) return;
    require_stays(*folder, path);
    require(!folder->starts_with('/'), "a storage folder is below the storage", *folder);
    const bool is_private = domain::is_private_sub_path(path);
    require(is_below(*folder, "shared") || is_below(*folder, "org/research"), "a storage folder has an owner", *folder);
    require(is_below(*folder, "shared") == path.starts_with("/shared/"), "only /shared/ is everybody's", *folder);
    require(!is_private || is_below(*folder, "org/research/digits"), "a private folder is the project's", *folder);
}

// What a volume appends leads below what the source names, so it cannot change who sees it.
void check_below(std::string_view base, std::string_view below) {
    const auto folder = domain::storage_folder(base, kPlace);
    if (!folder || !domain::clean_sub_path(below)) return;
    const std::string joined = domain::storage_sub_path_below(base, below, kPlace.source);
    const auto whole = domain::storage_folder(joined, kPlace);
    if (!whole) return;  // Each part may be as long as both together.
    while (below.starts_with('/')) below.remove_prefix(1);
    const std::string rest = must(domain::clean_sub_path(below), "it was clean before");
    const std::string expected = *folder + (rest.empty() ? "" : "/") + rest;
    require(*whole == expected, "a volume's sub path is below its source's", fmt::format("{} is not {}", *whole, expected));
    require(domain::is_private_sub_path(joined) == domain::is_private_sub_path(base), "what is appended changes nobody's access", joined);
}

void check_mount(std::string_view mount_path, std::string_view default_mount_path) {
    const auto path = domain::resolve_mount_path(mount_path, default_mount_path, kPlace.source);
    if (!path) return;
    require_stays(*path, mount_path);
    require(path->starts_with('/') && *path != "/", "a mount path is an absolute folder", *path);
    for (const char* folder : {"/proc", "/sys", "/dev", "/etc"}) {
        require(!is_below(*path, folder), "nothing is mounted in the system's own folders", *path);
    }
}

}  // namespace

// Two paths, on two lines: a source's and a volume's, or a mount path and the default one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(data, size);
    const std::size_t line_end = text.find('\n');
    const std::string_view first = text.substr(0, line_end);
    const std::string_view second = line_end == std::string_view::npos ? std::string_view() : text.substr(line_end + 1);
    check_clean(first);
    check_storage(first);
    check_below(first, second);
    check_mount(first, second);
    return 0;
}
