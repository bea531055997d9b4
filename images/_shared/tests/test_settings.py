import pytest

from student_helper.settings import Settings, SettingsError


def test_settings_come_from_the_environment_variables_of_their_names() -> None:
    settings = Settings.from_environment(
        {
            "STACK": "dev",
            "PARAMETER_PREFIX": "/student-helper/dev",
            "PARAMETER_NAMES": "storage/bucket,database/host",
            "PATH": "/bin",
        }
    )

    names = ("storage/bucket", "database/host")
    assert settings == Settings(stack="dev", parameter_prefix="/student-helper/dev", parameter_names=names)


def test_every_missing_or_wrong_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({"PARAMETER_PREFIX": "student-helper/"})

    assert str(raised.value) == (
        r"STACK: Field required; PARAMETER_PREFIX: String should match pattern '^(/[\w.-]+)+$'; "
        r"PARAMETER_NAMES: Field required"
    )
