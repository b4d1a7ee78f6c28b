#pragma once

#include "base/result.hpp"

namespace pintle::engine_process {

/// What keeps a replica's programs from becoming somebody else: the server, whose secrets are those of everybody, or
/// another replica. All of it is for the calling process, which must have one thread where nothing else is said.

/// Other processes of the same user may no longer look into this one: not at its memory, its environment, its open
/// files or its view of the file system. A program that it executes is open to them again. Any thread.
void hide_process();
/// Undoes hide_process(). What /proc/self lets be written belongs to root meanwhile.
void show_process();

/// For root: puts the process into a user namespace of its own in which every user and group keeps its number. It
/// may then not look into processes of other such namespaces, whatever capabilities it has, and those it has count
/// for nothing outside: it can neither undo mounts nor open a port below 1024. Fails where the kernel refuses.
/// `outside`: a socket to a process that calls admit_users(), because only from outside can users be given.
[[nodiscard]] Result<void> enter_own_user_namespace(int outside);
/// Gives the process at the other end its users, as soon as that asks for them and at once if it has ended.
void admit_users(pid_t process, int inside);

/// Before a replica's program is executed: no right can be gained any more, and of root's rights only those stay that
/// programs that install and run software ask for.
[[nodiscard]] Result<void> drop_privileges();

}  // namespace pintle::engine_process
