"""The image-processor: checks uploaded pictures, and makes of each what is shown of it."""
