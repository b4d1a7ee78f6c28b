#include <doctest/doctest.h>

#include "cli/fake_server.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::json_answer;

namespace {

const std::string kAna =
    R"({"id":"U1","name":"ana","role":"data scientist","status":"onboarded","group":{"id":"G1","name":"research"},
    "created_at":"2026-03-01T11:57:00Z",
    "jobs":{"live":2},"gpus":4,"has_password":true,"provider":null})";
const std::string kBo =
    R"({"id":"U2","name":"bo","role":"operator","status":"onboarding","group":{"id":"default",
    "name":"Default Group"},"created_at":"2026-03-01T11:57:00Z",
    "jobs":{"live":0},"gpus":0,"has_password":false,"provider":null})";
const std::string kPool =
    R"({"id":"P1","name":"research","model":"A100","group":{"id":"G1","name":"research"},"total":8,"used":6,"free":1,
    "unhealthy":1,"missing":0,
    "waiting_jobs":2,"clustered":true,"nodes":[{"node":"n1","gpus":4},{"node":"n2","gpus":4}],
    "used_by_group":[{"group":{"id":"G1","name":"research"},"gpus":6}],
    "created_at":"2026-03-01T11:57:00Z"})";
const std::string kDevices =
    R"([{"name":"n1/GPU-1","node":"n1","uuid":"GPU-1","index":0,"model":"A100","vendor":"nvidia",
    "memory_bytes":80000000000,"healthy":true,"fault":null,
    "pool":"research","in_use":true,"job":"J1","job_name":"digits/train:3"},
    {"name":"n1/GPU-2","node":"n1","uuid":"GPU-2","index":1,"model":"A100","vendor":"nvidia",
    "memory_bytes":80000000000,"healthy":false,
    "fault":"fell off the bus","pool":"research","in_use":false,"job":null,"job_name":null}])";
const std::string kInvitation = R"({"user":)" + kAna +
                                R"(,"link":"http://here:7171/welcome#pin_abc","code":"pin_abc",
    "expires_at":"2026-03-08T12:00:00Z"})";

std::string with(std::string object, const std::string& more) {
    object.pop_back();
    return object + "," + more + "}";
}
std::string group() {
    return R"({"id":"G1","name":"research","pool":)" + kPool +
           R"(,"fair_share":true,"borrowing":{"cohort":"science","nominal":null,"limit":4,"reclaim":true},"users":1,
    "gpus":4,"created_at":"2026-03-01T11:57:00Z"})";
}
std::string full_pool() {
    return with(kPool, R"("devices":)" + kDevices + R"(,"missing_devices":[{"node":"n4","uuid":"GPU-7"}])");
}
std::string full_group() { return with(group(), R"("members":[)" + kAna + "]"); }
std::string list(const std::string& items) { return R"({"items":[)" + items + R"(],"next_cursor":null})"; }

}  // namespace

TEST_CASE("people are listed with what they use, and shown one by one") {
    CliBox box;
    box.server.on("GET", "/users", list(kAna + "," + kBo));
    CHECK(box.run({"user", "list"}) == 0);
    CHECK(box.out == "user  role            group          jobs  gpus  status      since\n"
                     "ana   data scientist  research          2     4  onboarded   3 min ago\n"
                     "bo    operator        Default Group              onboarding  3 min ago\n");
    CHECK(box.run({"user", "list", "-q"}) == 0);
    CHECK(box.out == "ana\nbo\n");
    CHECK(box.run({"user", "list", "--group", "research", "--text", "an", "--offboarded"}) == 0);
    CHECK(*box.server.last("GET", "/users").query.find("group") == "research");
    CHECK(*box.server.last("GET", "/users").query.find("offboarded") == "true");
    CHECK(box.run({"user", "list", "-o", "wide"}) == 0);
    CHECK(box.out.find("password") != std::string::npos);
    box.server.on("GET", "/users/ana", kAna);
    CHECK(box.run({"user", "show", "ana"}) == 0);
    CHECK(box.out ==
          "ana   data scientist in research, onboarded\n  2 live jobs, 4 GPUs in use\n  signs in by password\n");
    CHECK(box.run({"user", "show", "ana", "-o", "json"}) == 0);
    CHECK(box.out.find("\"gpus\": 4") != std::string::npos);
    CHECK(box.run({"user", "show", "nobody"}) == 3);
    box.server.on("GET", "/users", list(""));
    CHECK(box.run({"user", "list"}) == 0);
    CHECK(box.out == "nobody matches\n");
}

