"""Jobs in containers of a real Docker, which is taken out of its packages for these tests: what podman's tests hold it to, too."""
import shutil

import pytest

from test_containers import ContainerService, server_with
from test_containers import (  # noqa: F401: tests, which run here with the fixtures below
    test_a_component_in_a_container_is_reached_through_the_server,
    test_a_container_is_measured_and_what_its_program_reports_is_kept,
    test_a_job_reaches_the_server_and_nobody_elses_network,
    test_a_job_survives_the_death_of_the_container_service,
    test_a_job_survives_the_death_of_the_server_without_a_gap_in_its_log,
    test_a_job_that_ends_while_there_is_no_server_is_found_ended,
    test_a_job_with_an_image_runs_in_a_container_with_its_log_and_exit,
    test_a_replica_that_uses_up_its_memory_is_told_of_in_words,
    test_a_stop_gives_the_program_its_grace,
    test_replicas_reach_each_other_by_name,
    test_sources_are_mounted_at_their_paths_and_read_only_where_so_said,
    test_what_a_crash_left_behind_is_removed,
)


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """The service that the tests call podman."""
    folder = tmp_path_factory.mktemp("docker")
    made = ContainerService("docker_service.py", folder)
    yield made
    made.script("stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def contained(make_server, podman):
    yield from server_with(make_server, podman)


def test_the_doctor_says_that_docker_runs_containers(contained):
    findings = {each["subject"]: each["message"] for each in contained.request("GET", "/doctor")["findings"]}
    assert "docker 2" in findings["containers"].lower()
