"""What comes in from elsewhere: reports in files, and logs of other systems, as history that does not go on here."""