TEST_CASE("who is let in gets a link, which -q prints alone") {
    CliBox box;
    box.server.on("POST", "/users", [](const net::Request&) { return json_answer(201, kInvitation); });
    box.server.on("POST", "/users/ana/invite", [](const net::Request&) { return json_answer(201, kInvitation); });
    CHECK(box.run({"user", "onboard", "ana", "--group", "research"}) == 0);
    CHECK(box.out == "ana: data scientist in research\n"
                     "Send them this link; it is shown only now, and sets a password once:\n"
                     "  http://here:7171/welcome#pin_abc\n"
                     "It is good until 2026-03-08 12:00:00. A new one: pintle user invite ana\n");
    CHECK(box.server.last("POST", "/users").body == R"({"name":"ana","group":"research"})");
    CHECK(box.run({"user", "onboard", "bo", "--operator", "-q"}) == 0);
    CHECK(box.out == "http://here:7171/welcome#pin_abc\n");
    CHECK(box.server.last("POST", "/users").body == R"({"name":"bo","role":"operator"})");
    CHECK(box.run({"user", "invite", "ana", "-q"}) == 0);
    CHECK(box.out == "http://here:7171/welcome#pin_abc\n");
}

TEST_CASE("people are promoted, demoted and moved") {
    CliBox box;
    box.server.on("PATCH", "/users/bo", kBo);
    box.server.on("PATCH", "/users/ana", kAna);
    CHECK(box.run({"user", "promote", "bo"}) == 0);
    CHECK(box.out == "bo is an operator now\n");
    CHECK(box.server.last("PATCH", "/users/bo").body == R"({"role":"operator"})");
    CHECK(box.run({"user", "demote", "ana"}) == 0);
    CHECK(box.out == "ana is a data scientist now\n");
    CHECK(box.run({"user", "move", "ana", "research"}) == 0);
    CHECK(box.out == "ana is in research now\n");
    CHECK(box.server.last("PATCH", "/users/ana").body == R"({"group":"research"})");
    box.server.on("PATCH", "/users/bo", [](const net::Request&) {
        return error_answer(409, "conflict", "bo is the last operator; promote somebody else first");
    });
    CHECK(box.run({"user", "demote", "bo"}) == 4);
    CHECK(box.err.find("bo is the last operator; promote somebody else first") != std::string::npos);
}

TEST_CASE("somebody is off-boarded after their name is typed, and with live jobs only by force") {
    CliBox box;
    box.server.on("GET", "/users/bo", kBo);
    box.server.on("GET", "/users/ana", kAna);
    box.server.on("POST", "/users/bo/offboard", kBo);
    box.server.on("POST", "/users/ana/offboard", kAna);
    box.server.on("GET", "/users", list(kAna + "," + kBo));
    CHECK(box.run({"user", "offboard", "bo", "--yes"}) == 4);
    CHECK(box.err.find("bo is the last operator; promote somebody else first") != std::string::npos);
    CHECK(box.out.empty());
    const std::string cleo = R"({"id":"U3","name":"cleo","role":"operator","status":"onboarded"})";
    box.server.on("GET", "/users", list(kBo + "," + cleo));
    CHECK(box.run({"user", "offboard", "bo"}) == 2);
    CHECK(box.err.find("nobody is here to confirm; to off-board bo anyway, add --yes") != std::string::npos);
    CHECK(box.run({"user", "offboard", "bo", "--yes"}) == 0);
    CHECK(box.out == "Off-boarding bo\n  ends    their password, sessions, tokens and invitations\n"
                     "  keeps   their projects and jobs, for their group to see\noff-boarded bo\n");
    CHECK(box.server.last("POST", "/users/bo/offboard").body == R"({"force":false})");
    CHECK(box.run({"user", "offboard", "ana", "--yes"}) == 4);
    CHECK(box.err.find("ana has 2 live jobs") == std::string::npos);
    CHECK(box.err.find("ana has 2 jobs that did not end; wait for their end, or add --force, which stops them") !=
          std::string::npos);
    CHECK(box.run({"user", "offboard", "ana", "--force", "--yes"}) == 0);
    CHECK(box.out.find("  stops   2 jobs of theirs\n") != std::string::npos);
    CHECK(box.server.last("POST", "/users/ana/offboard").body == R"({"force":true})");
    box.use_terminal();
    box.input = {"ben"};
    CHECK(box.run({"user", "offboard", "bo"}) != 0);
    CHECK(box.err.find("that is not bo; nothing was changed") != std::string::npos);
}

