"""What the environment tells this function."""

from student_helper.consumer import ConsumerSettings


class EmbedderSettings(ConsumerSettings):
    """The settings of the embedder."""

    voyage_base_url: str | None = None
    """Where Voyage's API is; its client knows where if it is unset."""
