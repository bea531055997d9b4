"""What the environment tells this function."""

from student_helper.consumer import ConsumerSettings


class AnalyzerSettings(ConsumerSettings):
    """The settings of the analyzer."""

    anthropic_base_url: str | None = None
    """Where Anthropic's API is; its client knows where if it is unset."""
