#include <cstdlib>

#include "engine_process/launcher.hpp"

// What `pintle supervise --launcher` is to the server, for the tests.
int main(int count, char** words) { return count == 2 ? pintle::engine_process::run_launcher(std::atoi(words[1])) : 2; }
