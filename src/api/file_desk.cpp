#include "api/file_desk.hpp"

#include "api/call.hpp"

namespace pintle::api {
namespace {

void refuse(Call& call, std::string_view why) {
    call.retry_after = std::chrono::seconds(5);
    call.answer(fail(ErrorCode::kUnavailable, "{}; try again soon", why));
}

}  // namespace

bool FileDesk::enter(const std::string& whose) {
    return busy_.with([&](auto& busy) {
        int& count = busy[whose];
        if (count >= kMostOfOne) return false;
        ++count;
        return true;
    });
}

void FileDesk::leave(const std::string& whose) {
    busy_.with([&](auto& busy) {
        if (--busy[whose] == 0) busy.erase(whose);
    });
}

void FileDesk::post(const std::shared_ptr<Call>& call, Where where, std::function<void()> work) {
    constexpr std::string_view kFull = "too many files are being looked at or changed at this moment";
    if (where == Where::kDisk) {
        if (!disk_.post(std::move(work))) refuse(*call, kFull);
        return;
    }
    const std::string whose = call->project ? call->project->id.str() : call->identity.user.str();
    if (!enter(whose)) {
        return refuse(*call, fmt::format("{} requests {} wait already for servers that do not answer", kMostOfOne,
                                         call->project ? "for files of this project" : "of yours"));
    }
    const bool taken = servers_.post([this, whose, work = std::move(work)] {
        work();
        leave(whose);
    });
    if (taken) return;
    leave(whose);
    refuse(*call, kFull);
}

void FileDesk::stop() {
    stopping_ = true;
    disk_.stop();
    servers_.stop();
    stores_.stop();
}

}  // namespace pintle::api
