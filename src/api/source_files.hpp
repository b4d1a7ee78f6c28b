#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/call.hpp"
#include "source/source_files.hpp"

namespace pintle::api {

/// What the routes about files of sources share. Threading: the call's; files_of() and all that it gives may block, so
/// they are for the threads of the FileDesk.

/// The source that the path of the call names.
[[nodiscard]] Result<const domain::Source*> source_of(const Call& call);
/// Which threads its files are for.
[[nodiscard]] FileDesk::Where where_of(const domain::Source& source);
/// For the caller of the request, whose accounts are used.
[[nodiscard]] Result<std::unique_ptr<source::SourceFiles>> files_of(const Call& call, const domain::Source& source);

/// `path`, or `encoded_path` for names that are not UTF-8: percent-encoded by the client before it is put into the
/// address as every parameter is. Empty: the source's own folder.
[[nodiscard]] Result<std::string> path_asked(const Call& call);
/// The same of a file, which must be named.
[[nodiscard]] Result<std::string> file_asked(const Call& call);
[[nodiscard]] std::vector<QueryParam> path_params(std::vector<QueryParam> more = {});
/// The name in percent encoding where `name` in JSON cannot be exact, else null.
[[nodiscard]] json::Value encoded_name(const std::string& name);

/// Whether there is room for a file of this size: the one place that all that is put passes before anything of it is
/// stored.
[[nodiscard]] Result<void> check_room(const Call& call, const domain::Source& source,
                                      const source::SourceFiles& files, std::int64_t size_bytes);
/// The part of it that is about quotas: for so many bytes in all, of one file or of several.
[[nodiscard]] Result<void> check_quota(const Call& call, const domain::Source& source, std::int64_t bytes);
/// After so many bytes were put into the source, or something was removed: they count against quotas at once, and what
/// lies there is measured soon.
void note_written(const Call& call, const domain::Source& source, std::int64_t bytes);

}  // namespace pintle::api
