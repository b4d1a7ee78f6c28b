#include "api/file_desk.hpp"

#include "api/call.hpp"

namespace pintle::api {
namespace {

void refuse(Call& call, std::string_view why) {
    call.retry_after = std::chrono::seconds(5);
    call.answer(fail(ErrorCode::kUnavailable, "{}; try again soon", why));
}

}  // namespace

bool FileDesk::enter(const std::string& project) {
    return busy_.with([&](auto& busy) {
        int& count = busy[project];
        if (count >= kProjectMost) return false;
        ++count;
        return true;
    });
}

void FileDesk::leave(const std::string& project) {
    busy_.with([&](auto& busy) {
        if (--busy[project] == 0) busy.erase(project);
    });
}

void FileDesk::post(const std::shared_ptr<Call>& call, Where where, std::function<void()> work) {
    constexpr std::string_view kFull = "too many files are being looked at or changed at this moment";
    if (where == Where::kDisk) {
        if (!disk_.post(std::move(work))) refuse(*call, kFull);
        return;
    }
    const std::string project = call->project->id.str();
    if (!enter(project)) {
        return refuse(*call,
                      fmt::format("{} requests for files of this project wait already for servers that do not answer",
                                  kProjectMost));
    }
    const bool taken = servers_.post([this, project, work = std::move(work)] {
        work();
        leave(project);
    });
    if (taken) return;
    leave(project);
    refuse(*call, kFull);
}

void FileDesk::stop() {
    stopping_ = true;
    disk_.stop();
    servers_.stop();
    stores_.stop();
}

}  // namespace pintle::api
