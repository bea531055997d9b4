"""What several functions of Student Helper share."""