TEST_CASE("groups are listed and shown with their people and their pool") {
    CliBox box;
    box.server.on("GET", "/groups", list(group()));
    CHECK(box.run({"group", "list"}) == 0);
    CHECK(box.out ==
          "group     users  gpus  pool      of the pool                              waiting  fair share  cohort\n"
          "research      1     4  research  6 of 8 A100 in use, 1 free, 1 unhealthy        2  yes         science\n");
    box.server.on("GET", "/groups/research", full_group());
    CHECK(box.run({"group", "show", "research"}) == 0);
    CHECK(box.out == "research   1 user, 4 GPUs in use\n"
                     "  pool research: 6 of 8 A100 in use, 1 free, 1 unhealthy, 2 jobs waiting\n"
                     "  fair share: among jobs of equal priority, who uses least goes first\n"
                     "  in the cohort science: its whole pool is its own, up to 4 more on loan; it takes back what it "
                     "lent when it needs it\n\n"
                     "  user  role            jobs  gpus  status     since\n"
                     "  ana   data scientist     2     4  onboarded  3 min ago\n");
}

TEST_CASE("a group is made with its pool and edited, and says what it lacks") {
    CliBox box;
    box.server.on("POST", "/groups", [](const net::Request&) { return json_answer(201, full_group()); });
    box.server.on("PATCH", "/groups/research", full_group());
    CHECK(box.run({"group", "create", "research"}) == 2);
    CHECK(box.err.find("--pool") != std::string::npos);
    CHECK(box.run({"group", "create", "research", "--pool", "research", "--fair-share", "on", "--cohort", "science",
                   "--borrow", "4", "--reclaim"}) == 0);
    CHECK(box.out == "created research with the pool research: 6 of 8 A100 in use, 1 free, 1 unhealthy\n"
                     "next: pintle user onboard NAME --group research\n");
    CHECK(box.server.last("POST", "/groups").body ==
          R"({"pool":"research","fair_share":true,"borrowing":{"cohort":"science","limit":4,"reclaim":true},)"
          R"("name":"research"})");
    CHECK(box.run({"group", "edit", "research", "--no-borrowing", "--name", "vision"}) == 0);
    CHECK(box.server.last("PATCH", "/groups/research").body == R"({"borrowing":null,"name":"vision"})");
    CHECK(box.run({"group", "edit", "research"}) == 2);
    CHECK(box.err.find("say what to change: --name, --pool, --fair-share, --cohort") != std::string::npos);
    CHECK(box.run({"group", "edit", "research", "--borrow", "3"}) == 2);
    CHECK(box.err.find("say with which groups it shares: --cohort NAME, the same for each of them") !=
          std::string::npos);
    CHECK(box.run({"group", "edit", "research", "--cohort", "a", "--no-borrowing"}) == 2);
    CHECK(box.err.find("--cohort and --no-borrowing do not go together") != std::string::npos);
}

