"""What comes in is read strictly: JSON, files by what is in them, and which field is at fault."""
