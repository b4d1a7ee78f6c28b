"""What tests of git sources share: a repository, the server that gives it to who has a password, and what leaves out ssh."""
import pytest

from git_servers import HttpGit, find_sshd, make_repository

needs_sshd = pytest.mark.skipif(find_sshd() is None, reason="there is no OpenSSH server")


@pytest.fixture
def repository(folder):
    return make_repository(folder)


@pytest.fixture
def http(folder, repository):
    made = HttpGit(folder)
    yield made
    made.stop()
