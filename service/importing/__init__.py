"""What comes in from elsewhere: logs of other systems, as history that does not go on here."""