TEST_CASE("a group or a pool is deleted after its name is typed, with what becomes of its content") {
    CliBox box;
    box.server.on("GET", "/groups/research", full_group());
    box.server.on("DELETE", "/groups/research", R"({"deleted":"research"})");
    box.server.on("GET", "/pools/research", full_pool());
    box.server.on("DELETE", "/pools/research", R"({"deleted":"research"})");
    CHECK(box.run({"group", "delete", "research", "--yes"}) == 0);
    CHECK(box.out == "Deleting the group research\n  moves   1 user to the Default Group, with their projects\n"
                     "  keeps   the pool research, for another group\ndeleted the group research\n");
    CHECK(box.run({"pool", "delete", "research", "--yes"}) == 4);
    CHECK(box.err.find("the pool research belongs to the group research; give the group another pool or delete it "
                       "first") != std::string::npos);
    CHECK(box.out.empty());
    box.server.on("GET", "/pools/default", R"({"id":"default","name":"Default Pool","total":8,"group":null})");
    CHECK(box.run({"pool", "delete", "default", "--yes"}) == 4);
    CHECK(box.err.find("the Default Pool cannot be deleted") != std::string::npos);
    CHECK(box.out.empty());
    box.server.on("GET", "/pools/research", R"({"id":"P1","name":"research","total":8,"group":null})");
    CHECK(box.run({"pool", "delete", "research"}) == 2);
    CHECK(box.err.find("nobody is here to confirm; to delete research anyway, add --yes") != std::string::npos);
    CHECK(box.run({"pool", "delete", "research", "--yes"}) == 0);
    CHECK(box.out ==
          "Deleting the pool research\n  moves   8 GPUs to the Default Pool\ndeleted the pool research\n");
}

TEST_CASE("pools are listed and shown with their GPUs") {
    CliBox box;
    box.server.on("GET", "/pools", list(kPool));
    CHECK(box.run({"pool", "list"}) == 0);
    CHECK(box.out == "pool      model  gpus  in use  free  unhealthy  waiting  nodes  group\n"
                     "research  A100      8       6     1          1        2      2  research\n");
    box.server.on("GET", "/pools/research", full_pool());
    CHECK(box.run({"pool", "show", "research"}) == 0);
    CHECK(box.out == "research   group: research\n"
                     "  6 of 8 A100 in use, 1 free, 1 unhealthy, 2 jobs waiting; on 2 nodes\n"
                     "  used by: research 6\n"
                     "  missing: n4/GPU-7\n\n"
                     "  gpu       model  memory  state                        job\n"
                     "  n1/GPU-1  A100    80 GB  in use                       digits/train:3\n"
                     "  n1/GPU-2  A100    80 GB  unhealthy: fell off the bus\n");
}

TEST_CASE("a pool is made by number or by name, and edited") {
    CliBox box;
    box.server.on("POST", "/pools", [](const net::Request&) { return json_answer(201, full_pool()); });
    box.server.on("GET", "/pools/research", full_pool());
    box.server.on("PATCH", "/pools/research", full_pool());
    CHECK(box.run({"pool", "create", "research", "--gpus", "8", "--model", "A100"}) == 0);
    CHECK(box.out == "created research: 6 of 8 A100 in use, 1 free, 1 unhealthy\n"
                     "next: pintle group create NAME --pool research\n");
    CHECK(box.server.last("POST", "/pools").body == R"({"name":"research","model":"A100","gpus":8})");
    CHECK(box.run({"pool", "edit", "research", "--gpus", "12"}) == 0);
    CHECK(box.server.last("PATCH", "/pools/research").body == R"({"gpus":12})");
    CHECK(box.run({"pool", "edit", "research", "--add", "n3/GPU-9", "--remove", "n1/GPU-2"}) == 0);
    CHECK(box.server.last("PATCH", "/pools/research").body ==
          R"({"devices":[{"node":"n3","uuid":"GPU-9"},{"node":"n1","uuid":"GPU-1"},{"node":"n4","uuid":"GPU-7"}]})");
    CHECK(box.run({"pool", "edit", "research", "--remove", "n7/GPU-2"}) == 3);
    CHECK(box.err.find("not every GPU to remove is in research; see: pintle pool show research") != std::string::npos);
    CHECK(box.run({"pool", "edit", "research", "--add", "GPU-9"}) == 2);
    CHECK(box.err.find("a GPU is named NODE/UUID, not \"GPU-9\"; see: pintle device list") != std::string::npos);
    CHECK(box.run({"pool", "edit", "research"}) == 2);
    CHECK(box.err.find("say what to change: --gpus, --add, --remove, --name, --model") != std::string::npos);
}

