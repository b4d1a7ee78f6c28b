#include <cstdlib>

#include "engine_process/launcher.hpp"

// The launcher as a program of its own. Of the server it is a part, linked without shared libraries; tests start it as
// they find it.
int main(int count, char** words) { return count == 2 ? pintle::engine_process::run_launcher(std::atoi(words[1])) : 2; }
