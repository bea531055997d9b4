"""How the functions talk to AWS."""

from botocore.config import Config

CLIENT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
"""For the clients of every function: botocore's own defaults would let one silent request take 60 s."""