TEST_CASE("machines and GPUs are shown") {
    CliBox box;
    box.server.on("GET", "/devices", R"({"items":)" + kDevices + R"(,"next_cursor":null})");
    CHECK(box.run({"device", "list"}) == 0);
    CHECK(box.out == "gpu       model  memory  state                        pool      job\n"
                     "n1/GPU-1  A100    80 GB  in use                       research  digits/train:3\n"
                     "n1/GPU-2  A100    80 GB  unhealthy: fell off the bus  research\n");
    CHECK(box.run({"device", "list", "--pool", "research", "-q"}) == 0);
    CHECK(box.out == "n1/GPU-1\nn1/GPU-2\n");
    CHECK(*box.server.last("GET", "/devices").query.find("pool") == "research");
    box.server.on("GET", "/devices/n1/GPU-1",
                  R"({"name":"n1/GPU-1","model":"A100","memory_bytes":80000000000,"healthy":true,"fault":null,
    "pool":"another group","in_use":true,"job_name":null})");
    CHECK(box.run({"device", "show", "n1/GPU-1"}) == 0);
    CHECK(box.out == "n1/GPU-1   A100, 80 GB\n  in use by a job of another group; pool: another group\n");
    box.server.on(
        "GET", "/nodes/n1",
        R"({"name":"n1","os":"Debian 12","kernel":"6.1.0","cpu_model":"EPYC","cpus":64,
    "booted_at":"2026-03-01T11:57:00Z","cpu_millis":64000,
        "cpu_millis_used":16000,"memory_bytes":128000000000,"memory_bytes_used":0,"labels":{},"replicas":2,
    "devices":)" +
            kDevices + "}");
    CHECK(box.run({"node", "show", "n1"}) == 0);
    CHECK(box.out.find("  Debian 12, kernel 6.1.0\n  64 × EPYC\n  started 3 min ago\n\n  gpu ") != std::string::npos);
    box.server.on("GET", "/devices", list(""));
    CHECK(box.run({"device", "list"}) == 0);
    CHECK(box.out == "no GPUs found; see what was looked for with: pintle doctor\n");
}

TEST_CASE("the audit log is read from a time on") {
    CliBox box;
    box.server.on("GET", "/audit",
                  list(R"({"at":"2026-03-01T11:57:00Z","actor":"bo","via":"session","address":"10.0.0.7",
    "action":"user.onboard","subject":"ana","detail":"as data scientist"})"));
    CHECK(box.run({"audit", "--since", "2h", "--until", "2026-03-01", "--action", "user."}) == 0);
    CHECK(box.out ==
          "when       who  did           to   detail\n3 min ago  bo   user.onboard  ana  as data scientist\n");
    CHECK(*box.server.last("GET", "/audit").query.find("since") == "2026-03-01T10:00:00.000Z");
    CHECK(*box.server.last("GET", "/audit").query.find("until") == "2026-03-01T00:00:00Z");
    CHECK(*box.server.last("GET", "/audit").query.find("action") == "user.");
    CHECK(box.run({"audit", "-o", "wide"}) == 0);
    CHECK(box.out.find("10.0.0.7") != std::string::npos);
    box.server.on("GET", "/audit", list(""));
    CHECK(box.run({"audit"}) == 0);
    CHECK(box.out == "nothing is on record that matches\n");
}
